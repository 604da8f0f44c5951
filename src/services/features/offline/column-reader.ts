import { type DuckDBConnection, type DuckDBDataChunk, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { type ColumnSlice, newColumnSlice, type StoredColumn } from '../rows/row-slice';

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
  const vector = chunk.getColumnVector(index);
  for (let row = 0; row < chunk.rowCount; row++) {
    const value = vector.getItem(row);
    if (value === null) continue;
    if (slice.dtype === 'STRING') slice.values[row] = value as string;
    else {
      slice.nulls[row] = 0;
      slice.values[row] = plainValue(value);
    }
  }
  return slice;
}

/** A value without DuckDB's wrapping: TIMESTAMP as microseconds, BOOLEAN as 0 or 1 where it goes into an array of bytes. */
function plainValue(value: DuckDBValue): bigint | number {
  if (value instanceof DuckDBTimestampValue) return value.micros;
  return typeof value === 'boolean' ? Number(value) : (value as bigint | number);
}
