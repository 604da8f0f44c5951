import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, endedJob, mutate, NoAnswer } from '../support/api-client';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';

const ROUNDS = 5;
const CLIENTS = 3;
const ENTITIES = 40;

interface Batch {
  readonly number: number;
  acknowledged: boolean;
}

const random = seededTest('crash-compaction');
const batches: Batch[] = [];
/** Entities whose erasure was asked for before any batch that could bring them back was stopped. */
const erased = new Set<number>();
let database: TestDatabase;
let server: RestartableServer;

const entityOf = (index: number) => `device-${index}`;
const rowsOf = ({ number }: Batch) =>
  Array.from({ length: ENTITIES }, (_, index) => index)
    .filter((index) => !erased.has(index))
    .map((index) => ({
      device: entityOf(index),
      // The same for all batches: the newest is told by its place in the order of batches alone.
      eventTimestamp: '2026-01-01T00:00:00Z',
      serial: String(number),
    }));

beforeAll(async () => {
  database = await createTestDatabase();
  server = await RestartableServer.start({ databaseUrl: database.url, migrationDatabaseUrl: database.ownerUrl });
  const { url } = server;
  await mutate(url, 'applyEntity', { name: 'device', joinKeys: [{ name: 'device' }] }, 'entity { id }');
  const fields = [{ name: 'serial', dtype: 'INT64' }];
  await mutate(url, 'applyFeatureView', { name: 'readings', entity: 'device', fields }, 'featureView { id }');
  const service = { name: 'all', features: [{ view: 'readings' }] };
  await mutate(url, 'applyFeatureService', service, 'featureService { id }');
}, 60_000);
afterAll(async () => {
  await server.end();
  await database.drop();
});

/** Lets the server go away in the middle. */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
  }
}

