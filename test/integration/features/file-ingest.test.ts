import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { sweepOfflineFiles } from '../../../src/services/features';
import type { FeatureFileFormat } from '../../../src/entities';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
let scratch: string;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mooring-files-'));
});
afterAll(async () => {
  await features.close();
  await rm(scratch, { recursive: true, force: true });
});
afterEach(() => features.database.dataSource.query('DELETE FROM feature_batches'));

const stored = async (bytes: string | Buffer): Promise<string> =>
  (await features.artifacts.put(Buffer.from(bytes), 'application/octet-stream')).digest;

/** A Parquet file of a query. */
async function parquetOf(select: string): Promise<Buffer> {
  const file = path.join(scratch, `${createHash('sha256').update(select).digest('hex')}.parquet`);
  await features.engine.call('run', { statements: [`COPY (${select}) TO '${file}' (FORMAT parquet)`] });
  return readFile(file);
}

async function ingest(bytes: string | Buffer, format: FeatureFileFormat = 'CSV', view = 'usage') {
  const job = await features.fileIngest.ingest({ view, artifact: await stored(bytes), format }, ENGINEER);
  return features.finished(job);
}

const messages = (job: { errorProblems: { message: string }[] | null; errorMessage: string | null }) =>
  job.errorProblems?.map(({ message }) => message) ?? [job.errorMessage];

const batches = () =>
  features.database.dataSource.query<{ ingest_sequence: number; row_count: number; file: string }[]>(
    'SELECT ingest_sequence::float8 AS ingest_sequence, row_count, file FROM feature_batches ORDER BY ingest_sequence',
  );
const filesBelow = (folder: string): string[] =>
  readdirSync(features.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && path.relative(features.directory, entry.parentPath).startsWith(folder))
    .map(({ name }) => name);
const rowsOf = (file: string | null) =>
  features.engine.call('rows', {
    sql: `SELECT * FROM read_parquet('${features.offline.pathOf(file ?? '')}') ORDER BY __row`,
  });

const HEADER = 'subscriber_id,eventTimestamp,createdTimestamp,minutes,plan,calls\n';

test('a CSV file becomes a batch: empty is null, quoted empty is a text, and timestamps are UTC', async () => {
  const job = await ingest(
    `${HEADER}a,2026-01-01,,1.5,"",9223372036854775807\r\n`.replaceAll('\r\n', '\n') +
      'b,2026-01-01T10:00:00.5+02:00,2026-02-01 00:00,-1e-05,"x, ""y""\nz",\n',
  );
  expect(job).toMatchObject({ status: 'SUCCEEDED', errorCode: null });
  const [batch] = await features.fileIngest.batchesOf([job.id]);
  expect(batch).toMatchObject({ rowCount: 2, actor: 'ada', jobId: job.id });
  const micros = (text: string) => BigInt(Date.parse(text)) * 1000n;
  expect(await rowsOf(batch.file)).toEqual([
    {
      __row: 0,
      subscriber_id: 'a',
      event_timestamp: micros('2026-01-01T00:00Z'),
      created_timestamp: null,
      minutes: 1.5,
      plan: '',
      calls: 9223372036854775807n,
    },
    {
      __row: 1,
      subscriber_id: 'b',
      event_timestamp: micros('2026-01-01T08:00:00.5Z'),
      created_timestamp: micros('2026-02-01T00:00Z'),
      minutes: -1e-5,
      plan: 'x, "y"\nz',
      calls: null,
    },
  ]);
  expect(filesBelow('incoming')).toEqual([]);
});

test('Parquet columns of other types come without loss, and what would lose something is named', async () => {
  const good = await ingest(
    await parquetOf(
      `SELECT 'a' AS subscriber_id, TIMESTAMPTZ '2026-01-01 02:00:00+02' AS "eventTimestamp", 2::FLOAT AS minutes, 7::TINYINT AS calls`,
    ),
    'PARQUET',
  );
  expect(good.errorMessage).toBeNull();
  const [{ file }] = await batches();
  expect(await rowsOf(file)).toMatchObject([
    { subscriber_id: 'a', event_timestamp: BigInt(Date.UTC(2026, 0, 1)) * 1000n, minutes: 2, plan: null, calls: 7n },
  ]);
  const bad = await ingest(
    await parquetOf(
      `SELECT 'a' AS subscriber_id, DATE '2026-01-01' AS "eventTimestamp", 'NaN'::DOUBLE AS minutes, 18446744073709551615::UBIGINT AS calls
       UNION ALL SELECT 'b', NULL, 'inf'::DOUBLE, 1::UBIGINT`,
    ),
    'PARQUET',
  );
  expect(messages(bad)).toEqual([
    'rows.0.minutes: "nan" is not a finite number',
    expect.stringContaining('rows.0.calls: "18446744073709551615" is not a 64-bit integer'),
    'rows.1.eventTimestamp: is missing; every row needs it',
    'rows.1.minutes: "inf" is not a finite number',
  ]);
  const unfit = await ingest(
    await parquetOf(`SELECT 1 AS subscriber_id, DATE '2026-01-01' AS "eventTimestamp", '1' AS minutes`),
    'PARQUET',
  );
  expect(messages(unfit)).toEqual([
    'columns.subscriber_id: is of type INTEGER, which STRING does not take; write it as one of VARCHAR',
    expect.stringContaining(
      'columns.minutes: is of type VARCHAR, which DOUBLE does not take; write it as one of FLOAT',
    ),
  ]);
});

