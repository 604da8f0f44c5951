import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InvalidInputs } from '../../../src/errors';
import { sweepOfflineFiles } from '../../../src/services/features';
import { OFFLINE_FILES_LOCK } from '../../../src/services/features/ingest/manifest';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.openWithoutJobs();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const rowOf = (id: string, values: Record<string, string | number | boolean | null> = {}) => ({
  subscriber_id: id,
  eventTimestamp: '2026-01-01',
  ...values,
});

const parquetFiles = (): string[] =>
  readdirSync(features.directory, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet') || name.endsWith('.tmp'));

const committed = () =>
  features.database.dataSource.query<{ ingest_sequence: number; file: string }[]>(
    'SELECT ingest_sequence, file FROM feature_batches ORDER BY ingest_sequence',
  );

test('a batch is durable under its manifest row when ingest answers, with its place in the order', async () => {
  const rows = [
    rowOf('a', { minutes: 1.5, eventTimestamp: '2026-01-01T00:00:00.000001Z' }),
    rowOf('b', { eventTimestamp: '2026-03-01' }),
  ];
  const batch = await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  expect(batch).toMatchObject({ ingestSequence: 1, rowCount: 2, actor: 'ada' });
  expect(batch.minEventTimestamp).toEqual(new Date('2026-01-01T00:00:00Z'));
  expect(batch.maxEventTimestamp).toEqual(new Date('2026-03-01'));
  expect(parquetFiles()).toEqual([batch.file]);
  expect(await features.audit.verify(null)).toMatchObject({ valid: true });
});

test('29, 30: one bad value refuses the whole batch, and up to 20 problems come at once, each with its row and column', async () => {
  const rows = [
    rowOf('a', { minutes: 'many' }),
    { eventTimestamp: '2026-01-01' },
    rowOf('c', { eventTimestamp: null, calls: 1.5, unheard_of: 1 }),
    ...Array.from({ length: 50 }, (_, index) => rowOf(`s${index}`, { plan: 1 })),
  ];
  const refusal: unknown = await features.ingest
    .ingest({ view: 'usage', rows }, ENGINEER)
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(InvalidInputs);
  const { all } = refusal as InvalidInputs;
  expect(all).toHaveLength(20);
  expect(all.slice(0, 5).map(({ field, message }) => [field?.slice(2).join('.'), message])).toEqual([
    ['0.minutes', 'rows.0.minutes: "many" is not a finite number'],
    ['1.subscriber_id', 'rows.1.subscriber_id: is missing; every row needs it'],
    ['2.eventTimestamp', 'rows.2.eventTimestamp: is missing; every row needs it'],
    ['2.calls', expect.stringContaining('1.5 is not a 64-bit integer')],
    ['2.unheard_of', expect.stringContaining('the view has no such column')],
  ]);
  expect(await committed()).toEqual([]);
  expect(parquetFiles()).toEqual([]);
});

test('batches that are ingested at once get numbers without gaps, whatever fails in between', async () => {
  const good = Array.from({ length: 6 }, (_, index) =>
    features.ingest.ingest({ view: 'usage', rows: [rowOf(`s${index}`)] }, ENGINEER),
  );
  const bad = features.ingest.ingest({ view: 'usage', rows: [rowOf('x', { minutes: true })] }, ENGINEER);
  await expect(bad).rejects.toThrow('rows.0.minutes');
  await Promise.all(good);
  expect((await committed()).map(({ ingest_sequence }) => ingest_sequence)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the same idempotency key stores the rows once, and other rows under it are refused', async () => {
  const input = { view: 'usage', rows: [rowOf('a', { minutes: 1 })], idempotencyKey: 'k' };
  const [first, twin] = await Promise.all([
    features.ingest.ingest(input, ENGINEER),
    features.ingest.ingest(input, ENGINEER),
  ]);
  expect(twin.id).toBe(first.id);
  expect(await committed()).toHaveLength(1);
  const other = { ...input, rows: [rowOf('a', { minutes: 2 })] };
  await expect(features.ingest.ingest(other, ENGINEER)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

test('when the transaction fails after the file was written, neither a row nor a file stays', async () => {
  jest.spyOn(features.audit, 'append').mockRejectedValueOnce(new Error('no audit'));
  await expect(features.ingest.ingest({ view: 'usage', rows: [rowOf('a')] }, ENGINEER)).rejects.toThrow('no audit');
  expect(await committed()).toEqual([]);
  expect(parquetFiles()).toEqual([]);
});

test('the sweep removes what a crash left behind and nothing that is referred to', async () => {
  const batch = await features.ingest.ingest({ view: 'usage', rows: [rowOf('a')] }, ENGINEER);
  const folder = path.dirname(batch.file ?? '');
  const left = [`${folder}/left.parquet`, `${folder}/half.parquet.tmp`, 'datasets/gone/left.parquet'];
  await mkdir(path.join(features.directory, 'datasets/gone'), { recursive: true });
  for (const file of left) await writeFile(path.join(features.directory, file), 'x');
  const swept = await sweepOfflineFiles(features.database.dataSource, features.offline, features.staging);
  expect(swept.sort()).toEqual(left.map((file) => file.replace('.tmp', '')).sort());
  expect(parquetFiles()).toEqual([batch.file]);
});

test('the sweep waits for the batches that a live process is writing', async () => {
  const file = 'batches/live/being-written.parquet';
  await mkdir(path.join(features.directory, 'batches/live'), { recursive: true });
  const { dataSource } = features.database;
  const writer = dataSource.createQueryRunner();
  await writer.startTransaction();
  await writer.query('SELECT pg_advisory_xact_lock_shared($1)', [OFFLINE_FILES_LOCK]);
  await writeFile(path.join(features.directory, file), 'x');
  const sweep = sweepOfflineFiles(dataSource, features.offline, features.staging);
  const [{ id }] = await dataSource.query<{ id: string }[]>('SELECT id FROM feature_view_versions LIMIT 1');
  await writer.query(
    `INSERT INTO feature_batches (ingest_sequence, feature_view_version_id, file, row_count, size_bytes, min_event_timestamp, max_event_timestamp, actor)
     VALUES (1, $1, $2, 1, 1, now(), now(), 'ada')`,
    [id, file],
  );
  await writer.commitTransaction();
  await writer.release();
  expect(await sweep).toEqual([]);
  expect(parquetFiles()).toEqual([file]);
});

test.each([0, 10_001])('a batch of %i rows is refused', async (count) => {
  const rows = Array.from({ length: count }, (_, index) => rowOf(`s${index}`));
  const refused = features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  await expect(refused).rejects.toThrow(`a batch has 1 to 10000 rows, not ${count}`);
});

test('an unknown view and a viewer are refused', async () => {
  const rows = [rowOf('a')];
  await expect(features.ingest.ingest({ view: 'nope', rows }, ENGINEER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(features.ingest.ingest({ view: 'usage', rows }, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('the event loop keeps turning while 10,000 rows are ingested', async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) =>
    rowOf(`s${index}`, { minutes: index, plan: 'flat', calls: index }),
  );
  await features.ingest.ingest({ view: 'usage', rows: rows.slice(0, 1) }, ENGINEER);
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  clearInterval(timer);
  // Parsing all of it in one go takes 25 ms on an idle machine; tests share theirs.
  expect(longest).toBeLessThan(250);
});
