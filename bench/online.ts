import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { createLogger } from '../src/logger';
import { AuditTrail } from '../src/services/audit';
import { createDataSource, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '../src/services/database';
import {
  DuckDbEngine,
  EntityDefinitions,
  OnlineFeatures,
  type OnlineStore,
  ParquetOfflineStore,
  PostgresOnlineStore,
  RedisConnection,
  RedisOnlineStore,
  ServiceDefinitions,
  ViewDefinitions,
} from '../src/services/features';
import { systemActor } from '../src/services/identity';
import { JobSchedules } from '../src/services/jobs';
import type { Bench, BenchCase } from './harness';

const ENTITIES = 10_000;
const VIEWS = 5;
const FIELDS_PER_VIEW = 10;
const REDIS_PORT = 16_391;
/** In one measurement. */
const READS = 300;
const WRITE_PAGE = 1000;

const logger = createLogger('error');
const state: {
  directory?: string;
  postgres?: EmbeddedPostgres;
  dataSource?: DataSource;
  redisServer?: ChildProcess;
  connection?: RedisConnection;
  serviceVersionId?: string;
  viewVersionIds?: readonly string[];
  services?: ServiceDefinitions;
} = {};

/** What was made in setup. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The bench is not set up.');
  return value;
}

const redis = (): Redis => given(state.connection).redis as Redis;
const keyText = (entity: number): string => JSON.stringify([`e${entity}`]);

async function defineFeatures(dataSource: DataSource): Promise<void> {
  const audit = new AuditTrail({ dataSource });
  const actor = systemActor('system:bench', 'bench');
  await new EntityDefinitions({ dataSource, audit }).apply(
    { name: 'customer', joinKeys: [{ name: 'customer_id', dtype: 'STRING' }] },
    actor,
  );
  // Asked about the patterns of rules only, of which there are none: its thread never starts.
  const offline = new ParquetOfflineStore('', new DuckDbEngine({ memoryLimitBytes: 2 ** 28, threads: 1 }));
  const views = new ViewDefinitions({
    dataSource,
    audit,
    offline,
    schedules: new JobSchedules({ dataSource, logger: createLogger('silent') }),
  });
  const names = Array.from({ length: VIEWS }, (_, index) => `view_${index}`);
  for (const name of names) {
    const fields = Array.from({ length: FIELDS_PER_VIEW }, (_, index) => ({
      name: `${name}_${index}`,
      dtype: 'DOUBLE' as const,
    }));
    await views.apply({ name, entity: 'customer', fields, ttlSeconds: 86_400 }, actor);
  }
  const services = new ServiceDefinitions({ dataSource, audit });
  await services.apply({ name: 'all', features: names.map((view) => ({ view })) }, actor);
  const schema = await services.schemaByName('all', null, []);
  state.services = services;
  state.serviceVersionId = schema.versionId;
  state.viewVersionIds = [...schema.views.keys()];
}

async function fill(store: OnlineStore): Promise<void> {
  const schema = await given(state.services).schema(given(state.serviceVersionId));
  const eventMicros = BigInt(Date.now() - 60_000) * 1000n;
  for (const view of schema.views.values()) {
    for (let from = 0; from < ENTITIES; from += WRITE_PAGE) {
      const rows = Array.from({ length: WRITE_PAGE }, (_, index) => from + index);
      await store.write(view, {
        entityKeys: rows.map(keyText),
        eventMicros: rows.map(() => eventMicros),
        createdMicros: rows.map(() => null),
        ingestSequences: rows.map(() => 1),
        values: rows.map(() => Array.from({ length: FIELDS_PER_VIEW }, () => Math.random() * 1000)),
      });
    }
  }
}

type Read = (entities: readonly number[]) => Promise<unknown>;

const mooring =
  (storeOf: () => OnlineStore): Read =>
  (entities) =>
    new OnlineFeatures({ services: given(state.services), store: storeOf() }).read(
      given(state.serviceVersionId),
      entities.map((entity) => ({ customer_id: `e${entity}` })),
      (index) => ['entities', String(index)],
    );

/** The driver's own call for the same rows, as it answers: nothing is unpacked, or put into the order of features. */
const bareRedis: Read = (entities) =>
  redis().mgetBuffer(
    ...entities.flatMap((entity) =>
      given(state.viewVersionIds).map((version) => `mooring:{${keyText(entity)}}:${version}`),
    ),
  );

const barePostgres: Read = (entities) =>
  given(state.dataSource).query(
    'SELECT * FROM online_features WHERE feature_view_version_id = ANY($1::uuid[]) AND entity_key = ANY($2::text[])',
    [given(state.viewVersionIds), entities.map(keyText)],
  );

/** Milliseconds that so many of a hundred reads stay below. */
async function percentile(read: Read, entityCount: number, share: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < READS; round++) {
    const entities = Array.from({ length: entityCount }, () => Math.floor(Math.random() * ENTITIES));
    const start = performance.now();
    await read(entities);
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)];
}

const casesOf = (where: string, read: Read, bare: Read): BenchCase[] =>
  [1, 100].flatMap((entities) =>
    [0.5, 0.99].map((share) => ({
      name: `p${share * 100} of ${entities} × ${VIEWS * FIELDS_PER_VIEW} features from ${where}, against the bare driver`,
      unit: 'ms',
      higherIsBetter: false,
      run: () => percentile(read, entities, share),
      baseline: () => percentile(bare, entities, share),
    })),
  );

export const bench: Bench = {
  name: 'online',
  description: `online features of ${ENTITIES.toLocaleString('en')} entities in ${VIEWS} views; needs redis-server`,
  async setup() {
    state.directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
    // PostgreSQL may run as an account of its own, which has to get through.
    chmodSync(state.directory, 0o711);
    const postgres = await startEmbeddedPostgres({ directory: path.join(state.directory, 'data'), logger });
    state.postgres = postgres;
    await migrate({ ownerUrl: postgres.ownerUrl, appRole: new URL(postgres.url).username, logger });
    state.dataSource = await createDataSource({ url: postgres.url, poolSize: 2, logger });
    await defineFeatures(state.dataSource);
    await fill(new PostgresOnlineStore(state.dataSource));

    const args = ['--bind', '127.0.0.1', '--port', String(REDIS_PORT), '--save', '', '--dir', state.directory];
    state.redisServer = spawn('redis-server', args, { stdio: 'ignore' });
    await sleep(500);
    state.connection = new RedisConnection([`redis://127.0.0.1:${REDIS_PORT}`], () => undefined);
    await state.connection.start();
    await fill(new RedisOnlineStore(redis()));
  },
  async teardown() {
    await state.connection?.stop();
    state.redisServer?.kill();
    await state.dataSource?.destroy();
    await state.postgres?.stop();
    if (state.directory) rmSync(state.directory, { recursive: true, force: true });
  },
  cases: [
    ...casesOf(
      'Redis',
      mooring(() => new RedisOnlineStore(redis())),
      bareRedis,
    ),
    ...casesOf(
      'PostgreSQL',
      mooring(() => new PostgresOnlineStore(given(state.dataSource))),
      barePostgres,
    ),
  ],
};
