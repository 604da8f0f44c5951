import type { StoredColumnStatistics } from '../../../entities';
import { EVENT_TIMESTAMP } from '../rows/row-slice';
import { formatTimestamp } from '../rows/timestamp-text';
import type { DuckDbEngine } from './duckdb-engine';
import { withNewest } from './newest-table';
import type { ViewRows, Work } from './offline-store';
import { rowsSql } from './scan.sql';
import { quoted } from './sql-text';

type PathOf = (file: string) => string;

/** See OfflineStore.statistics. */
export function viewStatistics(
  engine: DuckDbEngine,
  rows: ViewRows,
  work: Work,
  pathOf: PathOf,
): Promise<StoredColumnStatistics[]> {
  const names = rows.schema.fields.map(({ name }) => name);
  return withNewest(engine, rows, names, work, pathOf, (table) => describeFields(engine, rows, quoted(table), work));
}

/** See OfflineStore.rowStatistics. */
export function rowStatistics(
  engine: DuckDbEngine,
  rows: ViewRows,
  work: Work,
  pathOf: PathOf,
): Promise<StoredColumnStatistics[]> {
  const names = rows.schema.fields.map(({ name }) => name);
  return describeFields(engine, rows, `(${rowsSql(rows, pathOf, names)})`, work);
}

/** One field at a time is read: the rows need not fit in memory, a field must. @param source what can stand behind FROM */
async function describeFields(
  engine: DuckDbEngine,
  { schema: { fields } }: ViewRows,
  source: string,
  work: Work,
): Promise<StoredColumnStatistics[]> {
  const newest = fields.map(
    ({ name }, index) => `max(${EVENT_TIMESTAMP}) FILTER (${quoted(name)} IS NOT NULL) AS newest_${index}`,
  );
  const [times] = await engine.call('rows', { sql: `SELECT ${newest.join(', ')} FROM ${source}` }, work);
  const statistics: StoredColumnStatistics[] = [];
  for (const [index, field] of fields.entries()) {
    const sql = `SELECT ${quoted(field.name)} FROM ${source}`;
    const described = await engine.call('describe', { sql, column: field }, work);
    const time = times[`newest_${index}`];
    statistics.push({ ...described, newestEventTimestamp: time === null ? null : formatTimestamp(time as bigint) });
  }
  return statistics;
}
