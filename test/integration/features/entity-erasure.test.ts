import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { EntityErasure } from '../../../src/entities';
import { currentSchema } from '../../../src/services/features/definitions/view-schema';
import { lastSequence, rowsThrough } from '../../../src/services/features/ingest/manifest';
import { whileReading } from '../../../src/services/features/ingest/offline-locks';
import { scanSql } from '../../../src/services/features/offline/scan.sql';
import type { FeatureRowInput } from '../../../src/services/features';
import { ADMIN, ENGINEER, FeaturesFixture } from '../../support/features-fixture';
import { until } from '../../support/until';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const query = <Row>(sql: string, parameters: unknown[] = []) =>
  features.database.dataSource.query<Row[]>(sql, parameters);
const start = (key: FeatureRowInput, entity = 'subscriber') => features.erasures.erase({ entity, key }, ADMIN);
async function erase(key: FeatureRowInput, entity?: string): Promise<EntityErasure> {
  const job = await start(key, entity);
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED', errorMessage: null });
  return (await features.erasures.findOfJobs([job.id]))[0];
}
const materialize = () => features.materializations.materialize({ views: ['usage'] }, ENGINEER);
async function rowsOf(view: string): Promise<Record<string, unknown>[]> {
  const { dataSource } = features.database;
  const rows = await rowsThrough(dataSource, await currentSchema(dataSource, view), await lastSequence(dataSource));
  return features.engine.call('rows', { sql: scanSql(rows, features.offline.pathOf, []) });
}
const subscribersIn = async (view: string) =>
  [...new Set((await rowsOf(view)).map((row) => String(row.subscriber_id)))].sort();
const online = async (id: string) =>
  (await features.online.readByName('churn_features', [{ subscriber_id: id }]))[0].values[0].status;
const files = (folder: string) =>
  readdirSync(path.join(features.directory, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(features.directory, path.join(entry.parentPath, entry.name)))
    .sort();
const manifest = async () =>
  (await query<{ file: string }>('SELECT DISTINCT file FROM feature_batches WHERE file IS NOT NULL ORDER BY file')).map(
    ({ file }) => file,
  );

test('an entity is gone from every view, file and version, offline and online, and everybody else stays', async () => {
  await features.ingestSubscribers(5, [1, 2, 3]);
  const fields = [{ name: 'minutes', dtype: 'DOUBLE' }] as const;
  await features.finished(await materialize());
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields: [...fields] }, ENGINEER);
  await features.ingest.ingest(
    {
      view: 'usage',
      rows: ['s1', 's2'].map((id) => ({ subscriber_id: id, eventTimestamp: features.month(4), minutes: 1 })),
    },
    ENGINEER,
  );
  await features.finished(await materialize());
  expect(await online('s1')).toBe('PRESENT');
  const others = (await rowsOf('churn')).filter((row) => row.subscriber_id !== 's1');

  const erasure = await erase({ subscriber_id: 's1' });
  expect(erasure).toMatchObject({
    erasedRowCount: 3 + 3 + 1,
    erasedOnlineCount: 2,
    predictionCount: 0,
    datasetIds: [],
  });
  expect(await subscribersIn('usage')).toEqual(['s2']);
  // The others keep their rows and positions.
  expect(await rowsOf('churn')).toEqual(others);
  expect(await query(`SELECT FROM online_features WHERE entity_key LIKE '%s1%'`)).toEqual([]);
  expect(await online('s2')).toBe('PRESENT');
  // At once, and not after a grace.
  expect(files('batches')).toEqual(await manifest());
});

test('a batch of nobody else has no file any more; it can be compacted, materialized and built on all the same', async () => {
  await features.ingest.ingest(
    { view: 'usage', rows: [{ subscriber_id: 'gone', eventTimestamp: features.month(1), minutes: 1 }] },
    ENGINEER,
  );
  await features.ingestSubscribers(20, [1, 2]);
  await features.ingestSubscribers(20, [3]);
  await erase({ subscriber_id: 'gone' });
  expect(await query('SELECT row_count FROM feature_batches WHERE file IS NULL')).toEqual([{ row_count: 1 }]);
  const job = await features.compaction.compact({ views: ['usage', 'churn'] }, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await features.finished(await materialize())).toMatchObject({ status: 'SUCCEEDED' });
  expect(await online('gone')).toBe('NOT_FOUND');
  expect((await features.buildDataset()).rowCount).toBe(60);
  // What was ingested is a fact of the past.
  const { viewVersionId } = await currentSchema(features.database.dataSource, 'usage');
  expect((await features.ingest.summaries([viewVersionId]))[0].rowCount).toBe(61);
});

