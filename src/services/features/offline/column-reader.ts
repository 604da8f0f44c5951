import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBListValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { TypedScalar, TypedValue } from '../rows/feature-value';
import { type ColumnSlice, newColumnSlice, type StoredColumn, storeValue } from '../rows/row-slice';
import { readNumbers } from './vector-memory';

/**
 * Reads a query's result column by column as it comes, 2,048 rows at a time.
 * @param columns of the result, in its order, with the types of its columns
 * @param take called with each part: the slice of every column, and the row at which it begins
 */
export async function readSlices(
  connection: DuckDBConnection,
  sql: string,
  columns: readonly StoredColumn[],
  take: (slices: ColumnSlice[], rowCount: number, firstRow: number) => void,
): Promise<number> {
  const result = await connection.stream(sql);
  let row = 0;
  for await (const chunk of result) {
    const slices = columns.map(({ dtype }, index) => readSlice(chunk, index, newColumnSlice(dtype, chunk.rowCount)));
    take(slices, chunk.rowCount, row);
    row += chunk.rowCount;
  }
  return row;
}

function readSlice(chunk: DuckDBDataChunk, index: number, slice: ColumnSlice): ColumnSlice {
  if ('nulls' in slice) {
    readNumbers(chunk, index, slice.values, slice.nulls);
    return slice;
  }
  const vector = chunk.getColumnVector(index);
  for (let row = 0; row < chunk.rowCount; row++) {
    const value = toPlainValue(vector.getItem(row));
    if (value !== null) storeValue(slice, row, value);
  }
  return slice;
}

/** A value without DuckDB's wrapping: TIMESTAMP as microseconds, a list as an array. */
export function toPlainValue(value: DuckDBValue): TypedValue | null {
  if (value instanceof DuckDBTimestampValue) return value.micros;
  if (value instanceof DuckDBListValue) return value.items.map((element) => toPlainValue(element) as TypedScalar);
  return value as TypedScalar | null;
}
