import { randomUUID } from 'node:crypto';
import type { DuckDbEngine } from './duckdb-engine';
import type { ViewRows, Work } from './offline-store';
import { newestSql, scanSql } from './scan.sql';
import { dropTableSql, quoted } from './sql-text';

/**
 * Lets `use` ask a table of the newest row of every entity: join keys, event_timestamp and the fields. Finding the newest rows is the dear part, so it
 * is done once for all that is asked of them.
 */
export function withNewest<T>(
  engine: DuckDbEngine,
  rows: ViewRows,
  fields: readonly string[],
  work: Work,
  pathOf: (file: string) => string,
  use: (table: string) => Promise<T>,
): Promise<T> {
  const table = `newest_${randomUUID()}`;
  const keys = rows.schema.joinKeys.map(({ name }) => name);
  const newest = newestSql(scanSql(rows, pathOf, fields), keys);
  return engine.holding(async () => {
    try {
      await engine.call('run', { statements: [`CREATE TABLE ${quoted(table)} AS ${newest}`] }, work);
      return await use(table);
    } finally {
      await engine.call('run', { statements: [dropTableSql(table)] });
    }
  });
}
