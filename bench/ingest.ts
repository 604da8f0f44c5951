import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import type { DataSource } from 'typeorm';
import { createLogger } from '../src/logger';
import { FileArtifactStore } from '../src/services/artifacts';
import { AuditTrail } from '../src/services/audit';
import { createDataSource, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '../src/services/database';
import {
  DuckDbEngine,
  EntityDefinitions,
  FeatureIngest,
  type FeatureRowInput,
  ParquetOfflineStore,
  ViewDefinitions,
} from '../src/services/features';
import { JobSchedules } from '../src/services/jobs';
import type { Bench, BenchCase } from './harness';
import { type FileKind, ingestInProcess, SCHEMA } from './ingest-process';

const ROWS = 200_000;
const BATCH_ROWS = 10_000;
const FILE_ROWS = 5_000_000;
const MEMORY_LIMIT_MB = 1024;
const ROUNDS = 3;
const ACTOR = { name: 'bench', roles: ['ADMIN'], requestId: 'bench' } as const;

interface State {
  directory: string;
  rows: FeatureRowInput[];
  digests: Map<FileKind, string>;
  postgres?: EmbeddedPostgres;
  dataSource?: DataSource;
  engine: DuckDbEngine;
  ingest?: FeatureIngest;
  bare?: DuckDBConnection;
}
const state: State = { directory: '', rows: [], digests: new Map(), engine: new DuckDbEngine() };
let sent = 0;

const batches = (): FeatureRowInput[][] =>
  Array.from({ length: state.rows.length / BATCH_ROWS }, (_, index) =>
    state.rows.slice(index * BATCH_ROWS, (index + 1) * BATCH_ROWS),
  );

async function ingestRows(withKeys: boolean): Promise<number> {
  const start = performance.now();
  for (const rows of batches())
    await state.ingest?.ingest({ view: 'usage', rows, idempotencyKey: withKeys ? `bench-${sent++}` : null }, ACTOR);
  return state.rows.length / ((performance.now() - start) / 1000);
}

/** The same row objects through DuckDB's appender, in this thread and unchecked, and a file per batch. */
async function appendRows(): Promise<number> {
  const connection = state.bare;
  if (!connection) throw new Error('The bench has not been set up');
  const start = performance.now();
  for (const [index, rows] of batches().entries()) {
    await connection.run(
      'CREATE OR REPLACE TABLE bare (id VARCHAR, event TIMESTAMP, minutes DOUBLE, plan VARCHAR, calls BIGINT, active BOOLEAN, spend DOUBLE, score DOUBLE)',
    );
    const appender = await connection.createAppender('bare');
    for (const row of rows) appendRow(appender, row);
    appender.closeSync();
    const file = path.join(state.directory, `bare-${index}.parquet`);
    await connection.run(`COPY bare TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  }
  return state.rows.length / ((performance.now() - start) / 1000);
}

function appendRow(appender: DuckDBAppender, row: FeatureRowInput): void {
  appender.appendVarchar(String(row.subscriber_id));
  appender.appendTimestamp(new DuckDBTimestampValue(BigInt(Date.parse(String(row.eventTimestamp))) * 1000n));
  appender.appendDouble(row.minutes as number);
  appender.appendVarchar(row.plan as string);
  appender.appendBigInt(BigInt(row.calls as number));
  appender.appendBoolean(row.active as boolean);
  appender.appendDouble(row.spend as number);
  appender.appendDouble(row.score as number);
  appender.endRow();
}

function fileCases(kind: FileKind): BenchCase[] {
  const peaks: number[] = [];
  const measured = async (side: 'mooring' | 'bare') => {
    const result = await ingestInProcess(side, kind, state.directory, state.digests.get(kind) ?? '');
    if (side === 'mooring') peaks.push(result.peakResidentMegabytes);
    return result.seconds;
  };
  const name = `5M rows as ${kind}`;
  return [
    {
      name: `${name}: artifact to synced batches, against a bare COPY of the file`,
      unit: 's',
      higherIsBetter: false,
      rounds: ROUNDS,
      run: () => measured('mooring'),
      baseline: () => measured('bare'),
    },
    {
      name: `${name}: peak resident memory, the worst of all, against the limit`,
      unit: 'MB',
      higherIsBetter: false,
      rounds: 1,
      run: () => Math.max(...peaks),
      baseline: () => MEMORY_LIMIT_MB,
    },
  ];
}

async function writeFiles(rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const store = new FileArtifactStore(path.join(state.directory, 'artifacts'));
  await store.open();
  const select = `SELECT 's' || i % 100000 AS subscriber_id, TIMESTAMP '2026-01-01' + to_seconds(i) AS "eventTimestamp", (i * 7919 % 1000003) / 1000.0 AS minutes,
    CASE WHEN i % 2 = 0 THEN 'flat' ELSE 'meter' END AS plan, i % 500 AS calls, i % 3 = 0 AS active, (i * 31 % 10007) / 7.0 AS spend, sin(i) AS score FROM range(${rows}) r(i)`;
  for (const kind of ['csv', 'parquet'] as const) {
    const file = path.join(state.directory, `rows.${kind}`);
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT ${kind}${kind === 'csv' ? ', HEADER' : ''})`);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    const digest = hash.digest('hex');
    await (await store.stage(createReadStream(file), { digest, sizeBytes: statSync(file).size })).keep();
    state.digests.set(kind, digest);
  }
  connection.closeSync();
  instance.closeSync();
}

async function openIngest(): Promise<void> {
  const logger = createLogger('error');
  const postgres = await startEmbeddedPostgres({ directory: path.join(state.directory, 'data'), logger });
  state.postgres = postgres;
  await migrate({ ownerUrl: postgres.ownerUrl, appRole: new URL(postgres.url).username, logger });
  const dataSource = await createDataSource({ url: postgres.url, poolSize: 2, logger });
  state.dataSource = dataSource;
  const audit = new AuditTrail({ dataSource });
  const offline = new ParquetOfflineStore(path.join(state.directory, 'rows'), state.engine);
  await new EntityDefinitions({ dataSource, audit }).apply(
    { name: 'subscriber', joinKeys: [...SCHEMA.joinKeys] },
    ACTOR,
  );
  const schedules = new JobSchedules({ dataSource, logger });
  await new ViewDefinitions({ dataSource, audit, offline, schedules }).apply(
    { name: 'usage', entity: 'subscriber', fields: SCHEMA.fields },
    ACTOR,
  );
  state.ingest = new FeatureIngest({ dataSource, audit, offline });
  state.bare = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
}

/** Ours checks every value, has the rows durable and numbered, and keeps the event loop turning. The bare sides do none of it. */
export const bench: Bench = {
  name: 'ingest',
  description:
    'rows in batches of 10,000 against a bare DuckDB appender, and files of 5M rows × 8 columns against a bare COPY',
  async setup({ small }) {
    state.directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
    // Root's PostgreSQL runs as another user, who has to get in.
    chmodSync(state.directory, 0o711);
    const share = small ? 10 : 1;
    state.rows = Array.from({ length: ROWS / share }, (_, i) => ({
      subscriber_id: `s${i % 10_000}`,
      eventTimestamp: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString(),
      minutes: ((i * 7919) % 1_000_003) / 1000,
      plan: i % 2 === 0 ? 'flat' : 'meter',
      calls: i % 500,
      active: i % 3 === 0,
      spend: ((i * 31) % 10_007) / 7,
      score: Math.sin(i),
    }));
    await writeFiles(FILE_ROWS / share);
    await openIngest();
  },
  async teardown() {
    await state.engine.close();
    await state.dataSource?.destroy();
    await state.postgres?.stop();
    rmSync(state.directory, { recursive: true, force: true });
  },
  cases: [
    {
      name: 'ingestFeatures in batches of 10,000 rows × 8 columns, against a bare appender and a file per batch',
      unit: 'rows/s',
      higherIsBetter: true,
      rounds: ROUNDS,
      run: () => ingestRows(false),
      baseline: appendRows,
    },
    {
      name: 'the same with idempotency keys',
      unit: 'rows/s',
      higherIsBetter: true,
      rounds: ROUNDS,
      run: () => ingestRows(true),
      baseline: appendRows,
    },
    ...fileCases('csv'),
    ...fileCases('parquet'),
  ],
};
