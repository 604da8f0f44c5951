import { PostgresOnlineStore, RedisOnlineStore } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';
import { ONLINE_STORE_BEHAVIOUR } from '../../support/online-store-behaviour';
import { hasRedis, type RedisServer, startRedis, startRedisCluster } from '../../support/redis-server';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

/** Needs Redis' own server program; without it these are skipped, and PostgreSQL is held to the same behaviour everywhere. */
const withRedis = hasRedis() ? describe : describe.skip;

describe('PostgresOnlineStore', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test.each(ONLINE_STORE_BEHAVIOUR)('%s', async (_, expectBehaviour) => {
    await expectBehaviour(new PostgresOnlineStore(database.dataSource));
  });
});

withRedis('RedisOnlineStore', () => {
  describe.each([
    ['one server', startRedis],
    ['a cluster', startRedisCluster],
  ])('on %s', (_, start) => {
    let redis: RedisServer;
    beforeAll(async () => {
      redis = await start();
    }, 30_000);
    afterAll(() => redis.stop());

    test.each(ONLINE_STORE_BEHAVIOUR)('%s', async (_title, expectBehaviour) => {
      await expectBehaviour(new RedisOnlineStore(redis.client));
    });
  });

  test('that has lost its data and its scripts is filled again by the next materialization', async () => {
    const redis = await startRedis();
    const features = await FeaturesFixture.open(undefined, undefined, new RedisOnlineStore(redis.client));
    try {
      await features.defineSubscribers();
      const materialize = async () => {
        const job = await features.materializations.materialize({ views: ['usage'] }, ENGINEER);
        expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED' });
      };
      const statuses = async () => {
        const entities = ['a', 'b', 'c'].map((id) => ({ subscriber_id: id }));
        const rows = await features.online.readByName('churn_features', entities);
        return rows.map(({ values: [{ value, status }] }) => value ?? status);
      };
      const ingest = (id: string, minutes: number) =>
        features.ingest.ingest(
          { view: 'usage', rows: [{ subscriber_id: id, eventTimestamp: '2026-01-01', minutes }] },
          ENGINEER,
        );
      await ingest('a', 1);
      await materialize();
      await ingest('b', 2);
      await materialize();
      expect(await statuses()).toEqual([1, 2, 'NOT_FOUND']);

      await redis.client.flushall();
      await redis.client.script('FLUSH');
      expect(await statuses()).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
      await ingest('c', 3);
      await materialize();
      expect(await statuses()).toEqual([1, 2, 3]);
      const [{ versionId }] = [await features.views.findByName('usage').then((view) => view!)];
      expect(await features.materializations.find([versionId])).toMatchObject([{ watermark: 3, rowCount: 3 }]);
    } finally {
      await features.close();
      await redis.stop();
    }
  });
});
