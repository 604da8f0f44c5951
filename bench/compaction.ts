import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDbEngine } from '../src/services/features/offline/duckdb-engine';
import type { OfflineBatch, ViewRows } from '../src/services/features/offline/offline-store';
import { ParquetOfflineStore } from '../src/services/features/offline/parquet-offline-store';
import { knownCountSql } from '../src/services/features/offline/scan.sql';
import { RowParser } from '../src/services/features/rows/row-parser';
import type { RowSchema } from '../src/services/features/rows/row-slice';
import type { Bench } from './harness';

const BATCHES = 1000;
const ROWS = 100;
const LATER = new Date('2030-01-01');
const SCHEMA: RowSchema = {
  joinKeys: [{ name: 'customer', dtype: 'INT64' }],
  fields: [1, 2, 3, 4, 5].map((n) => ({ name: `f${n}`, dtype: 'DOUBLE' as const })),
};

const directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-compaction-'));
const engine = new DuckDbEngine();
const store = new ParquetOfflineStore(directory, engine);
const state: { small: ViewRows; large: ViewRows } = {
  small: { view: 'view', schema: SCHEMA, batches: [] },
  large: { view: 'view', schema: SCHEMA, batches: [] },
};

async function writeBatch(batch: number): Promise<OfflineBatch> {
  const rows = Array.from({ length: ROWS }, (_, index) => ({
    customer: (batch * 31 + index * 7) % 20_000,
    eventTimestamp: new Date(Date.UTC(2026, 0, 1) + batch * 60_000).toISOString(),
    createdTimestamp: new Date(Date.UTC(2026, 0, 1) + batch * 60_000).toISOString(),
    ...Object.fromEntries(SCHEMA.fields.map(({ name }, n) => [name, Math.sin(batch * 1000 + index + n)])),
  }));
  async function* slices() {
    yield new RowParser(SCHEMA).parse(rows, 0, ROWS);
  }
  const { file } = await store.writeBatch('small', SCHEMA, slices());
  return { file, ingestSequence: batch + 1 };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const newest = (rows: ViewRows) => () =>
  seconds(() => store.latest(rows, { dueThrough: LATER, seen: null }, {}, async ({ rowCount }) => rowCount));
const counted = (rows: ViewRows) => () =>
  seconds(() => engine.call('rows', { sql: knownCountSql(rows, store.pathOf) }));

/** What is measured is the file of all, as it is after a compaction; the baseline is what was there before. */
export const bench: Bench = {
  name: 'compaction',
  description: `Reading a view of ${BATCHES} batches of ${ROWS} rows, as one file against as many, and the compaction itself.`,
  async setup() {
    const batches: OfflineBatch[] = [];
    for (let batch = 0; batch < BATCHES; batch++) batches.push(await writeBatch(batch));
    state.small = { ...state.small, batches };
    const written = await store.rewrite('large', [state.small], null, {});
    state.large = { ...state.large, rewritten: { files: [written?.file ?? ''], throughSequence: BATCHES } };
  },
  async teardown() {
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  },
  cases: [
    {
      name: 'the newest row of every entity, from one file against the small ones',
      unit: 's',
      higherIsBetter: false,
      run: () => newest(state.large)(),
      baseline: () => newest(state.small)(),
    },
    {
      name: 'the counts for the leakage cutoff, likewise',
      unit: 's',
      higherIsBetter: false,
      run: () => counted(state.large)(),
      baseline: () => counted(state.small)(),
    },
    {
      name: 'the compaction, against reading the small files once',
      unit: 's',
      higherIsBetter: false,
      run: () => seconds(() => store.rewrite('large', [state.small], null, {})),
      baseline: () => newest(state.small)(),
    },
  ],
};