test('it is taken out of files that were compacted before, and of those that were replaced and are within their grace', async () => {
  await features.ingestSubscribers(3, [1]);
  await features.ingestSubscribers(3, [2]);
  const before = files('batches');
  await features.finished(await features.compaction.compact({ views: ['usage', 'churn'] }, ENGINEER));
  expect(files('batches')).toEqual(expect.arrayContaining(before));
  expect(await erase({ subscriber_id: 's0' })).toMatchObject({ erasedRowCount: 4 });
  expect(await subscribersIn('usage')).toEqual(['s1', 's2']);
  expect(files('batches')).toEqual(await manifest());
});

test('composite keys are compared part by part, and other entities with such keys are left alone', async () => {
  const joinKeys = [
    { name: 'device', dtype: 'STRING' },
    { name: 'slot', dtype: 'INT64' },
    { name: 'live', dtype: 'BOOL' },
    { name: 'since', dtype: 'TIMESTAMP' },
  ] as const;
  for (const name of ['slot', 'twin']) {
    await features.entities.apply({ name, joinKeys: [...joinKeys] }, ENGINEER);
    await features.views.apply({ name: `of_${name}`, entity: name, fields: [{ name: 'x', dtype: 'INT64' }] }, ENGINEER);
  }
  const big = '9223372036854775807';
  const since = '2026-01-01T00:00:00.000001Z';
  const keys = [
    { device: `it's "1`, slot: big, live: true, since },
    { device: `it's "1`, slot: '9223372036854775806', live: true, since },
    { device: `it's "1`, slot: big, live: false, since },
    { device: `it's "1`, slot: big, live: true, since: '2026-01-01T00:00:00.000002Z' },
    { device: `it's`, slot: big, live: true, since },
  ];
  for (const view of ['of_slot', 'of_twin']) {
    const rows = keys.map((key, index) => ({ ...key, eventTimestamp: features.month(1), x: String(index) }));
    await features.ingest.ingest({ view, rows }, ENGINEER);
  }
  expect(await erase(keys[0], 'slot')).toMatchObject({ erasedRowCount: 1 });
  expect(await rowsOf('of_slot')).toHaveLength(4);
  expect(await rowsOf('of_twin')).toHaveLength(5);
});

