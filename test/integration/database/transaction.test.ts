import { inTransaction } from '../../../src/services/database';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.dataSource.query(`CREATE SCHEMA work CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)`);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.dataSource.query('DELETE FROM work.counter');
  await database.dataSource.query('INSERT INTO work.counter VALUES (1, 0), (2, 0)');
});

const READ = 'SELECT value FROM work.counter WHERE id = $1';
const WRITE = 'UPDATE work.counter SET value = $2 WHERE id = $1';

const valueOf = async (id: number): Promise<number | undefined> =>
  (await database.dataSource.query<{ value: number }[]>(READ, [id]))[0]?.value;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a transaction', () => {
  it('is rolled back whole when the work fails, and passes the failure on', async () => {
    const failing = inTransaction(database.dataSource, async (manager) => {
      await manager.query(WRITE, [1, 5]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(valueOf(1)).resolves.toBe(0);
  });

  it('is tried again when a serializable neighbour was faster, so that no increment is lost', async () => {
    let runs = 0;
    const increment = () =>
      inTransaction(
        database.dataSource,
        async (manager) => {
          runs += 1;
          const [row] = await manager.query<{ value: number }[]>(READ, [1]);
          await pause(5);
          await manager.query(WRITE, [1, row.value + 1]);
        },
        { isolation: 'SERIALIZABLE' },
      );
    await Promise.all(Array.from({ length: 5 }, increment));
    await expect(valueOf(1)).resolves.toBe(5);
    expect(runs).toBeGreaterThan(5);
  });

  it('is tried again when PostgreSQL chose it to end a deadlock', async () => {
    const both = (first: number, second: number) =>
      inTransaction(database.dataSource, async (manager) => {
        await manager.query('UPDATE work.counter SET value = value + 1 WHERE id = $1', [first]);
        await pause(50);
        await manager.query('UPDATE work.counter SET value = value + 1 WHERE id = $1', [second]);
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    await expect(Promise.all([valueOf(1), valueOf(2)])).resolves.toEqual([2, 2]);
  });

  it('gives up after ten conflicts and throws the last one', async () => {
    let runs = 0;
    const hopeless = inTransaction(database.dataSource, async (manager) => {
      runs += 1;
      await manager.query(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`);
    });
    await expect(hopeless).rejects.toMatchObject({ driverError: { code: '40001' } });
    expect(runs).toBe(10);
  });

  it('is not tried again for any other failure', async () => {
    let runs = 0;
    const wrong = inTransaction(database.dataSource, async (manager) => {
      runs += 1;
      await manager.query('SELECT nonsense');
    });
    await expect(wrong).rejects.toThrow('nonsense');
    expect(runs).toBe(1);
  });

  it('within another one joins it: both are undone together', async () => {
    const outer = inTransaction(database.dataSource, async (manager) => {
      await inTransaction(manager, (inner) => inner.query(WRITE, [2, 7]));
      const [row] = await manager.query<{ value: number }[]>(READ, [2]);
      expect(row?.value).toBe(7);
      throw new Error('outer failed');
    });
    await expect(outer).rejects.toThrow('outer failed');
    await expect(valueOf(2)).resolves.toBe(0);
  });

  it('within another one cannot choose its isolation any more', async () => {
    const outer = inTransaction(database.dataSource, (manager) =>
      inTransaction(manager, async () => 1, { isolation: 'SERIALIZABLE' }),
    );
    await expect(outer).rejects.toThrow('A nested transaction cannot choose SERIALIZABLE');
  });
});
