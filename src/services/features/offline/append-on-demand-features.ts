import type { DuckDBConnection } from '@duckdb/node-api';
import type { OnDemandFeature } from '../../../entities';
import { compileOnDemandFeatures } from '../definitions/on-demand-features.policy';
import type { Value } from '../expressions/expression';
import {
  type ColumnSlice,
  EVENT_TIMESTAMP,
  newColumnSlice,
  type RowSlice,
  type StoredColumn,
  storeValue,
  valueAt,
} from '../rows/row-slice';
import { readSlices } from './column-reader';
import { ROW_ID } from './point-in-time.sql';
import { appendRows } from './table-writer';

/**
 * Computes the on-demand features of entity rows, and appends them with `__row_id` to a table. They are computed here, by the code that computes them
 * online, and not in SQL: there is one definition of what an expression means.
 * @param sql `__row_id`, event_timestamp and the inputs of the rows, all of which are held in memory
 * @param inputs features of views and request inputs with their types, in the order of the query
 */
export async function appendOnDemandFeatures(
  connection: DuckDBConnection,
  sql: string,
  inputs: readonly StoredColumn[],
  features: readonly OnDemandFeature[],
  table: string,
): Promise<void> {
  const rowId: StoredColumn = { name: ROW_ID, dtype: 'INT64' };
  const compiled = compileOnDemandFeatures(features, inputs);
  const parts: RowSlice[] = [];
  const read: StoredColumn[] = [rowId, { name: EVENT_TIMESTAMP, dtype: 'TIMESTAMP' }, ...inputs];
  await readSlices(connection, sql, read, ([ids, times, ...slices], rowCount) => {
    const columns = new Map(inputs.map(({ name }, place) => [name, slices[place]]));
    for (const { name, dtype, inputs: names, evaluate } of compiled) {
      const answer = newColumnSlice(dtype, rowCount);
      const read = names.flatMap((input) => columns.get(input) ?? []);
      fill(answer, rowCount, (row) =>
        evaluate({
          values: read.map((column) => valueAt(column, row) as Value),
          requestTimestamp: times.values[row] as bigint,
        }),
      );
      columns.set(name, answer);
    }
    const answers = features.flatMap(({ name }) => columns.get(name) ?? []);
    parts.push({ rowCount, columns: [ids, ...answers] });
  });
  // Only now: a connection does one thing at a time.
  const columns = [rowId, ...features.map(({ name, dtype }) => ({ name, dtype }))];
  for (const part of parts) await appendRows(connection, table, columns, part, 0);
}

function fill(slice: ColumnSlice, rowCount: number, answer: (row: number) => Value): void {
  for (let row = 0; row < rowCount; row++) {
    const value = answer(row);
    if (value !== null) storeValue(slice, row, value);
  }
}
