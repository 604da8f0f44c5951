/* eslint-disable jest/no-standalone-expect -- the expectations lie in a table that both stores run through */
import type { Cluster, Redis } from 'ioredis';
import { type OnlineStore, PostgresOnlineStore, RedisOnlineStore } from '../../../src/services/features';
import { packRow, unpackRow } from '../../../src/services/features/online/packed-row';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';
import { hasRedis, type RedisServer, startRedis } from '../../support/redis-server';

const COUNT = 30;
const NONE = { EQUAL: 0, PENDING: 0, MISSING: 0, STALE: 0, DIFFERENT: 0, UNEXPECTED: 0 };

/** Rows of the online store under test, changed behind its back. */
interface Tampering {
  remove(key: string): Promise<unknown>;
  /** @param days later; the values stay */
  shift(key: string, days: number): Promise<unknown>;
  setMinutes(key: string, minutes: number): Promise<unknown>;
}

let features: FeaturesFixture;
let tamper: Tampering;
let redis: RedisServer | null = null;

const keyOf = (index: number) => JSON.stringify([`s${index}`]);
const check = (sample = 1000, seed = 0) => features.consistency.check('usage', sample, seed, {});
const counts = async () => (await check()).counts;
async function materialize(): Promise<void> {
  const job = await features.materializations.materialize({ views: ['usage'] }, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED' });
}
const ingest = (index: number, eventTimestamp: string, minutes: number) =>
  features.ingest.ingest({ view: 'usage', rows: [{ subscriber_id: `s${index}`, eventTimestamp, minutes }] }, ENGINEER);

async function open(online?: OnlineStore): Promise<void> {
  features = await FeaturesFixture.open(undefined, undefined, online);
  await features.defineSubscribers();
  await features.ingestSubscribers(COUNT, [1, 2]);
}
afterEach(async () => {
  await features.close();
  await redis?.stop();
  redis = null;
});

async function openOnPostgres(): Promise<void> {
  await open();
  const { dataSource } = features.database;
  const update = (key: string, change: string, value: unknown) =>
    dataSource.query(`UPDATE online_features SET ${change} WHERE entity_key = $1`, [key, value]);
  tamper = {
    remove: (key) => dataSource.query('DELETE FROM online_features WHERE entity_key = $1', [key]),
    shift: (key, days) => update(key, 'event_timestamp = event_timestamp + make_interval(days => $2)', days),
    setMinutes: (key, minutes) =>
      update(key, `feature_values = jsonb_set(feature_values, '{minutes}', to_jsonb($2::float8))`, minutes),
  };
  expect(features.onlineStore).toBeInstanceOf(PostgresOnlineStore);
}

async function openOnRedis(): Promise<void> {
  redis = await startRedis();
  const client: Redis | Cluster = redis.client;
  await open(new RedisOnlineStore(client));
  const change = async (key: string, changed: (row: ReturnType<typeof unpackRow>) => ReturnType<typeof unpackRow>) => {
    const { versionId } = (await features.views.findByName('usage'))!;
    const name = `mooring:{${key}}:${versionId}`;
    const row = changed(unpackRow((await client.getBuffer(name))!));
    await client.set(name, packRow(row, row.values));
  };
  tamper = {
    remove: async (key) => client.del(`mooring:{${key}}:${(await features.views.findByName('usage'))!.versionId}`),
    shift: (key, days) =>
      change(key, (row) => ({ ...row, eventMicros: row.eventMicros + BigInt(days) * 86_400_000_000n })),
    setMinutes: (key, minutes) => change(key, (row) => ({ ...row, values: [minutes, ...row.values.slice(1)] })),
  };
}

const withRedis = hasRedis() ? describe : describe.skip;
const ON_EVERY_STORE: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'after a materialization all is equal, before it all is pending',
    async () => {
      expect(await counts()).toEqual({ ...NONE, PENDING: COUNT });
      await materialize();
      const report = await check();
      expect(report).toMatchObject({ sampledCount: COUNT, counts: { ...NONE, EQUAL: COUNT }, examples: [] });
      expect(report.materializedThrough!.getTime()).toBeGreaterThan(Date.now() - 60_000);
    },
  ],
  [
    'what was ingested since is pending, unless it is older than what is there',
    async () => {
      await materialize();
      await ingest(3, '2026-03-01', 99);
      await ingest(4, '2025-12-01', 1);
      await ingest(100, '2026-03-01', 1);
      const report = await check();
      expect(report.counts).toEqual({ ...NONE, EQUAL: COUNT - 1, PENDING: 2 });
      expect(report.examples).toContainEqual({
        outcome: 'PENDING',
        entity: { subscriber_id: 's3' },
        offlineEventTimestamp: '2026-03-01T00:00:00.000Z',
        onlineEventTimestamp: '2026-02-01T00:00:00.000Z',
        differingFields: [],
      });
      await materialize();
      expect(await counts()).toEqual({ ...NONE, EQUAL: COUNT + 1 });
    },
  ],
  [
    'a row that was deleted, aged, changed or invented is found, with its key, times and fields',
    async () => {
      await materialize();
      await tamper.remove(keyOf(1));
      await tamper.shift(keyOf(2), -10);
      await tamper.setMinutes(keyOf(3), 1234.5);
      await tamper.shift(keyOf(4), 10);
      await ingest(5, '2026-03-01', 99);
      const report = await check();
      expect(report.counts).toEqual({
        EQUAL: COUNT - 5,
        PENDING: 1,
        MISSING: 1,
        STALE: 1,
        DIFFERENT: 1,
        UNEXPECTED: 1,
      });
      const example = (index: number) => report.examples.find(({ entity }) => entity.subscriber_id === `s${index}`);
      const offlineEventTimestamp = '2026-02-01T00:00:00.000Z';
      expect(example(1)).toMatchObject({ outcome: 'MISSING', offlineEventTimestamp, onlineEventTimestamp: null });
      expect(example(2)).toMatchObject({
        outcome: 'STALE',
        offlineEventTimestamp,
        onlineEventTimestamp: '2026-01-22T00:00:00.000Z',
      });
      expect(example(3)).toMatchObject({
        outcome: 'DIFFERENT',
        offlineEventTimestamp,
        onlineEventTimestamp: offlineEventTimestamp,
        differingFields: ['minutes'],
      });
      expect(example(4)).toMatchObject({ outcome: 'UNEXPECTED', onlineEventTimestamp: '2026-02-11T00:00:00.000Z' });
      expect(report.examples.at(-1)).toMatchObject({ outcome: 'PENDING', entity: { subscriber_id: 's5' } });
    },
  ],
  [
    'at most twenty examples are shown, and a seed chooses the same entities again',
    async () => {
      await materialize();
      for (let index = 0; index < COUNT; index++) await tamper.remove(keyOf(index));
      expect((await check()).examples).toHaveLength(20);
      const chosen = async (seed: number) =>
        (await check(8, seed)).examples.map(({ entity }) => String(entity.subscriber_id));
      const first = await chosen(1);
      expect(first).toHaveLength(8);
      expect(await chosen(1)).toEqual(first);
      expect([...(await chosen(2))].sort()).not.toEqual([...first].sort());
    },
  ],
];

describe('the online store in PostgreSQL', () => {
  beforeEach(openOnPostgres);
  test.each(ON_EVERY_STORE)('%s', (_, expectBehaviour) => expectBehaviour());

  test('a sample that is out of range, or of no view, is refused', async () => {
    await expect(check(0)).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['sample'] });
    await expect(check(10_001)).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['sample'] });
    await expect(features.consistency.check('nothing', 10, 0, {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a view without rows has nothing to compare', async () => {
    await features.views.apply(
      { name: 'empty', entity: 'subscriber', fields: [{ name: 'x', dtype: 'BOOL' }] },
      ENGINEER,
    );
    expect(await features.consistency.check('empty', 10, 0, {})).toMatchObject({ sampledCount: 0, counts: NONE });
  });
});

withRedis('the online store in Redis', () => {
  beforeEach(openOnRedis, 30_000);
  test.each(ON_EVERY_STORE)('%s', (_, expectBehaviour) => expectBehaviour());
});
