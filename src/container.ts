import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { buildServices } from './build-services';
import { type Config } from './config';
import { IdleCollector } from './idle-collector';
import type { Logger } from './logger';
import type { Services } from './schema/context';
import { buildApiSchema } from './server/build-schema';
import { DRIFT_LIMITS } from './server/drift-gauges';
import { HttpServer } from './server/http-server';
import { Metrics } from './server/metrics';
import type { ReadinessCheck } from './server/operations-routes';
import { addScrapedMetrics, type Readings } from './server/scraped-metrics';
import { StartError } from './server/start-error';
import { AuditReader, AuditTrail } from './services/audit';
import {
  createDataSource,
  findRunningPostgres,
  migrate,
  pendingMigrations,
  startEmbeddedPostgres,
} from './services/database';
import { readRelayLag } from './services/events';
import { TokenService } from './services/identity';
import { readJobDepths } from './services/jobs';
import { countUnresolvedAlerts, readDriftScores } from './services/monitoring';
import { AuditHistory, RegistryReader } from './services/registry';

const FAREWELL_MS = 50;
const UPKEEP_MS = 3_600_000;

export interface Surroundings {
  readonly logger: Logger;
  /** Told in a few words what is being done, when it takes a moment. */
  readonly onProgress?: (message: string) => void;
}

interface DatabaseUrls {
  readonly url: string;
  readonly ownerUrl: string;
}

export interface Database {
  readonly url: string;
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly auditHistory: AuditHistory;
  readonly tokens: TokenService;
  readonly registry: RegistryReader;
  stop(): Promise<void>;
}

export interface Container {
  readonly services: Services;
  readonly server: HttpServer;
  /** Finishes what is under way and stops everything that was started, last thing first. Idempotent. */
  stop(): Promise<void>;
}

/** What was started, to be stopped in the opposite order. */
class Running {
  private readonly stops: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  private stopping: Promise<void> | null = null;

  constructor(private readonly logger: Logger) {}

  add(name: string, stop: () => Promise<void>): void {
    this.stops.unshift({ name, stop });
  }

  readonly stop = (): Promise<void> => (this.stopping ??= this.stopAll());

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  private async stopAll(): Promise<void> {
    for (const { name, stop } of this.stops) {
      const startedAt = performance.now();
      try {
        await stop();
        this.logger.debug({ name, durationMs: Math.round(performance.now() - startedAt) }, 'stopped');
      } catch (error) {
        // The others still have to be stopped, the database last of all.
        this.logger.error({ name, err: error }, 'could not be stopped');
      }
    }
  }
}