test('an unknown key is no error; a wrong one names the join key; and only administrators may', async () => {
  await features.ingestSubscribers(3, [1]);
  const before = await manifest();
  expect(await erase({ subscriber_id: 'nobody' })).toMatchObject({ erasedRowCount: 0, erasedOnlineCount: 0 });
  expect(await manifest()).toEqual(before);
  await expect(start({})).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('subscriber_id'),
  });
  await expect(start({ subscriber_id: 's1', plan: 'x' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(start({ subscriber_id: 's1' }, 'nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const input = { entity: 'subscriber', key: { subscriber_id: 's1' } };
  await expect(features.erasures.erase(input, ENGINEER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('the datasets that hold it are named and stay as they are', async () => {
  await features.ingestSubscribers(8, [1, 2, 3]);
  const holding = await features.buildDataset();
  const early = { ...features.datasetRequest().labels, to: new Date(features.month(2)) };
  const { id } = await features.buildDataset({ labels: early });
  await features.ingest.ingest(
    { view: 'churn', rows: [{ subscriber_id: 'late', eventTimestamp: features.month(3), churned: true }] },
    ENGINEER,
  );
  const last = await features.buildDataset();
  expect((await erase({ subscriber_id: 'late' })).datasetIds).toEqual([last.id]);
  expect((await erase({ subscriber_id: 's1' })).datasetIds).toEqual([last.id, id, holding.id]);
  expect(await features.datasets.find([holding.id])).toEqual([holding]);
});

test('quality reports show it no more, and their counts stay', async () => {
  const rule = { kind: 'RANGE', field: 'minutes', severity: 'WARN', minimum: 0, maximum: 10 } as const;
  const fields = (['minutes', 'plan', 'calls'] as const).map((name, index) => {
    return { name, dtype: (['DOUBLE', 'STRING', 'INT64'] as const)[index] };
  });
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields, qualityRules: [rule] as never }, ENGINEER);
  const rows = ['s1', 's2'].map((id) => ({ subscriber_id: id, eventTimestamp: features.month(1), minutes: 99 }));
  await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  const report = await features.quality.run('usage', ENGINEER);
  expect(report.results[0].examples).toHaveLength(2);
  await erase({ subscriber_id: 's1' });
  const [{ results }] = await features.quality.find([report.id]);
  expect(results[0]).toMatchObject({ failingRowCount: 2, examples: [{ joinKeys: { subscriber_id: 's2' } }] });
});

test('neither the audit trail nor the job, nor the erasure once it has ended, holds the key', async () => {
  const id = 'secret-subscriber';
  await features.ingest.ingest(
    { view: 'usage', rows: [{ subscriber_id: id, eventTimestamp: features.month(1), minutes: 1 }] },
    ENGINEER,
  );
  await features.finished(await materialize());
  const { keyDigest } = await erase({ subscriber_id: id });
  for (const table of [
    'audit_entries',
    'jobs',
    'entity_erasures',
    'idempotency_keys',
    'outbox',
    'online_features',
    'feature_batches',
  ]) {
    const [{ exists }] = await query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
    if (!exists) continue;
    expect([table, await query(`SELECT 1 FROM ${table} t WHERE t::text LIKE $1`, [`%${id}%`])]).toEqual([table, []]);
  }
  const entries = await query<{ action: string; details: object }>(
    `SELECT action, details FROM audit_entries WHERE action LIKE 'feature.erase%' ORDER BY recorded_at, sequence`,
  );
  expect(entries.map(({ action }) => action)).toEqual(['feature.erase', 'feature.erased']);
  expect(entries[1].details).toMatchObject({ keyDigest, erasedRowCount: 1, erasedOnlineCount: 1 });
});

test('a materialization that had read before the erasure does not bring it back: the erasure waits for it', async () => {
  await features.ingestSubscribers(3, [1]);
  const write = features.onlineStore.write.bind(features.onlineStore);
  let [isReached, release] = [false, (): void => undefined];
  const held = new Promise<void>((resolve) => (release = resolve));
  jest.spyOn(features.onlineStore, 'write').mockImplementationOnce(async (view, page) => {
    isReached = true;
    await held;
    return write(view, page);
  });
  const materialization = await materialize();
  await until('rows to be written', () => isReached);
  const erasure = await start({ subscriber_id: 's1' });
  await until('offline rows erased', async () => !(await subscribersIn('usage')).includes('s1'));
  expect((await features.jobs.find([erasure.id]))[0].status).toBe('RUNNING');
  release();
  expect(await features.finished(materialization)).toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
  expect(await features.finished(erasure)).toMatchObject({ status: 'SUCCEEDED' });
  expect([await online('s1'), await online('s2')]).toEqual(['NOT_FOUND', 'PRESENT']);
});

test('an erasure that waits for a reader can be cancelled, and forgets the key then too', async () => {
  await features.ingestSubscribers(2, [1]);
  const { viewVersionId } = await currentSchema(features.database.dataSource, 'churn');
  await whileReading(features.database.dataSource, [viewVersionId], undefined, async () => {
    const job = await start({ subscriber_id: 's1' });
    await until('running', async () => (await features.jobs.find([job.id]))[0].status === 'RUNNING');
    await features.jobs.cancel(job.id, ADMIN);
    expect(await features.finished(job)).toMatchObject({ status: 'CANCELLED' });
    expect(await features.erasures.findOfJobs([job.id])).toMatchObject([{ entityKey: null }]);
  });
});

test('compaction, ingest and materialization at the same time change nothing: it is gone, and nobody else', async () => {
  await features.ingestSubscribers(4, [1]);
  const others = async () => (await rowsOf('usage')).filter((row) => row.subscriber_id !== 's3').length;
  const work = async () => {
    for (let n = 2; n < 8; n++) {
      await features.ingest.ingest(
        {
          view: 'usage',
          rows: ['s0', 's1'].map((id) => ({ subscriber_id: id, eventTimestamp: features.month(n), minutes: n })),
        },
        ENGINEER,
      );
      await features.finished(await features.compaction.compact({ views: ['usage'] }, ENGINEER));
      await features.finished(await materialize());
    }
  };
  await Promise.all([work(), erase({ subscriber_id: 's3' })]);
  expect([await online('s3'), await online('s1')]).toEqual(['NOT_FOUND', 'PRESENT']);
  expect(await subscribersIn('usage')).toEqual(['s0', 's1', 's2']);
  expect(await others()).toBe(3 + 12);
}, 60_000);