test('bad values are named by row and column, up to 20 of them, and nothing is stored', async () => {
  const rows = [
    'a,2026-01-01,,many,,1.5',
    ',2026-02-30,x,1,,',
    ...Array.from({ length: 50 }, () => 'c,2026-01-01,,x,,'),
  ];
  const job = await ingest(HEADER + rows.join('\n'));
  expect(job).toMatchObject({ status: 'FAILED', errorCode: 'INVALID_INPUT' });
  expect(job.errorProblems).toHaveLength(20);
  expect(job.errorProblems?.[0].field).toEqual(['rows', '0', 'minutes']);
  expect(messages(job).slice(0, 6)).toEqual([
    'rows.0.minutes: "many" is not a finite number',
    expect.stringContaining('rows.0.calls: "1.5" is not a 64-bit integer'),
    'rows.1.subscriber_id: is missing; every row needs it',
    expect.stringContaining('rows.1.eventTimestamp: "2026-02-30" is not an ISO 8601 timestamp'),
    expect.stringContaining('rows.1.createdTimestamp: "x" is not an ISO 8601 timestamp'),
    'rows.2.minutes: "x" is not a finite number',
  ]);
  expect(await batches()).toEqual([]);
  expect([...filesBelow('incoming'), ...filesBelow('batches')].filter((name) => name === 'source')).toEqual([]);
});

test.each<[string, string | Buffer, FeatureFileFormat, string]>([
  ['an empty file', '', 'CSV', 'file: is empty'],
  ['a header alone', HEADER, 'CSV', 'file: has no rows'],
  ['missing and unknown columns', 'subscriber_id,when\na,b\n', 'CSV', 'columns.eventTimestamp: is missing'],
  ['a column twice', 'subscriber_id,eventTimestamp,calls,calls\n', 'CSV', 'columns.calls: comes twice in the header'],
  ['a quote that is not closed', 'subscriber_id,eventTimestamp\na,"2026-01-01\n', 'CSV', 'unterminated quote'],
  ['too many values', 'subscriber_id,eventTimestamp\na,2026-01-01\na,2026-01-01,1\n', 'CSV', 'CSV Error on Line: 3'],
  [
    'too few values',
    'subscriber_id,eventTimestamp\na,2026-01-01\na\n',
    'CSV',
    'Expected Number of Columns: 2 Found: 1',
  ],
  [
    'text that is not UTF-8',
    Buffer.from('subscriber_id,eventTimestamp\n\xff,2026-01-01\n', 'latin1'),
    'CSV',
    'unicode',
  ],
  ['CSV for Parquet', 'subscriber_id,eventTimestamp\na,2026-01-01\n', 'PARQUET', 'cannot be read as a Parquet file'],
])('%s is a typed error that shows no path', async (_name, bytes, format, problem) => {
  const job = await ingest(bytes, format);
  expect(job).toMatchObject({ status: 'FAILED', errorCode: 'INVALID_INPUT', attempt: 1 });
  expect(job.errorMessage).toContain(problem);
  expect(job.errorMessage).not.toContain(features.directory);
  expect(filesBelow('incoming')).toEqual([]);
  expect(await batches()).toEqual([]);
});

test('a file of more than 2^20 rows becomes batches with consecutive numbers, in the order of its rows', async () => {
  const rows = 2 ** 20 + 1000;
  const file = await parquetOf(
    `SELECT 's' || i AS subscriber_id, TIMESTAMP '2026-01-01' AS "eventTimestamp", i AS calls FROM range(${rows}) r(i)`,
  );
  const job = await ingest(file, 'PARQUET');
  expect(job.errorMessage).toBeNull();
  const [first, second] = await batches();
  expect([first.row_count, second.row_count]).toEqual([2 ** 20, 1000]);
  expect(second.ingest_sequence).toBe(first.ingest_sequence + 1);
  for (const [index, { file: name, row_count: count }] of [first, second].entries()) {
    const [row] = await features.engine.call('rows', {
      sql: `SELECT count(DISTINCT __row)::DOUBLE AS n, min(__row) AS low, max(__row) AS high, bool_and(calls = __row + ${index} * 1048576) AS ordered
            FROM read_parquet('${features.offline.pathOf(name)}')`,
    });
    expect(row).toEqual({ n: count, low: 0, high: count - 1, ordered: true });
  }
  const view = await features.views.findByName('usage');
  expect(await features.ingest.summaries([view?.versionId ?? ''])).toMatchObject([{ rowCount: rows }]);
  expect(await features.audit.verify(null)).toMatchObject({ valid: true });
  const audited = await features.database.dataSource.query<{ action: string }[]>(
    `SELECT action FROM audit_entries WHERE details->>'artifact' = $1 ORDER BY sequence`,
    [createHash('sha256').update(file).digest('hex')],
  );
  expect(audited.map(({ action }) => action)).toEqual(['feature.ingestFile', 'feature.ingest', 'feature.ingest']);
}, 60_000);

