import { currentSchema } from '../../../src/services/features/definitions/view-schema';
import { lastSequence, rowsThrough } from '../../../src/services/features/ingest/manifest';
import { whileReading } from '../../../src/services/features/ingest/offline-locks';
import { scanSql } from '../../../src/services/features/offline/scan.sql';
import { systemActor } from '../../../src/services/identity';
import { ADMIN, ENGINEER, FeaturesFixture } from '../../support/features-fixture';
import { until } from '../../support/until';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await features.close();
});

const UPKEEP = systemActor('system:upkeep', 'r9');
const erase = (id: string) => features.erasures.erase({ entity: 'subscriber', key: { subscriber_id: id } }, ADMIN);
const query = <Row>(sql: string) => features.database.dataSource.query<Row[]>(sql);
const usageRows = async () => {
  const { dataSource } = features.database;
  return rowsThrough(dataSource, await currentSchema(dataSource, 'usage'), await lastSequence(dataSource));
};
const countOf = async (rows: Awaited<ReturnType<typeof usageRows>>) => {
  const sql = `SELECT count(*)::DOUBLE AS n FROM (${scanSql(rows, features.offline.pathOf, ['minutes'])})`;
  return (await features.engine.call('rows', { sql }))[0].n;
};
/** The file of the view's rows is replaced and removed by an erasure, between the listing of the manifest and the read of it. */
function eraseBefore(method: 'statistics' | 'rowStatistics' | 'sampleEntities', id: string): jest.SpyInstance {
  const { offline } = features;
  const read = offline[method].bind(offline) as (...args: unknown[]) => Promise<never>;
  return jest.spyOn(offline, method).mockImplementationOnce(async (...args: unknown[]) => {
    expect(await features.finished(await erase(id))).toMatchObject({ status: 'SUCCEEDED' });
    return read(...args);
  });
}

test('the upkeep takes no erased file away from a job that reads it, and takes what an erasure left behind', async () => {
  await features.ingestSubscribers(3, [1]);
  const { viewVersionId } = await currentSchema(features.database.dataSource, 'usage');
  let job: Awaited<ReturnType<typeof erase>> | undefined;
  await whileReading(features.database.dataSource, [viewVersionId], undefined, async () => {
    const listed = await usageRows();
    job = await erase('s1');
    await until('offline rows erased', async () => (await countOf(await usageRows())) === 2);
    await features.compaction.keepUp(UPKEEP);
    expect(await countOf(listed)).toBe(3);
    await features.jobs.cancel(job.id, ADMIN);
    expect(await features.finished(job)).toMatchObject({ status: 'CANCELLED' });
  });
  expect(await query('SELECT FROM retired_feature_files')).toHaveLength(1);
  await features.compaction.keepUp(UPKEEP);
  expect(await query('SELECT FROM retired_feature_files')).toEqual([]);
});

test('statistics of a view and of a batch, and the consistency check, read again what was erased beneath them', async () => {
  await features.ingestSubscribers(4, [1]);
  const { id } = (await query<{ id: string }>('SELECT id FROM feature_batches ORDER BY ingest_sequence LIMIT 1'))[0];
  eraseBefore('statistics', 's0');
  expect((await features.quality.statistics('usage', {}))[0].count).toBe(3);
  eraseBefore('rowStatistics', 's1');
  expect((await features.ingest.statistics(id, {}))[0].count).toBe(2);
  eraseBefore('sampleEntities', 's2');
  expect(await features.consistency.check('usage', 10, 1, {})).toMatchObject({ sampledCount: 1 });
});

test('a read that fails for another reason fails at once', async () => {
  await features.ingestSubscribers(1, [1]);
  const read = jest.spyOn(features.offline, 'statistics').mockRejectedValue(new Error('broken'));
  await expect(features.quality.statistics('usage', {})).rejects.toThrow('broken');
  expect(read).toHaveBeenCalledTimes(1);
});

test('more quality reports at once than there are connections do not wait for one another for ever', async () => {
  await features.ingestSubscribers(2, [1]);
  const started = Date.now();
  const reports = await Promise.all(Array.from({ length: 24 }, () => features.quality.run('usage', ENGINEER)));
  expect(new Set(reports.map(({ id }) => id)).size).toBe(24);
  // Connections are waited for up to 10 s.
  expect(Date.now() - started).toBeLessThan(9000);
}, 60_000);

test('an erasure waits for rows that were sent before it', async () => {
  await features.ingestSubscribers(2, [1]);
  const rows = [{ subscriber_id: 's0', eventTimestamp: features.month(2), minutes: 7 }];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { offline } = features;
  const write = offline.writeBatch.bind(offline);
  const writing = jest.spyOn(offline, 'writeBatch').mockImplementationOnce(async (...args) => {
    const stored = await write(...args);
    await held;
    return stored;
  });
  const ingest = features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  await until('the batch to be written', () => writing.mock.calls.length === 1);
  const job = await erase('s0');
  await until('running', async () => (await features.jobs.find([job.id]))[0].status === 'RUNNING');
  setTimeout(release, 300);
  await ingest;
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await countOf(await usageRows())).toBe(1);
});

test('an erasure waits for files that were sent before it, and not for those that come after', async () => {
  await features.ingestSubscribers(2, [1]);
  const csv = (id: string) => Buffer.from(`subscriber_id,eventTimestamp,minutes\n${id},2026-02-01,7\n`);
  const sent = async (id: string) => {
    const { digest: artifact } = await features.artifacts.put(csv(id), 'text/csv');
    return features.fileIngest.ingest({ view: 'usage', artifact, format: 'CSV' }, ENGINEER);
  };
  const releases: (() => void)[] = [];
  const { staging } = features;
  const convert = staging.convert.bind(staging);
  jest.spyOn(staging, 'convert').mockImplementation(async (...args) => {
    await new Promise<void>((resolve) => releases.push(resolve));
    return convert(...args);
  });
  const before = await sent('s0');
  await until('the file to be read', () => releases.length === 1);
  const job = await erase('s0');
  const after = await sent('s1');
  await until('running', async () => (await features.jobs.find([job.id]))[0].status === 'RUNNING');
  releases[0]();
  expect(await features.finished(before)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await countOf(await usageRows())).toBe(1);
  await until('the other file to be read', () => releases.length === 2);
  releases[1]();
  expect(await features.finished(after)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await countOf(await usageRows())).toBe(2);
});

test('a dataset whose lock on the rows was lost is built again', async () => {
  await features.ingestSubscribers(4, [1, 2]);
  const { offline } = features;
  const build = offline.buildDataset.bind(offline);
  const building = jest.spyOn(offline, 'buildDataset').mockImplementationOnce(async (...args) => {
    const built = await build(...args);
    await query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database() AND query LIKE '%try_advisory_xact_lock_shared%'`,
    );
    return built;
  });
  const { status } = await features.buildDataset();
  expect([status, building.mock.calls.length]).toEqual(['READY', 2]);
});