/** The database, migrated and connected: what commands need that do not serve. They may run beside a server, and then share its PostgreSQL. */
export async function openDatabase(config: Config, surroundings: Surroundings): Promise<Database> {
  const running = new Running(surroundings.logger);
  try {
    const shared = config.databaseUrl === null ? findRunningPostgres(config.dataDirectory) : null;
    return { ...(await connect(config, surroundings, running, shared)), stop: running.stop };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/**
 * Builds every service (build-services.ts), starts what runs by itself, and serves.
 * @throws DatabaseStartError | StartError with a message for the terminal; whatever was started is stopped again
 */
export async function createContainer(config: Config, surroundings: Surroundings): Promise<Container> {
  const { logger } = surroundings;
  const running = new Running(logger);
  try {
    const database = await connect(config, surroundings, running);
    await refuseWithoutTokens(config, database.tokens);
    const metrics = new Metrics();
    const { url: databaseUrl, dataSource, audit, auditHistory, registry, tokens } = database;
    const built = buildServices({
      config,
      logger,
      databaseUrl,
      dataSource,
      audit,
      auditHistory,
      registry,
      tokens,
      observer: metrics,
    });

    for (const [name, part] of Object.entries(built.parts)) {
      await part.start?.();
      running.add(name, async () => part.stop());
    }
    addScrapedMetrics(metrics.registry, readingsOf(dataSource, built.services));
    startUpkeep(built.upkeep, logger, running);
    const collector = new IdleCollector();
    running.add('idle collector', async () => collector.stop());
    const server = await HttpServer.start({
      config,
      logger,
      schema: buildApiSchema(),
      services: built.services,
      metrics,
      checks: [...readinessChecks(dataSource, running), ...serviceChecks(built.readiness)],
    });
    running.add('http', () => server.stop(config.shutdownGraceSeconds * 1000));
    return { services: built.services, server, stop: running.stop };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function connect(
  config: Config,
  { logger, onProgress }: Surroundings,
  running: Running,
  shared: DatabaseUrls | null = null,
): Promise<Omit<Database, 'stop'>> {
  prepareDirectory(config.dataDirectory);
  const { url, ownerUrl } = shared ?? (await provideDatabase(config, { logger, onProgress }, running));
  const appRole = decodeURIComponent(new URL(url).username) || undefined;
  await migrate({ ownerUrl, appRole, logger, onProgress });
  const dataSource = await createDataSource({ url, poolSize: config.databasePoolSize, logger });
  running.add('database connections', async () => {
    await dataSource.destroy();
    // pg-pool says farewell and does not wait; PostgreSQL, stopped before it has read that, would end the connections with an error.
    await sleep(FAREWELL_MS);
  });
  const audit = new AuditTrail({ dataSource });
  const registry = new RegistryReader({ dataSource });
  const auditHistory = new AuditHistory({ dataSource, audit, reader: new AuditReader({ dataSource }) });
  return { url, dataSource, audit, auditHistory, registry, tokens: new TokenService({ dataSource, audit }) };
}

async function provideDatabase(
  { databaseUrl, migrationDatabaseUrl, dataDirectory }: Config,
  surroundings: Surroundings,
  running: Running,
): Promise<DatabaseUrls> {
  if (databaseUrl !== null) return { url: databaseUrl, ownerUrl: migrationDatabaseUrl ?? databaseUrl };
  const postgres = await startEmbeddedPostgres({ directory: dataDirectory, ...surroundings });
  running.add('PostgreSQL', () => postgres.stop());
  return postgres;
}

/** Artifacts and feature files lie there, also when the database does not. */
function prepareDirectory(directory: string): void {
  try {
    // Recursive only where it has to be: on /proc, Node's recursive mkdir never ends.
    if (!fs.existsSync(directory)) fs.mkdirSync(directory, { recursive: !fs.existsSync(path.dirname(directory)) });
    fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    throw new StartError(
      `Cannot write to ${directory} (${(error as NodeJS.ErrnoException).code}). Mend that, or set MOORING_DATA_DIR to a directory that you can write to.`,
      { cause: error },
    );
  }
}

async function refuseWithoutTokens({ authentication, host }: Config, tokens: TokenService): Promise<void> {
  if (authentication === 'development' || (await tokens.hasActiveTokens())) return;
  throw new StartError(
    `Listening on ${host} needs tokens, and there is none that works. Make one: npx mooring token create --name first --actor you --role ADMIN`,
  );
}

/** What grows for ever unless somebody sweeps, and what waits for others. */
function startUpkeep(upkeep: Record<string, () => Promise<unknown>>, logger: Logger, running: Running): void {
  let underWay = Promise.resolve();
  const sweepAll = async () => {
    for (const [name, sweep] of Object.entries(upkeep)) {
      if (running.isStopping) return;
      await sweep().catch((error: unknown) => {
        logger.warn({ err: error }, `could not ${name}; it is tried again in an hour`);
      });
    }
  };
  const begin = () => void (underWay = underWay.then(sweepAll));
  const timer = setInterval(begin, UPKEEP_MS).unref();
  begin();
  running.add('upkeep', async () => {
    clearInterval(timer);
    await underWay;
  });
}

/** What Prometheus is told of the database and of what is under way. */
const readingsOf = (dataSource: DataSource, { serving }: Services): Readings => ({
  jobs: () => readJobDepths(dataSource),
  relay: () => readRelayLag(dataSource),
  alerts: () => countUnresolvedAlerts(dataSource),
  drift: () => readDriftScores(dataSource, DRIFT_LIMITS),
  serving: async () => serving.load,
});

function readinessChecks(dataSource: DataSource, running: Running): ReadinessCheck[] {
  let migrated = false;
  return [
    { name: 'running', check: () => (running.isStopping ? 'shutting down' : null) },
    {
      name: 'database',
      check: async () => {
        await dataSource.query('SELECT 1');
        return null;
      },
    },
    {
      name: 'migrations',
      check: async () => {
        migrated ||= (await pendingMigrations(dataSource)).length === 0;
        return migrated ? null : 'some have not been run';
      },
    },
    {
      // Whichever replica's relay is the active one, what was recorded has to move.
      name: 'relay',
      check: async () => {
        const late = await dataSource.query<unknown[]>(
          `SELECT 1 FROM outbox_events WHERE sequence IS NULL AND occurred_at < now() - interval '10 seconds' LIMIT 1`,
        );
        return late.length === 0 ? null : 'events wait to be relayed';
      },
    },
    {
      // A worker picks up after 15 s what another one has let go of.
      name: 'jobs',
      check: async () => {
        const abandoned = await dataSource.query<unknown[]>(
          `SELECT 1 FROM jobs WHERE status = 'RUNNING' AND heartbeat_at < now() - interval '60 seconds' LIMIT 1`,
        );
        return abandoned.length === 0 ? null : 'abandoned jobs are not picked up';
      },
    },
  ];
}

const serviceChecks = (readiness: Record<string, () => Promise<unknown>>): ReadinessCheck[] =>
  Object.entries(readiness).map(([name, probe]) => ({ name, check: () => probe().then(() => null) }));