test.each(['0000-05-01', '9999-12-31T23:00:00-05:00'])(
  'an event at %s is refused, as rows and in a file',
  async (moment) => {
    const job = await ingest(`subscriber_id,eventTimestamp\na,${moment}\n`);
    expect(job).toMatchObject({ status: 'FAILED', errorCode: 'INVALID_INPUT' });
    expect(job.errorMessage).toContain('must lie in the years 1 to 9999');
    const rows = [{ subscriber_id: 'a', eventTimestamp: moment }];
    await expect(features.ingest.ingest({ view: 'usage', rows }, ENGINEER)).rejects.toThrow('in the years 1 to 9999');
    expect(await batches()).toEqual([]);
  },
);

test('the same idempotency key answers the same job', async () => {
  const artifact = await stored(`${HEADER}k,2026-01-01,,,,\n`);
  const input = { view: 'usage', artifact, format: 'CSV', idempotencyKey: 'file-1' } as const;
  const [first, twin] = await Promise.all([
    features.fileIngest.ingest(input, ENGINEER),
    features.fileIngest.ingest(input, ENGINEER),
  ]);
  expect(twin.id).toBe(first.id);
  await features.finished(first);
  expect(await batches()).toHaveLength(1);
  const other = features.fileIngest.ingest({ ...input, format: 'PARQUET' }, ENGINEER);
  await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

test('a job that is cancelled leaves nothing', async () => {
  const file = await parquetOf(
    `SELECT 's' || i AS subscriber_id, TIMESTAMP '2026-01-01' AS "eventTimestamp", random() AS minutes FROM range(1500000) r(i)`,
  );
  const job = await features.fileIngest.ingest(
    { view: 'usage', artifact: await stored(file), format: 'PARQUET' },
    ENGINEER,
  );
  while ((await features.jobs.find([job.id]))[0].status === 'QUEUED')
    await new Promise((resolve) => setTimeout(resolve, 5));
  await features.jobs.cancel(job.id, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'CANCELLED' });
  expect(await batches()).toEqual([]);
  expect(filesBelow('incoming')).toEqual([]);
}, 60_000);

test('when the commit fails, the job is tried again and its rows are there once', async () => {
  const append = jest.spyOn(features.audit, 'append');
  const artifact = await stored(`${HEADER}again,2026-01-01,,,,\n`);
  const job = await features.fileIngest.ingest({ view: 'usage', artifact, format: 'CSV' }, ENGINEER);
  append.mockRejectedValueOnce(new Error('no audit'));
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  append.mockRestore();
  const [batch, ...others] = await batches();
  expect(others).toEqual([]);
  expect(filesBelow('batches')).toContain(path.basename(batch.file));
  expect(filesBelow('incoming')).toEqual([]);
}, 30_000);

test('the sweep spares files of jobs that are not finished, and removes those of others', async () => {
  const { dataSource } = features.database;
  const [{ id }] = await dataSource.query<{ id: string }[]>(
    `INSERT INTO jobs (kind, subject, input, actor, request_id) VALUES ('DATASET', 'x', '{}', 'ada', 'r') RETURNING id`,
  );
  for (const name of [id, 'of-nobody']) {
    await mkdir(path.join(features.directory, 'incoming', name), { recursive: true });
    await writeFile(path.join(features.directory, 'incoming', name, `source-${name}`), 'x');
  }
  expect(await sweepOfflineFiles(dataSource, features.offline, features.staging)).toContain('incoming/of-nobody');
  expect(filesBelow('incoming')).toEqual([`source-${id}`]);
  await dataSource.query('DELETE FROM jobs WHERE id = $1', [id]);
  await features.staging.remove(id);
});

test('an unknown artifact, an unknown view and a viewer are refused', async () => {
  const input = { view: 'usage', artifact: '0'.repeat(64), format: 'CSV' } as const;
  await expect(features.fileIngest.ingest(input, ENGINEER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const known = { ...input, artifact: await stored('x'), view: 'nope' };
  await expect(features.fileIngest.ingest(known, ENGINEER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(features.fileIngest.ingest(input, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
