import net from 'node:net';
import { type DataSource } from 'typeorm';
import { createLogger } from '../../../src/logger';
import { createDataSource, DatabaseStartError } from '../../../src/services/database';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const logger = createLogger('silent');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const connect = (change: (url: URL) => void) => {
  const url = new URL(database.url);
  change(url);
  return createDataSource({ url: url.toString(), poolSize: 2, logger });
};

/** A loss is noticed a moment later; until then the pool may hand out a connection that is dead already. */
async function answerOnceNoticed(dataSource: DataSource): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dataSource.query('SELECT 1 AS one');
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function messageOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatabaseStartError);
  return (error as Error).message;
}

describe('a data source', () => {
  it('answers as the application, in UTC, with numbers for counts', async () => {
    const rows = await database.dataSource.query<unknown[]>(
      `SELECT current_setting('application_name') AS name, current_setting('TimeZone') AS zone, count(*) AS models FROM models`,
    );
    expect(rows).toEqual([{ name: 'mooring', zone: 'UTC', models: 0 }]);
  });

  it('cancels a statement that takes longer than it may', async () => {
    const dataSource = await createDataSource({ url: database.url, poolSize: 1, logger, statementTimeoutMs: 50 });
    await expect(dataSource.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ driverError: { code: '57014' } });
    await dataSource.destroy();
  });

  it('outlives the loss of its connections, idle and in use', async () => {
    const dataSource = await connect(() => undefined);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await dataSource.query('SELECT 1');
    const lost = runner.query('SELECT pg_sleep(20)').catch((error: unknown) => error);
    await database.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await expect(lost).resolves.toHaveProperty('message', expect.stringContaining('terminat'));
    await expect(answerOnceNoticed(dataSource)).resolves.toEqual([{ one: 1 }]);
    await dataSource.destroy();
  });

  it('outlives the loss of a connection that waits inside a transaction', async () => {
    const dataSource = await connect(() => undefined);
    const work = dataSource.transaction(async (manager) => {
      const [row] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      await database.dataSource.query('SELECT pg_terminate_backend($1, 1000)', [row.pid]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await manager.query('SELECT 1');
    });
    await expect(work).rejects.toThrow();
    await expect(answerOnceNoticed(dataSource)).resolves.toEqual([{ one: 1 }]);
    await dataSource.destroy();
  });
});

/** The embedded PostgreSQL asks for passwords; a server of somebody else may trust whoever comes from its own machine. */
const whenPasswordsCount = process.env.MOORING_TEST_DATABASE_URL === undefined ? describe : describe.skip;

whenPasswordsCount('a wrong password in DATABASE_URL', () => {
  it('is told and not printed', async () => {
    const message = await messageOf(connect((url) => (url.password = 'wr0ng')));
    expect(message).toMatch(/^PostgreSQL at .* refuses the password of user "mooring_test_\w+_app"; correct it/);
    expect(message).not.toContain('wr0ng');
  });
});

describe('a wrong DATABASE_URL', () => {
  it('with the name of a missing database says how to make it', async () => {
    const message = await messageOf(connect((url) => (url.pathname = '/nowhere')));
    expect(message).toContain('There is no database "nowhere"');
    expect(message).toContain('CREATE DATABASE');
  });

  it('with a port where nothing listens names host and port', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const message = await messageOf(connect((url) => (url.host = `localhost:${port}`)));
    expect(message).toBe(
      `Nothing answers at localhost:${port}; start PostgreSQL there, or correct the host and port in DATABASE_URL.`,
    );
  });

  it('with an unknown host names it', async () => {
    const message = await messageOf(connect((url) => (url.hostname = 'no-such-host.invalid')));
    expect(message).toContain('no-such-host.invalid');
  });
});