async function send(isOver: () => boolean): Promise<void> {
  const client = async () => {
    while (!isOver()) {
      const batch: Batch = { number: batches.length, acknowledged: false };
      batches.push(batch);
      await patiently(async () => {
        const input = { view: 'readings', rows: rowsOf(batch), idempotencyKey: `batch-${batch.number}` };
        await mutate(server.url, 'ingestFeatures', input, 'batch { rowCount }');
        batch.acknowledged = true;
      });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

const startCompaction = () =>
  mutate<{ job: { id: string } }>(server.url, 'compactFeatures', { views: ['readings'] }, 'job { id }');
const startErasure = (index: number) =>
  mutate<{ job: { id: string } }>(
    server.url,
    'eraseEntity',
    { entity: 'device', key: { device: entityOf(index) } },
    'job { id }',
  );

const batchFiles = () =>
  fs
    .readdirSync(path.join(server.dataDirectory, 'offline', 'batches'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(server.dataDirectory, 'offline'), path.join(entry.parentPath, entry.name)))
    .sort();
const select = <Row>(sql: string) => database.dataSource.query<Row[]>(sql);
const names = async (sql: string) => (await select<{ file: string }>(sql)).map(({ file }) => file);
const knownFiles = () =>
  names(
    'SELECT file FROM feature_batches WHERE file IS NOT NULL UNION SELECT file FROM retired_feature_files ORDER BY file',
  );
const running = async (kind: string): Promise<number> =>
  (await select(`SELECT 1 FROM jobs WHERE kind = '${kind}' AND status = 'RUNNING'`)).length;
const jobsDone = () =>
  until('end of all jobs', async () => {
    const open = await select(`SELECT 1 FROM jobs WHERE status IN ('QUEUED', 'RUNNING')`);
    return open.length === 0;
  });

/** What is served of every entity: the number of the batch that is the newest. */
async function served(): Promise<(number | null)[]> {
  const { job } = await mutate<{ job: { id: string } }>(
    server.url,
    'materializeFeatures',
    { views: ['readings'] },
    'job { id }',
  );
  await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
  const { onlineFeatures } = await ask<{ onlineFeatures: { values: { value: string | null }[] }[] }>(
    server.url,
    `query Test($entities: [FeatureRow!]!) { onlineFeatures(featureService: "all", entities: $entities) { values { value } } }`,
    { entities: Array.from({ length: ENTITIES }, (_, index) => ({ device: entityOf(index) })) },
  );
  return onlineFeatures.map(({ values: [{ value }] }) => (value === null ? null : Number(value)));
}

/** The statistics read every row's newest: as many entities as there are, and the counts of what was ingested. */
async function checkNothingLost(): Promise<void> {
  const present = await select<{ n: number }>('SELECT count(*)::float8 AS n FROM feature_batches');
  const acknowledged = batches.filter((batch) => batch.acknowledged).length;
  expect(present[0].n).toBeGreaterThanOrEqual(acknowledged);
  const newest = await served();
  const expected = await select<{ number: number }>(
    `SELECT substring(key from 'batch-(.*)')::float8 AS number FROM idempotency_keys k
     JOIN feature_batches b ON b.id::text = k.response #>> '{}' WHERE k.mutation = 'ingestFeatures' ORDER BY b.ingest_sequence DESC LIMIT 1`,
  );
  newest.forEach((serial, index) => {
    expect([index, serial]).toEqual([index, erased.has(index) ? null : expected[0].number]);
  });
}

describe('kill -9 of the server while it compacts and erases', () => {
  it('loses nothing acknowledged, leaves no stray file, and goes on with what it was asked for', async () => {
    const found = { strayFiles: 0, compactions: 0, erasures: 0 };
    for (let round = 1; round <= ROUNDS; round++) {
      let isOver = false;
      const before = batches.length;
      const sending = send(() => isOver);
      await until('batches', () => batches.slice(before).filter(({ acknowledged }) => acknowledged).length >= 20);
      const compacting = (async () => {
        while (!isOver) await patiently(async () => endedJob(server.url, (await startCompaction()).job.id));
      })();
      await sleep(50 + random.integer(400));
      isOver = true;
      await server.crash();
      await Promise.all([sending, compacting]);
      const known = await knownFiles();
      found.strayFiles += batchFiles().filter((file) => !known.includes(file)).length;
      found.compactions += await running('COMPACTION');

      await server.restart();
      await jobsDone();
      await checkNothingLost();
      expect(batchFiles()).toEqual(await knownFiles());

      // Nobody ingests now. The server dies while it forgets an entity.
      const victim = round;
      erased.add(victim);
      const { job } = await startErasure(victim);
      await sleep(random.integer(60));
      await server.crash();
      found.erasures += await running('ENTITY_ERASURE');
      await server.restart();
      await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
      await checkNothingLost();
      const files = await names('SELECT DISTINCT file FROM feature_batches WHERE file IS NOT NULL ORDER BY file');
      expect(batchFiles()).toEqual(await knownFiles());
      // Of what is replaced nothing stays that held the entity: it was in every batch, and so in every file.
      expect(batchFiles()).toEqual(files);
    }
    process.stdout.write(`crash-compaction: ${batches.length} batches, ${JSON.stringify(found)}\n`);
    // Else the moments were badly chosen and nothing was shown.
    expect(found.compactions).toBeGreaterThan(0);
    expect(found.erasures).toBeGreaterThan(0);
  }, 180_000);

  it('leaves every row of the others there once, and none of the erased', async () => {
    const { job } = await startCompaction();
    await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
    const { verifyAuditTrail, featureStatistics } = await ask<{
      verifyAuditTrail: { valid: boolean };
      featureStatistics: { count: number }[];
    }>(server.url, '{ verifyAuditTrail { valid } featureStatistics(view: "readings") { count } }');
    expect(verifyAuditTrail.valid).toBe(true);
    expect(featureStatistics[0].count).toBe(ENTITIES - erased.size);
    const [erasures] = await select<{ keys: number; n: number }>(
      'SELECT count(entity_key)::float8 AS keys, count(*)::float8 AS n FROM entity_erasures',
    );
    expect(erasures).toEqual({ keys: 0, n: ROUNDS });
  }, 60_000);
});
