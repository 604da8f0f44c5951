import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { createLogger } from '../src/logger';
import { fromGlobalId } from '../src/schema/global-id';
import { createDataSource, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '../src/services/database';
import { RegistryReader, RegistrySearch } from '../src/services/registry';
import { fillRegistry } from './fill-registry';
import type { Bench, BenchCase } from './harness';
import { runSearch, TYPICAL_SEARCHES } from './typical-searches';

const VERSIONS_PER_MODEL = 100;
const SIZES = [1_000, 10_000, 100_000] as const;
type Size = (typeof SIZES)[number];
const LIMIT_MS = 25;
const GROWTH_LIMIT = 2;
/** Of every search, in one measurement. */
const REPETITIONS = 10;

const logger = createLogger('error');
const state: {
  directory?: string;
  postgres?: EmbeddedPostgres;
  readonly searches: Map<Size, RegistrySearch>;
  readonly dataSources: DataSource[];
} = { searches: new Map(), dataSources: [] };

/** A registry of so many versions in a database of its own. */
async function openRegistry(postgres: EmbeddedPostgres, size: Size): Promise<RegistrySearch> {
  const name = `registry_${size}`;
  const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  const owner = decodeURIComponent(new URL(postgres.ownerUrl).username);
  const appRole = decodeURIComponent(new URL(postgres.url).username);
  await execute(postgres.adminUrl, `CREATE DATABASE ${name} OWNER ${owner}`);
  await migrate({ ownerUrl: inDatabase(postgres.ownerUrl), appRole, logger });
  const dataSource = await createDataSource({
    url: inDatabase(postgres.url),
    poolSize: 2,
    logger,
    statementTimeoutMs: 0,
  });
  state.dataSources.push(dataSource);
  await fillRegistry(dataSource, size / VERSIONS_PER_MODEL, VERSIONS_PER_MODEL);
  await execute(inDatabase(postgres.ownerUrl), 'VACUUM ANALYZE');
  const reader = new RegistryReader({ dataSource });
  return new RegistrySearch({ dataSource, reader, keyOf: fromGlobalId });
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** Of all searches, in turn: milliseconds of a page that 95 of 100 stay below. */
async function p95(size: Size): Promise<number> {
  const registry = state.searches.get(size);
  if (!registry) throw new Error(`There is no registry of ${size} versions.`);
  const times: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    for (const search of TYPICAL_SEARCHES) {
      const start = performance.now();
      const pages = await runSearch(registry, search);
      times.push((performance.now() - start) / pages);
    }
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)];
}

const growthCase = (size: Size): BenchCase => ({
  name: `p95 over ${size.toLocaleString('en')} versions, against ${GROWTH_LIMIT} × that over ${SIZES[0].toLocaleString('en')}`,
  unit: 'ms',
  higherIsBetter: false,
  run: () => p95(size),
  baseline: async () => GROWTH_LIMIT * (await p95(SIZES[0])),
});

export const bench: Bench = {
  name: 'registry-search',
  description: `a page of ${TYPICAL_SEARCHES.length} typical searches of the registry, from PostgreSQL to entities`,
  async setup() {
    state.directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
    // PostgreSQL may run as an account of its own, which has to get through.
    chmodSync(state.directory, 0o711);
    state.postgres = await startEmbeddedPostgres({ directory: path.join(state.directory, 'data'), logger });
    for (const size of SIZES) state.searches.set(size, await openRegistry(state.postgres, size));
  },
  async teardown() {
    for (const dataSource of state.dataSources) await dataSource.destroy();
    await state.postgres?.stop();
    if (state.directory) rmSync(state.directory, { recursive: true, force: true });
  },
  cases: [
    growthCase(10_000),
    growthCase(100_000),
    {
      name: `p95 over 100,000 versions, against the limit of ${LIMIT_MS} ms`,
      unit: 'ms',
      higherIsBetter: false,
      run: () => p95(100_000),
      baseline: () => LIMIT_MS,
    },
  ],
};
