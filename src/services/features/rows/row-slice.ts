import type { Dtype, FeatureField, JoinKey, ListDtype } from '../../../entities';
import { isListDtype, type TypedList, type TypedValue } from './feature-value';

/**
 * One column of up to a few thousand rows, the form in which rows travel between the main thread and DuckDB's: typed arrays are handed over, not
 * copied. `nulls[i]` is 1 where row i is null; its value is then 0.
 */
export type ColumnSlice =
  | { readonly dtype: 'DOUBLE'; readonly values: Float64Array; readonly nulls: Uint8Array }
  /** TIMESTAMP: microseconds since 1970, UTC. */
  | { readonly dtype: 'INT64' | 'TIMESTAMP'; readonly values: BigInt64Array; readonly nulls: Uint8Array }
  | { readonly dtype: 'BOOL'; readonly values: Uint8Array; readonly nulls: Uint8Array }
  | { readonly dtype: 'STRING'; readonly values: (string | null)[] }
  | { readonly dtype: ListDtype; readonly values: (TypedList | null)[] };

/** Rows as columns, in the order of storedColumns(). */
export interface RowSlice {
  readonly rowCount: number;
  readonly columns: readonly ColumnSlice[];
}

export interface StoredColumn {
  readonly name: string;
  readonly dtype: Dtype;
}

/** What the rows of a view are made of. */
export interface RowSchema {
  readonly joinKeys: readonly JoinKey[];
  readonly fields: readonly FeatureField[];
}

export const EVENT_TIMESTAMP = 'event_timestamp';
export const CREATED_TIMESTAMP = 'created_timestamp';

/** The columns of a view's Parquet files. */
export function storedColumns(schema: RowSchema): StoredColumn[] {
  return [
    ...schema.joinKeys,
    { name: EVENT_TIMESTAMP, dtype: 'TIMESTAMP' },
    { name: CREATED_TIMESTAMP, dtype: 'TIMESTAMP' },
    ...schema.fields,
  ];
}

/** An empty column with room for a number of rows, all null. */
export function newColumnSlice(dtype: Dtype, rowCount: number): ColumnSlice {
  if (dtype === 'STRING') return { dtype, values: new Array<string | null>(rowCount).fill(null) };
  if (isListDtype(dtype)) return { dtype, values: new Array<TypedList | null>(rowCount).fill(null) };
  const nulls = new Uint8Array(rowCount).fill(1);
  if (dtype === 'DOUBLE') return { dtype, values: new Float64Array(rowCount), nulls };
  if (dtype === 'BOOL') return { dtype, values: new Uint8Array(rowCount), nulls };
  return { dtype, values: new BigInt64Array(rowCount), nulls };
}

/** Puts a value into its place of a column. */
export function storeValue(slice: ColumnSlice, index: number, value: TypedValue): void {
  switch (slice.dtype) {
    case 'BOOL':
      slice.values[index] = value ? 1 : 0;
      break;
    case 'DOUBLE':
      slice.values[index] = value as number;
      break;
    case 'INT64':
    case 'TIMESTAMP':
      slice.values[index] = value as bigint;
      break;
    case 'STRING':
      slice.values[index] = value as string;
      return;
    default:
      slice.values[index] = value as TypedList;
      return;
  }
  slice.nulls[index] = 0;
}

/** The value in a place of a column. */
export function valueAt(slice: ColumnSlice, index: number): TypedValue | null {
  if (!('nulls' in slice)) return slice.values[index];
  if (slice.nulls[index]) return null;
  return slice.dtype === 'BOOL' ? slice.values[index] === 1 : slice.values[index];
}

/** The buffers of a slice, for postMessage to hand over. */
export function buffersOf(slice: RowSlice): ArrayBuffer[] {
  return slice.columns.flatMap((column) =>
    'nulls' in column ? [column.values.buffer as ArrayBuffer, column.nulls.buffer as ArrayBuffer] : [],
  );
}
