import type { OnDemandFeature, StoredColumnStatistics } from '../../../entities';
import type { BinCounts, BinSpec } from '../../statistics';
import type { TypedValue } from '../rows/feature-value';
import type { RowSlice, StoredColumn } from '../rows/row-slice';

/** Handed to the worker thread when it starts. */
export interface DuckDbOptions {
  /** DuckDB's own memory; it spills to the temporary directory beyond. */
  readonly memoryLimitBytes: number;
  readonly threads: number;
  readonly temporaryDirectory: string;
}

/** TIMESTAMPs are microseconds, lists are arrays. */
export type SqlRow = Readonly<Record<string, TypedValue | null>>;

/** What the worker thread can do: request and answer by operation. */
export interface Operations {
  /** Appends rows to a table, making it first where it does not exist; `__row` counts from `firstRow`. */
  append: {
    request: { table: string; columns: readonly StoredColumn[]; slice: RowSlice; firstRow: number };
    response: null;
  };
  /** Evaluates expressions over a query's result, and appends what they answer to a table (see appendOnDemandFeatures). */
  evaluate: {
    request: { sql: string; inputs: readonly StoredColumn[]; features: readonly OnDemandFeature[]; table: string };
    response: null;
  };
  /** Runs statements that return nothing. */
  run: { request: { statements: readonly string[] }; response: null };
  /** Runs a query whose result is small. */
  rows: { request: { sql: string }; response: SqlRow[] };
  /** Makes a written file durable under its final name. */
  publish: { request: { from: string; to: string }; response: { sizeBytes: number } };
  /** Statistics of a query's one column. */
  describe: { request: { sql: string; column: StoredColumn }; response: StoredColumnStatistics };
  /** A query's one column, counted in the bins of a spec. */
  countBins: { request: { sql: string; column: StoredColumn; spec: BinSpec }; response: BinCounts };
  /** SHA-256 of each column of a query's result, in its order of rows. */
  digest: { request: { sql: string; columns: readonly StoredColumn[] }; response: string[] };
}

export type Operation = keyof Operations;

/**
 * Each lane runs one operation at a time. A second one keeps ingest from waiting behind a join; more would take libuv's four threads from the rest
 * of the process (with four queries at once a `stat` waited 6 s).
 */
export const LANES = ['short', 'long'] as const;
export type Lane = (typeof LANES)[number];

export type EngineRequest =
  | { [O in Operation]: { id: number; lane: Lane; operation: O; request: Operations[O]['request'] } }[Operation]
  | { operation: 'cancel'; id: number }
  | { operation: 'close' };

export type EngineResponse =
  | { readonly id: number; readonly response: unknown }
  | { readonly id: number; readonly error: string; readonly cancelled: boolean };
