import { escapeIdentifier } from 'pg';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { type Logger } from '../../logger';
import { createDataSource, MIGRATIONS_TABLE } from './data-source';
import { DatabaseStartError } from './database-start-error';

export interface MigrateOptions {
  /** Connects as the role that owns the schema. */
  readonly ownerUrl: string;
  /** The role that the server runs as; when it is another than the owner, it is granted what it needs. */
  readonly appRole?: string;
  readonly logger: Logger;
  /** Told when it has to wait, and of each migration that ran. */
  readonly onProgress?: (message: string) => void;
}

/**
 * Runs the pending migrations, each in a transaction of its own. Servers that start together take turns, so each migration runs once.
 * @returns names of those that ran, in order
 * @throws DatabaseStartError when a migration fails (those before it stay), when the database was migrated by a newer Mooring, or when the
 *   owner may not grant what the application's role needs
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  return withMigrationLock(options, async (dataSource, runner) => {
    const executor = newExecutor(dataSource, runner);
    await refuseNewerSchema(dataSource, executor);
    const done = await runPending(executor);
    for (const name of done) options.onProgress?.(`Migrated the database: ${name}`);
    const [session] = (await runner.query('SELECT current_user AS owner')) as { owner: string }[];
    if (options.appRole !== undefined && options.appRole !== session?.owner) await grantTo(options.appRole, runner);
    return done;
  });
}

/**
 * Takes back the migration that ran last.
 * @returns its name; null when none has run
 */
export async function revertLastMigration(options: Omit<MigrateOptions, 'appRole'>): Promise<string | null> {
  return withMigrationLock(options, async (dataSource, runner) => {
    const executor = newExecutor(dataSource, runner);
    const [last] = await executor.getExecutedMigrations();
    if (!last) return null;
    await executor.undoLastMigration();
    return last.name;
  });
}

/** Names of the migrations that this Mooring brings and the database has not seen, in order. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.map(({ name }) => name);
}

async function withMigrationLock<T>(
  { ownerUrl, logger, onProgress }: MigrateOptions,
  work: (dataSource: DataSource, runner: QueryRunner) => Promise<T>,
): Promise<T> {
  // Two connections: TypeORM asks some questions beside the one that holds the lock. A migration may take as long as it needs.
  const dataSource = await createDataSource({
    url: ownerUrl,
    poolSize: 2,
    logger,
    applicationName: 'mooring migrate',
    statementTimeoutMs: 0,
  });
  try {
    const runner = dataSource.createQueryRunner();
    const key = `hashtextextended('mooring:migrate', 0)`;
    // Held by the session, so it ends with it, however this process ends.
    const [attempt] = (await runner.query(`SELECT pg_try_advisory_lock(${key}) AS locked`)) as { locked: boolean }[];
    if (!attempt?.locked) {
      onProgress?.('Waiting for another server that is migrating the database');
      await runner.query(`SELECT pg_advisory_lock(${key})`);
    }
    return await work(dataSource, runner);
  } finally {
    await dataSource.destroy();
  }
}

function newExecutor(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'each';
  return executor;
}

async function runPending(executor: MigrationExecutor): Promise<string[]> {
  try {
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  } catch (error) {
    const [failed] = await executor.getPendingMigrations();
    throw new DatabaseStartError(
      `Migration ${failed?.name} failed and left no trace (those before it stay): ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function refuseNewerSchema(dataSource: DataSource, executor: MigrationExecutor): Promise<void> {
  const known = new Set(dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name));
  const unknown = (await executor.getExecutedMigrations()).map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new DatabaseStartError(
    `The database was migrated by a newer Mooring (it has ${unknown.join(', ')}); install that version, or use another database.`,
  );
}

/** Rows yes, schema no. CREATE on the database is for the schema that pg-boss makes for its jobs. */
async function grantTo(role: string, runner: QueryRunner): Promise<void> {
  const to = escapeIdentifier(role);
  const [found] = (await runner.query(
    'SELECT current_database() AS database, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS exists',
    [role],
  )) as { database: string; exists: boolean }[];
  if (!found?.exists) {
    throw new DatabaseStartError(`There is no role ${role} in PostgreSQL; create it, or correct DATABASE_URL.`);
  }
  const database = escapeIdentifier(found.database);
  await runner.query(`
    GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${database} TO ${to};
    GRANT USAGE ON SCHEMA public TO ${to};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${to};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${to};
    GRANT EXECUTE ON FUNCTION make_prediction_partitions(timestamptz[]), drop_prediction_partition(timestamptz) TO ${to};
    REVOKE INSERT, UPDATE, DELETE ON ${MIGRATIONS_TABLE} FROM ${to};
    REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM ${to};
    REVOKE DELETE, TRUNCATE ON audit_heads FROM ${to};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${to};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${to};
  `);
  // Without the right to grant it, GRANT on a database only warns.
  const [able] = (await runner.query(`SELECT has_database_privilege($1, current_database(), 'CREATE') AS create`, [
    role,
  ])) as { create: boolean }[];
  if (able?.create) return;
  throw new DatabaseStartError(
    `The role ${role} may not create a schema for its jobs; run as the owner of the database: GRANT CREATE ON DATABASE ${database} TO ${to}`,
  );
}
