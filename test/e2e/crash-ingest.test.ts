import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, endedJob, mutate, NoAnswer } from '../support/api-client';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';

const ROUNDS = 4;
const CLIENTS = 6;
const ROWS = 200;
const LOST_ANSWERS = 0.15;
const START = Date.UTC(2026, 0, 1);

type Row = Record<string, string | number | boolean | null>;

/** A batch that clients send until it is acknowledged, always with the same key. Even ones are readings, odd ones their labels. */
interface Batch {
  readonly number: number;
  readonly view: 'readings' | 'labels';
  readonly rows: readonly Row[];
  acknowledged: boolean;
}

const entityOf = (batch: number, row: number) => ({ device: `pair-${Math.floor(batch / 2)}`, slot: row });
const serialOf = (batch: number, row: number) => Math.floor(batch / 2) * ROWS + row;
const readingOf = (batch: number, row: number) => ({
  serial: String(serialOf(batch, row)),
  level: serialOf(batch, row) / 8 - 3.5,
  note: row % 7 === 0 ? null : `α-${serialOf(batch, row)} "quoted"`,
});
const labelOf = (batch: number, row: number) => ({ broken: serialOf(batch, row) % 3 === 0 });

function makeBatch(number: number): Batch {
  const view = number % 2 === 0 ? 'readings' : 'labels';
  const values = view === 'readings' ? readingOf : labelOf;
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    ...entityOf(number, row),
    eventTimestamp: new Date(START + serialOf(number, row) * 1000).toISOString(),
    ...values(number, row),
  }));
  return { number, view, rows, acknowledged: false };
}

const random = seededTest('crash-ingest');
let server: RestartableServer;
const batches: Batch[] = [];

beforeAll(async () => {
  server = await RestartableServer.start();
  const { url } = server;
  const joinKeys = [{ name: 'device' }, { name: 'slot', dtype: 'INT64' }];
  await mutate(url, 'applyEntity', { name: 'slot', joinKeys }, 'entity { id }');
  const readings = [
    { name: 'serial', dtype: 'INT64' },
    { name: 'level', dtype: 'DOUBLE' },
    { name: 'note', dtype: 'STRING' },
  ];
  for (const view of [
    { name: 'readings', entity: 'slot', fields: readings },
    { name: 'labels', entity: 'slot', fields: [{ name: 'broken', dtype: 'BOOL' }] },
  ]) {
    await mutate(url, 'applyFeatureView', view, 'featureView { id }');
  }
  for (const [name, ...views] of [
    ['training', 'readings'],
    ['everything', 'readings', 'labels'],
  ]) {
    const input = { name, features: views.map((view) => ({ view })) };
    await mutate(url, 'applyFeatureService', input, 'featureService { id }');
  }
}, 60_000);
afterAll(() => server.end());

/**
 * Sends batches until the server is gone: first those that nobody knows the end of. Some answers are lost on the way, so that there are batches
 * which the server has and their client does not know of.
 */
