import { DataSource, type Logger as TypeormLogger } from 'typeorm';
import { MIGRATIONS } from '../../../migrations';
import { ENTITIES } from '../../entities';
import { type Logger } from '../../logger';
import { describeConnectionProblem } from './connection-problem';
import { DatabaseStartError } from './database-start-error';

export interface DataSourceOptions {
  readonly url: string;
  /** Connections kept at most. */
  readonly poolSize: number;
  readonly logger: Logger;
  /** As pg_stat_activity shows it. */
  readonly applicationName?: string;
  /** A statement that runs longer is cancelled; 0: none is. */
  readonly statementTimeoutMs?: number;
}

export const MIGRATIONS_TABLE = 'schema_migrations';
/** The oldest that PostgreSQL still maintained when this was written, and that the tests were run on. */
const OLDEST_SERVER = 15;
const CONNECT_TIMEOUT_MS = 10_000;
/** A transaction that waits on its client this long was forgotten; it would hold its locks for ever. */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;
/** A new connection costs about 10 ms (SCRAM), so idle ones are kept for a minute. */
const IDLE_CONNECTION_MS = 60_000;

/**
 * A connected TypeORM data source over all entities; it never changes the schema by itself. A connection that drops is replaced and logged,
 * and its query fails; the process lives on.
 * @throws DatabaseStartError with one line when the server cannot be used
 */
export async function createDataSource(options: DataSourceOptions): Promise<DataSource> {
  const { url, poolSize, logger, applicationName = 'mooring', statementTimeoutMs = 30_000 } = options;
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    poolSize,
    applicationName,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    synchronize: false,
    // Sequences, counts and sizes stay far below 2^53, so int8 comes as number and not as text.
    parseInt8: true,
    installExtensions: false,
    logger: quietLogger(logger),
    poolErrorHandler: (error: Error) => {
      logger.warn(`A connection to PostgreSQL was lost: ${error.message}`);
    },
    extra: {
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      keepAlive: true,
      // What SQL makes of dates must not depend on the server's own time zone.
      options: '-c TimeZone=UTC',
    },
  });
  try {
    await dataSource.initialize();
  } catch (error) {
    throw new DatabaseStartError(describeConnectionProblem(error, url), { cause: error });
  }
  const [version] = await dataSource.query<{ server_version: string }[]>('SHOW server_version');
  const major = Number.parseInt(version?.server_version ?? '', 10);
  if (major >= OLDEST_SERVER) return dataSource;
  await dataSource.destroy();
  throw new DatabaseStartError(
    `PostgreSQL at ${new URL(url).host} is version ${version?.server_version}; Mooring needs ${OLDEST_SERVER} or later.`,
  );
}

/** TypeORM's own logger writes to the console. Failed queries are thrown, so whoever catches them logs them once, with their context. */
function quietLogger(logger: Logger): TypeormLogger {
  const ignore = () => undefined;
  return {
    logQuery: ignore,
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: (message) => logger.debug(message),
    log: (level, message) => (level === 'warn' ? logger.warn(message) : logger.debug(message)),
  };
}
