import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sweepOfflineFiles } from '../../../src/services/features';
import { currentSchema } from '../../../src/services/features/definitions/view-schema';
import { lastSequence, rowsThrough } from '../../../src/services/features/ingest/manifest';
import { whileRewriting } from '../../../src/services/features/ingest/offline-locks';
import { scanSql } from '../../../src/services/features/offline/scan.sql';
import { systemActor } from '../../../src/services/identity';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

const UPKEEP = systemActor('system:upkeep', 'r9');

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const ingest = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    const rows = [{ subscriber_id: `s${n}`, eventTimestamp: features.month(1), minutes: n }];
    await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  }
};
const query = <Row>(sql: string) => features.database.dataSource.query<Row[]>(sql);
const age = (interval: string) => query(`UPDATE feature_batches SET created_at = created_at - interval '${interval}'`);
const batchFiles = () => [...new Set(parquetFiles())];
const parquetFiles = () =>
  readdirSync(path.join(features.directory, 'batches'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(features.directory, path.join(entry.parentPath, entry.name)));
const manifest = async () =>
  (await query<{ file: string }>('SELECT DISTINCT file FROM feature_batches ORDER BY file')).map(({ file }) => file);
const compact = async () => {
  const job = await features.compaction.compact({ views: ['usage'] }, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED' });
};

test('a reader that listed the manifest before a compaction still reads; a day later the old files are gone', async () => {
  await ingest(5);
  const { dataSource } = features.database;
  const rows = await rowsThrough(dataSource, await currentSchema(dataSource, 'usage'), await lastSequence(dataSource));
  const old = await manifest();
  await compact();
  const sql = `SELECT count(*)::DOUBLE AS n FROM (${scanSql(rows, features.offline.pathOf, ['minutes'])})`;
  expect(await features.engine.call('rows', { sql })).toEqual([{ n: 5 }]);
  // Neither the sweep at a start nor the upkeep takes them within their grace.
  expect(await sweepOfflineFiles(dataSource, features.offline, features.staging)).toEqual([]);
  await features.compaction.keepUp(UPKEEP);
  expect(batchFiles()).toHaveLength(old.length + 1);

  await query(`UPDATE retired_feature_files SET retired_at = retired_at - interval '25 hours'`);
  await features.compaction.keepUp(UPKEEP);
  expect(batchFiles()).toEqual(await manifest());
  expect(await query('SELECT FROM retired_feature_files')).toEqual([]);
});

test('batches keep their row of the manifest, with the figures of their ingest', async () => {
  await ingest(3);
  const batches = () =>
    query(
      'SELECT id, ingest_sequence, row_count, size_bytes, actor, created_at FROM feature_batches ORDER BY ingest_sequence',
    );
  const before = await batches();
  await compact();
  expect(await batches()).toEqual(before);
});

test('the statistics of a batch are those of its rows, also when it shares a file', async () => {
  await ingest(3);
  const batches = await query<{ id: string }>('SELECT id FROM feature_batches ORDER BY ingest_sequence');
  const minutes = async () => {
    const all = await Promise.all(batches.map(({ id }) => features.ingest.statistics(id, {})));
    return all.map(([{ count, min, max }]) => ({ count, min, max }));
  };
  expect(await minutes()).toEqual([0, 1, 2].map((n) => ({ count: 1, min: n, max: n })));
  await compact();
  expect(await minutes()).toEqual([0, 1, 2].map((n) => ({ count: 1, min: n, max: n })));
});

test('the upkeep makes a job of its own once there are eight batches of more than an hour, and one at a time', async () => {
  await ingest(8);
  expect(await features.compaction.keepUp(UPKEEP)).toBeNull();
  await age('2 hours');
  const started = await Promise.all([1, 2, 3].map(() => features.compaction.keepUp(UPKEEP)));
  const [id] = started.filter((each) => each !== null);
  expect(started.filter((each) => each !== null)).toHaveLength(1);
  const job = await features.finished({ id: id ?? '' });
  expect(job).toMatchObject({ kind: 'COMPACTION', status: 'SUCCEEDED', actor: 'system:upkeep' });
  expect(await manifest()).toHaveLength(1);
  expect(await features.compaction.keepUp(UPKEEP)).toBeNull();
});

test('who asked for it stands in the audit trail', async () => {
  await ingest(2);
  await compact();
  const entries = await query(`SELECT actor, details FROM audit_entries WHERE action = 'feature.compact'`);
  expect(entries).toEqual([{ actor: 'ada', details: { views: ['usage'] } }]);
});

test('every version of a view is compacted for itself', async () => {
  await ingest(3);
  const fields = [{ name: 'minutes', dtype: 'DOUBLE' }] as const;
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields: [...fields] }, ENGINEER);
  await ingest(3);
  await compact();
  expect(await manifest()).toHaveLength(2);
});

test('while files of a version are being rewritten, the sweep leaves what is not in the manifest alone', async () => {
  await ingest(1);
  const { dataSource } = features.database;
  const { viewVersionId } = await currentSchema(dataSource, 'usage');
  const file = `batches/${viewVersionId}/being-written.parquet`;
  await writeFile(path.join(features.directory, file), 'PAR1');
  await whileRewriting(dataSource, viewVersionId, undefined, async () => {
    expect(await sweepOfflineFiles(dataSource, features.offline, features.staging)).toEqual([]);
  });
  expect(await sweepOfflineFiles(dataSource, features.offline, features.staging)).toEqual([file]);
});

test('a job that waits for another replica’s compaction can be cancelled, and one that fails leaves nothing behind', async () => {
  await ingest(3);
  const { dataSource } = features.database;
  const { viewVersionId } = await currentSchema(dataSource, 'usage');
  await whileRewriting(dataSource, viewVersionId, undefined, async () => {
    const job = await features.compaction.compact({ views: ['usage'] }, ENGINEER);
    await features.jobs.cancel(job.id, ENGINEER);
    expect(await features.finished(job)).toMatchObject({ status: 'CANCELLED' });
  });
  const before = await manifest();
  // One of the files is broken.
  await writeFile(path.join(features.directory, before[0]), 'broken');
  const job = await features.compaction.compact({ views: ['usage'] }, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'FAILED' });
  expect(await manifest()).toEqual(before);
  expect(batchFiles().sort()).toEqual(before);
}, 30_000);

test('views that are not there, and actors who may not, are refused', async () => {
  const compactAs = (views: string[], actor = ENGINEER) => features.compaction.compact({ views }, actor);
  await expect(compactAs(['usage', 'nope'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(compactAs([])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(compactAs(['usage'], VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(existsSync(path.join(features.directory, 'batches'))).toBe(false);
});
