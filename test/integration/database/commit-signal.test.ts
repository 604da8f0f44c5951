import { CommitSignal } from '../../../src/services/database';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const signal = new CommitSignal('test.signal');
const other = new CommitSignal('test.other');
let database: TestDatabase;
let heard: string[];
let stop: () => void;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

beforeEach(() => {
  heard = [];
  stop = signal.listen(database.dataSource, () => heard.push('signal'));
});

afterEach(() => stop());

test('a commit is told once, after it, when the signal was raised in its transaction', async () => {
  await database.dataSource.transaction(async (manager) => {
    signal.raise(manager);
    signal.raise(manager);
    await manager.query('SELECT 1');
    expect(heard).toEqual([]);
  });
  expect(heard).toEqual(['signal']);
});

test('commits in which it was not raised, and rollbacks, are not told', async () => {
  await database.dataSource.transaction(async (manager) => other.raise(manager));
  const failing = database.dataSource.transaction(async (manager) => {
    signal.raise(manager);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await database.dataSource.transaction((manager) => manager.query('SELECT 1'));
  expect(heard).toEqual([]);
});

test('a transaction within a transaction is told when the outer one commits', async () => {
  await database.dataSource.transaction(async (manager) => {
    await manager.transaction(async (inner) => signal.raise(inner));
    expect(heard).toEqual([]);
  });
  expect(heard).toEqual(['signal']);
});

test('who stopped listening is not told', async () => {
  const late: string[] = [];
  const stopLate = signal.listen(database.dataSource, () => late.push('late'));
  stopLate();
  await database.dataSource.transaction(async (manager) => signal.raise(manager));
  expect(late).toEqual([]);
  expect(heard).toEqual(['signal']);
});