async function send(isOver: () => boolean): Promise<void> {
  const unknown = batches.filter(({ acknowledged }) => !acknowledged);
  const client = async () => {
    while (!isOver()) {
      let batch = unknown.shift();
      if (!batch) batches.push((batch = makeBatch(batches.length)));
      const patience = random.uniform() < LOST_ANSWERS ? AbortSignal.timeout(5 + random.integer(100)) : undefined;
      try {
        await ingest(batch, patience);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

async function ingest(batch: Batch, signal?: AbortSignal): Promise<void> {
  const { view, rows, number } = batch;
  const { batch: stored } = await mutate<{ batch: { rowCount: number } }>(
    server.url,
    'ingestFeatures',
    { view, rows, idempotencyKey: `batch-${number}` },
    'batch { rowCount }',
    signal,
  );
  expect(stored.rowCount).toBe(ROWS);
  batch.acknowledged = true;
}

/** Brings the online store up to date and reads from there which batches there are, with every value compared. */
async function presentBatches(): Promise<Batch[]> {
  const views = ['readings', 'labels'];
  const { job } = await mutate<{ job: { id: string } }>(server.url, 'materializeFeatures', { views }, 'job { id }');
  await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
  const present: Batch[] = [];
  for (let pair = 0; pair < batches.length; pair += 2) {
    const entities = Array.from({ length: ROWS }, (_, row) => entityOf(pair, row));
    const { onlineFeatures } = await ask<{
      onlineFeatures: { values: { name: string; value: unknown; status: string }[] }[];
    }>(
      server.url,
      `query Test($entities: [FeatureRow!]!) {
         onlineFeatures(featureService: "everything", entities: $entities) { values { name value status } }
       }`,
      { entities },
    );
    const seen = onlineFeatures.map(({ values }) => new Map(values.map((value) => [value.name, value])));
    for (const batch of batches.slice(pair, pair + 2)) {
      const wanted = batch.view === 'readings' ? readingOf : labelOf;
      const isThere = seen[0].get(batch.view === 'readings' ? 'serial' : 'broken')?.status === 'PRESENT';
      seen.forEach((row, index) => {
        // All of its rows are there, or none.
        for (const [name, value] of Object.entries(wanted(batch.number, index))) {
          const status = !isThere ? 'NOT_FOUND' : value === null ? 'NULL' : 'PRESENT';
          expect(row.get(name)).toEqual({ name, value: isThere ? value : null, status });
        }
      });
      if (isThere) present.push(batch);
    }
  }
  return present;
}

async function rowCounts(): Promise<Record<string, number>> {
  const { readings, labels } = await ask<Record<string, { rowCount: number }>>(
    server.url,
    '{ readings: featureView(name: "readings") { rowCount } labels: featureView(name: "labels") { rowCount } }',
  );
  return { readings: readings.rowCount, labels: labels.rowCount };
}

const rowsOf = (present: readonly Batch[], view: string) =>
  ROWS * present.filter((batch) => batch.view === view).length;

/** Of the embedded server. */
const postgresPid = () =>
  fs.readFileSync(path.join(server.dataDirectory, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0];

const batchDirectory = () => path.join(server.dataDirectory, 'offline', 'batches');
const batchFiles = () =>
  fs
    .readdirSync(batchDirectory(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('kill -9 of the server while clients ingest', () => {
  it('loses no acknowledged batch, shows none by half, and takes retries as what they are', async () => {
    const found = { unacknowledged: 0, committed: 0, strayFiles: 0 };
    const postgres = postgresPid();
    for (let round = 1; round <= ROUNDS; round++) {
      let isOver = false;
      const sending = send(() => isOver);
      await until('acknowledged batch', () => batches.some(({ acknowledged }) => acknowledged));
      await sleep(random.integer(900));
      isOver = true;
      await server.crash();
      await sending;
      const filesLeft = batchFiles().length;
      const [folder] = fs.readdirSync(batchDirectory());
      for (const name of ['stray.parquet', 'half.parquet.tmp']) {
        fs.writeFileSync(path.join(batchDirectory(), folder, name), 'PAR1');
      }
      await server.restart();
      // The PostgreSQL that was left behind is taken over.
      expect(postgresPid()).toBe(postgres);

      const present = await presentBatches();
      const unacknowledged = batches.filter(({ acknowledged }) => !acknowledged);
      expect(batches.filter(({ acknowledged }) => acknowledged).filter((batch) => !present.includes(batch))).toEqual(
        [],
      );
      const expected = { readings: rowsOf(present, 'readings'), labels: rowsOf(present, 'labels') };
      await expect(rowCounts()).resolves.toEqual(expected);
      // The sweep has left the files of the manifest, and no other.
      const files = batchFiles();
      expect(files).toHaveLength(present.length);
      expect(files.filter((name) => /stray|half|tmp/.test(name))).toEqual([]);

      found.unacknowledged += unacknowledged.length;
      found.committed += unacknowledged.filter((batch) => present.includes(batch)).length;
      found.strayFiles += filesLeft - present.length;
    }
    process.stdout.write(`crash-ingest: ${batches.length} batches, ${JSON.stringify(found)}\n`);
    // Else the moments were badly chosen and nothing was shown.
    expect(found.unacknowledged).toBeGreaterThanOrEqual(ROUNDS);

    // Twice at once: a retry must not overtake itself either.
    if (batches.length % 2 === 1) batches.push(makeBatch(batches.length));
    const open = batches.filter(({ acknowledged }) => !acknowledged);
    await Promise.all([...open, ...open].map((batch) => ingest(batch)));
    await expect(presentBatches()).resolves.toEqual(batches);
    const rows = ROWS * (batches.length / 2);
    await expect(rowCounts()).resolves.toEqual({ readings: rows, labels: rows });
    expect(batchFiles()).toHaveLength(batches.length);
  }, 120_000);

  it('leaves an offline store in which every row is there once, with its values', async () => {
    const { job, dataset } = await mutate<{ job: { id: string }; dataset: { id: string } }>(
      server.url,
      'createDataset',
      {
        name: 'after the crashes',
        featureService: 'training',
        labels: { view: 'labels', field: 'broken' },
        split: { strategy: 'TIME' },
      },
      'job { id } dataset { id }',
    );
    await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
    const answer = await ask<{ dataset: { rowCount: number; statistics: unknown[]; preview: Row[] } }>(
      server.url,
      `query Test($id: ID!) {
         dataset(id: $id) { rowCount statistics { name count nullCount distinctCount min max } preview(first: 100) }
       }`,
      { id: dataset.id },
    );
    const rows = ROWS * (batches.length / 2);
    expect(answer.dataset.rowCount).toBe(rows);
    // Each of 0 … rows − 1 once.
    expect(answer.dataset.statistics).toContainEqual({
      name: 'serial',
      count: rows,
      nullCount: 0,
      distinctCount: rows,
      min: 0,
      max: rows - 1,
    });
    expect(answer.dataset.preview).toHaveLength(100);
    for (const row of answer.dataset.preview) {
      const [batch, slot] = [2 * Number(String(row.device).slice('pair-'.length)), Number(row.slot)];
      expect(row).toMatchObject(readingOf(batch, slot));
    }
  }, 30_000);

  it('leaves a whole audit trail', async () => {
    const { verifyAuditTrail } = await ask<{ verifyAuditTrail: { valid: boolean; entryCount: number } }>(
      server.url,
      '{ verifyAuditTrail { valid entryCount } }',
    );
    expect(verifyAuditTrail.valid).toBe(true);
    expect(verifyAuditTrail.entryCount).toBeGreaterThan(batches.length);
  });
});
