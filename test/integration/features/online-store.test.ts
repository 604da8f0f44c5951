import { PostgresOnlineStore } from '../../../src/services/features';
import { ONLINE_STORE_BEHAVIOUR } from '../../support/online-store-behaviour';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

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
