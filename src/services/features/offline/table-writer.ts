import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBVector,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Dtype } from '../../../entities';
import type { ColumnSlice, RowSlice, StoredColumn } from '../rows/row-slice';
import { createTableSql } from './sql-text';

const TYPES: Readonly<Record<Dtype, DuckDBType>> = {
  INT64: BIGINT,
  DOUBLE,
  BOOL: BOOLEAN,
  STRING: VARCHAR,
  TIMESTAMP,
};

/** DuckDB's vectors hold this many rows. */
const CHUNK_ROWS = 2048;

/**
 * Appends rows to a table, which is made first where it does not exist. Its first column, `__row`, numbers the rows.
 * Filled vector by vector: 100,000 rows of 8 columns take .10–.17 s of the worker.
 */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  columns: readonly StoredColumn[],
  slice: RowSlice,
  firstRow: number,
): Promise<void> {
  await connection.run(createTableSql(table, columns));
  const appender = await connection.createAppender(table);
  const types = [INTEGER, ...columns.map(({ dtype }) => TYPES[dtype])];
  for (let from = 0; from < slice.rowCount; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, slice.rowCount - from);
    const chunk = DuckDBDataChunk.create(types, count);
    fill(chunk.getColumnVector(0), count, (row) => firstRow + from + row);
    slice.columns.forEach((column, index) => {
      fill(chunk.getColumnVector(index + 1), count, reader(column, from));
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function fill(vector: DuckDBVector, count: number, valueAt: (row: number) => unknown): void {
  for (let row = 0; row < count; row++) vector.setItem(row, valueAt(row) as never);
  vector.flush();
}

function reader(column: ColumnSlice, from: number): (row: number) => unknown {
  if (column.dtype === 'STRING') return (row) => column.values[from + row];
  const { nulls } = column;
  if (column.dtype === 'TIMESTAMP') {
    return (row) => (nulls[from + row] ? null : new DuckDBTimestampValue(column.values[from + row]));
  }
  if (column.dtype === 'BOOL') return (row) => (nulls[from + row] ? null : column.values[from + row] === 1);
  return (row) => (nulls[from + row] ? null : column.values[from + row]);
}
