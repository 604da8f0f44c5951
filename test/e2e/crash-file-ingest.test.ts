import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, endedJob, jobState, mutate } from '../support/api-client';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';

const ROWS = 1_200_000;
const ROUNDS = 3;

const random = seededTest('crash-file-ingest');
let server: RestartableServer;

beforeAll(async () => {
  server = await RestartableServer.start();
  const joinKeys = [{ name: 'device', dtype: 'INT64' }];
  await mutate(server.url, 'applyEntity', { name: 'device', joinKeys }, 'entity { id }');
  const fields = [
    { name: 'level', dtype: 'DOUBLE' },
    { name: 'note', dtype: 'STRING' },
  ];
  await mutate(server.url, 'applyFeatureView', { name: 'readings', entity: 'device', fields }, 'featureView { id }');
}, 60_000);
afterAll(() => server.end());

/** Of its own in every round, so that its bytes are another artifact. */
function csvOf(round: number): Buffer {
  const lines = ['device,eventTimestamp,level,note'];
  for (let row = 0; row < ROWS; row++) lines.push(`${row},2026-01-0${round}T00:00:00Z,${row / 8},note ${row}`);
  return Buffer.from(lines.join('\n'));
}

async function upload(bytes: Buffer): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const input = { kind: 'FEATURE_FILE', sizeBytes: bytes.byteLength, sha256, mediaType: 'text/csv' };
  const { upload: open } = await mutate<{ upload: { url: string } }>(
    server.url,
    'createArtifactUpload',
    input,
    'upload { url }',
  );
  const response = await fetch(server.url + open.url, { method: 'PUT', body: new Uint8Array(bytes) });
  expect(response.status).toBeLessThan(300);
  return sha256;
}

const filesBelow = (folder: string): string[] => {
  const directory = path.join(server.dataDirectory, 'offline', folder);
  if (!fs.existsSync(directory)) return [];
  const entries = fs.readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

it('kill -9 while a file is ingested: the job is done again, its rows are there once, and nothing is left behind', async () => {
  const moments: string[] = [];
  let batches = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const artifact = await upload(csvOf(round));
    const input = { view: 'readings', artifact, format: 'CSV', idempotencyKey: `file-${round}` };
    const { job } = await mutate<{ job: { id: string } }>(server.url, 'ingestFeatureFile', input, 'job { id }');
    // In the first round while the bytes are copied or read, later anywhere up to the commit.
    await until('begun job', async () => (await jobState(server.url, job.id)).status !== 'QUEUED');
    if (round > 1) await sleep(random.integer(1500));
    const { status } = await jobState(server.url, job.id);
    await server.crash();
    moments.push(`${status} with ${filesBelow('incoming').length} files incoming`);
    await server.restart();

    await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED', error: null });
    // A client that has heard nothing asks again, and hears of the same job.
    const again = await mutate<{ job: { id: string } }>(server.url, 'ingestFeatureFile', input, 'job { id }');
    expect(again.job.id).toBe(job.id);
    const answer = await ask<{ job: { batches: { rowCount: number; ingestSequence: number }[] } }>(
      server.url,
      `query Test($id: ID!) { job(id: $id) { ... on FeatureIngestJob { batches { rowCount ingestSequence } } } }`,
      { id: job.id },
    );
    expect(answer.job.batches).toEqual([
      { rowCount: 2 ** 20, ingestSequence: batches + 1 },
      { rowCount: ROWS - 2 ** 20, ingestSequence: batches + 2 },
    ]);
    batches += 2;
    const { featureView } = await ask<{ featureView: { rowCount: number } }>(
      server.url,
      '{ featureView(name: "readings") { rowCount } }',
    );
    expect(featureView.rowCount).toBe(round * ROWS);
    expect(filesBelow('batches')).toHaveLength(batches);
    expect(filesBelow('incoming')).toEqual([]);
  }
  process.stdout.write(`crash-file-ingest: ${moments.join('; ')}\n`);
  expect(moments.filter((moment) => moment.startsWith('RUNNING'))).not.toEqual([]);
}, 180_000);
