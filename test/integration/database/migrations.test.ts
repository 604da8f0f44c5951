import { Client } from 'pg';
import { MIGRATIONS } from '../../../migrations';
import { createLogger } from '../../../src/logger';
import {
  createDataSource,
  DatabaseStartError,
  migrate,
  pendingMigrations,
  revertLastMigration,
} from '../../../src/services/database';
import { dumpSchema } from '../../support/schema-dump';
import { createBareDatabase, type BareDatabase } from '../../support/test-database';

const logger = createLogger('silent');
const ALL = MIGRATIONS.map(({ name }) => name);

let database: BareDatabase;
beforeEach(async () => {
  database = await createBareDatabase();
});
afterEach(async () => {
  await database.drop();
});

async function queryAs(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function revertAll(): Promise<string[]> {
  const reverted: string[] = [];
  for (;;) {
    const name = await revertLastMigration({ ownerUrl: database.ownerUrl, logger });
    if (name === null) return reverted;
    reverted.push(name);
  }
}

describe('migrations', () => {
  it('make the same schema when they are run, taken back and run again, and leave nothing when taken back', async () => {
    const { ownerUrl } = database;
    await expect(migrate({ ownerUrl, logger })).resolves.toEqual(ALL);
    const first = await dumpSchema(ownerUrl);

    await expect(revertAll()).resolves.toEqual([...ALL].reverse());
    const own = (await dumpSchema(ownerUrl)).filter((line) => !/schema_migrations|^extension: plpgsql$/.test(line));
    expect(own).toEqual([]);

    await expect(migrate({ ownerUrl, logger })).resolves.toEqual(ALL);
    await expect(dumpSchema(ownerUrl)).resolves.toEqual(first);
    expect(first.filter((line) => line.startsWith('relation: r'))).not.toHaveLength(0);
  });

  it('can each be taken back and run again on their own', async () => {
    const { ownerUrl } = database;
    await migrate({ ownerUrl, logger });
    const last = ALL.at(-1);
    const before = await dumpSchema(ownerUrl);
    await expect(revertLastMigration({ ownerUrl, logger })).resolves.toBe(last);
    await expect(migrate({ ownerUrl, logger })).resolves.toEqual([last]);
    await expect(dumpSchema(ownerUrl)).resolves.toEqual(before);
  });

  it('run once when two servers start at the same time', async () => {
    const { ownerUrl } = database;
    const progress: string[] = [];
    const options = { ownerUrl, logger, onProgress: (message: string) => progress.push(message) };
    const ran = await Promise.all([migrate(options), migrate(options), migrate(options)]);
    expect(ran.flat().sort()).toEqual([...ALL].sort());
    expect(ran.filter((names) => names.length === 0)).toHaveLength(2);
    expect(progress).toContain('Waiting for another server that is migrating the database');
  });

  it('are pending until they have run', async () => {
    const { ownerUrl, url, appRole } = database;
    const owner = await createDataSource({ url: ownerUrl, poolSize: 2, logger });
    await expect(pendingMigrations(owner)).resolves.toEqual(ALL);
    await owner.destroy();
    await migrate({ ownerUrl, appRole, logger });
    const application = await createDataSource({ url, poolSize: 2, logger });
    await expect(pendingMigrations(application)).resolves.toEqual([]);
    await application.destroy();
  });

  it('of a newer Mooring are refused by name', async () => {
    const { ownerUrl } = database;
    await migrate({ ownerUrl, logger });
    await queryAs(
      ownerUrl,
      `INSERT INTO schema_migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`,
    );
    await expect(migrate({ ownerUrl, logger })).rejects.toThrow(
      new DatabaseStartError(
        'The database was migrated by a newer Mooring (it has Later9999999999999); install that version, or use another database.',
      ),
    );
  });

  it('that fail are named, with the reason, and leave no trace', async () => {
    const { ownerUrl } = database;
    await queryAs(ownerUrl, 'CREATE TABLE idempotency_keys (something int)');
    await expect(migrate({ ownerUrl, logger })).rejects.toThrow(
      `Migration ${ALL[0]} failed and left no trace (those before it stay): relation "idempotency_keys" already exists`,
    );
    const tables = (await dumpSchema(ownerUrl)).filter((line) => line.startsWith('relation: r'));
    expect(tables.map((line) => line.split(' ')[2]).sort()).toEqual(['idempotency_keys', 'schema_migrations']);
  });
});

describe('the application’s role', () => {
  it('can work with rows and make a schema of its own, and cannot change the tables', async () => {
    const { ownerUrl, url, appRole } = database;
    await migrate({ ownerUrl, appRole, logger });
    await migrate({ ownerUrl, appRole, logger });
    await queryAs(
      url,
      `INSERT INTO idempotency_keys (actor, mutation, key, input_hash, response) VALUES ('a', 'm', 'k', '', '1')`,
    );
    await expect(queryAs(url, 'SELECT key FROM idempotency_keys')).resolves.toEqual([{ key: 'k' }]);
    await queryAs(url, 'CREATE SCHEMA jobs CREATE TABLE job (id int)');
    await expect(queryAs(url, 'ALTER TABLE audit_entries DISABLE TRIGGER ALL')).rejects.toThrow('must be owner');
    await expect(queryAs(url, 'TRUNCATE audit_entries')).rejects.toThrow('permission denied');
    await expect(queryAs(url, 'DELETE FROM schema_migrations')).rejects.toThrow('permission denied');
    await expect(queryAs(url, 'CREATE TABLE public.mine (id int)')).rejects.toThrow('permission denied');
  });

  it('may use tables of later migrations too', async () => {
    const { ownerUrl, url, appRole } = database;
    await migrate({ ownerUrl, appRole, logger });
    await queryAs(ownerUrl, 'CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY, note text)');
    await queryAs(url, `INSERT INTO later (note) VALUES ('here')`);
    await expect(queryAs(url, 'SELECT note FROM later')).resolves.toEqual([{ note: 'here' }]);
  });

  it('is asked for when it does not exist', async () => {
    const { ownerUrl } = database;
    await expect(migrate({ ownerUrl, appRole: 'nobody_knows', logger })).rejects.toThrow(
      'There is no role nobody_knows in PostgreSQL; create it, or correct DATABASE_URL.',
    );
  });
});
