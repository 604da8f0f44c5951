import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBListValue,
  type DuckDBListVector,
  DuckDBTimestampValue,
  type DuckDBType,
  INTEGER,
  LIST,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Dtype } from '../../../entities';
import type { TypedList } from '../rows/feature-value';
import type { ColumnSlice, RowSlice, StoredColumn } from '../rows/row-slice';
import { createTableSql } from './sql-text';
import { writeNumbers, writeTexts } from './vector-memory';

const TYPES: Readonly<Record<Dtype, DuckDBType>> = {
  INT64: BIGINT,
  DOUBLE,
  BOOL: BOOLEAN,
  STRING: VARCHAR,
  TIMESTAMP,
  INT64_LIST: LIST(BIGINT),
  DOUBLE_LIST: LIST(DOUBLE),
  BOOL_LIST: LIST(BOOLEAN),
  STRING_LIST: LIST(VARCHAR),
  TIMESTAMP_LIST: LIST(TIMESTAMP),
};

/** DuckDB's vectors hold this many rows. */
const CHUNK_ROWS = 2048;

/**
 * Appends rows to a table, which is made with its first row. Its first column, `__row`, numbers the rows.
 * Texts are what takes time: 100,000 rows of 8 columns, two of them texts, take .03 to .05 s of the worker.
 */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  columns: readonly StoredColumn[],
  slice: RowSlice,
  firstRow: number,
): Promise<void> {
  if (firstRow === 0) await connection.run(createTableSql(table, columns));
  const appender = await connection.createAppender(table);
  const types = [INTEGER, ...columns.map(({ dtype }) => TYPES[dtype])];
  for (let from = 0; from < slice.rowCount; from += CHUNK_ROWS) {
    const to = Math.min(from + CHUNK_ROWS, slice.rowCount);
    const chunk = DuckDBDataChunk.create(types, to - from);
    writeNumbers(
      chunk,
      0,
      Int32Array.from({ length: to - from }, (_, row) => firstRow + from + row),
    );
    slice.columns.forEach((column, index) => fill(chunk, index + 1, column, from, to));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function fill(chunk: DuckDBDataChunk, index: number, column: ColumnSlice, from: number, to: number): void {
  if ('nulls' in column) {
    writeNumbers(chunk, index, column.values.subarray(from, to), column.nulls.subarray(from, to));
  } else if (column.dtype === 'STRING') {
    writeTexts(chunk, index, column.values.slice(from, to));
  } else {
    const vector = chunk.getColumnVector(index) as DuckDBListVector;
    column.values.slice(from, to).forEach((list, row) => {
      vector.setItem(row, list && toListValue(list, column.dtype === 'TIMESTAMP_LIST'));
    });
    vector.flush();
  }
}

const toListValue = (list: TypedList, ofTimestamps: boolean): DuckDBListValue =>
  new DuckDBListValue(ofTimestamps ? list.map((micros) => new DuckDBTimestampValue(micros as bigint)) : [...list]);
