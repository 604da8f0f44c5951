import type { StoredColumnStatistics } from '../../../entities';
import { EVENT_TIMESTAMP } from '../rows/row-slice';
import { formatTimestamp } from '../rows/timestamp-text';
import type { DuckDbEngine } from './duckdb-engine';
import { withNewest } from './newest-table';
import type { ViewRows, Work } from './offline-store';
import { quoted } from './sql-text';

/** See OfflineStore.statistics. One field at a time is read: the rows need not fit in memory, a field must. */
export function viewStatistics(
  engine: DuckDbEngine,
  rows: ViewRows,
  work: Work,
  pathOf: (file: string) => string,
): Promise<StoredColumnStatistics[]> {
  const { fields } = rows.schema;
  const names = fields.map(({ name }) => name);
  return withNewest(engine, rows, names, work, pathOf, async (table) => {
    const newest = names.map(
      (name, index) => `max(${EVENT_TIMESTAMP}) FILTER (${quoted(name)} IS NOT NULL) AS newest_${index}`,
    );
    const [times] = await engine.call('rows', { sql: `SELECT ${newest.join(', ')} FROM ${quoted(table)}` }, work);
    const statistics: StoredColumnStatistics[] = [];
    for (const [index, field] of fields.entries()) {
      const sql = `SELECT ${quoted(field.name)} FROM ${quoted(table)}`;
      const [described] = await engine.call('describe', { sql, columns: [field] }, work);
      const time = times[`newest_${index}`];
      statistics.push({ ...described, newestEventTimestamp: time === null ? null : formatTimestamp(time as bigint) });
    }
    return statistics;
  });
}
