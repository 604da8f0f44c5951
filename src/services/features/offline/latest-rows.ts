import { randomUUID } from 'node:crypto';
import type { FeatureValue } from '../../../entities';
import { entityKeyOf } from '../rows/entity-key';
import { toFeatureValue } from '../rows/feature-value';
import { CREATED_TIMESTAMP, EVENT_TIMESTAMP, type StoredColumn } from '../rows/row-slice';
import { microsOf } from '../rows/timestamp-text';
import type { DuckDbEngine } from './duckdb-engine';
import type { SqlRow } from './duckdb-protocol';
import type { LatestPage, LatestRows, LatestWindow, ViewRows, Work } from './offline-store';
import { MAX_BATCH_ROWS, newestSql, POSITION, scanSql } from './scan.sql';
import { columnList, dropTableSql, quoted, timestampLiteral } from './sql-text';

/** Turning a page into JSON and parameters holds the event loop for 27 ms at most; with 2,000 rows it was 47 ms. */
const PAGE_ROWS = 1000;

/**
 * See OfflineStore.latest. The result waits in a table of DuckDB, so that it is computed once and read as fast as it can be taken.
 * @param among a table of join keys: only these entities
 */
export async function withLatest<T>(
  engine: DuckDbEngine,
  rows: ViewRows,
  window: LatestWindow,
  work: Work,
  pathOf: (file: string) => string,
  use: (latest: LatestRows) => Promise<T>,
  among?: string,
): Promise<T> {
  const table = `latest_${randomUUID()}`;
  const keys = rows.schema.joinKeys.map(({ name }) => name);
  const scan = scanSql(
    rows,
    pathOf,
    rows.schema.fields.map(({ name }) => name),
  );
  const wanted = among ? `SELECT * FROM (${scan}) SEMI JOIN ${quoted(among)} USING (${columnList(keys)})` : scan;
  const newest = newestSql(`SELECT * FROM (${wanted}) WHERE ${windowSql(window)}`, keys);
  return engine.holding(async () => {
    try {
      await engine.call(
        'run',
        { statements: [`CREATE TABLE ${quoted(table)} AS SELECT row_number() OVER () AS __n, * FROM (${newest})`] },
        work,
      );
      const [counted] = await engine.call('rows', { sql: `SELECT count(*)::DOUBLE AS n FROM ${quoted(table)}` }, work);
      const rowCount = Number(counted.n);
      return await use({ rowCount, pages: readPages(engine, table, rows, rowCount, work) });
    } finally {
      await engine.call('run', { statements: [dropTableSql(table)] });
    }
  });
}

/** Rows that are due, and were not among those looked at before. */
function windowSql({ dueThrough, seen }: LatestWindow): string {
  const due = `${EVENT_TIMESTAMP} <= ${timestampLiteral(microsOf(dueThrough))}`;
  if (!seen) return due;
  const unseen = `(${POSITION} >= ${(seen.throughSequence + 1) * MAX_BATCH_ROWS} OR ${EVENT_TIMESTAMP} > ${timestampLiteral(microsOf(seen.dueThrough))})`;
  return `${due} AND ${unseen}`;
}

async function* readPages(
  engine: DuckDbEngine,
  table: string,
  { schema }: ViewRows,
  rowCount: number,
  work: Work,
): AsyncGenerator<LatestPage> {
  const columns = [...schema.joinKeys, ...schema.fields].map(({ name }) => name);
  const select = `SELECT ${columnList([...columns, EVENT_TIMESTAMP, CREATED_TIMESTAMP, POSITION])} FROM ${quoted(table)}`;
  for (let from = 1; from <= rowCount; from += PAGE_ROWS) {
    const sql = `${select} WHERE __n BETWEEN ${from} AND ${from + PAGE_ROWS - 1}`;
    const page = await engine.call('rows', { sql }, work);
    yield {
      entityKeys: page.map((row) => entityKeyOf(schema.joinKeys.map((key) => jsonValue(key, row) as string))),
      eventMicros: page.map((row) => row[EVENT_TIMESTAMP] as bigint),
      createdMicros: page.map((row) => row[CREATED_TIMESTAMP] as bigint | null),
      ingestSequences: page.map((row) => Number((row[POSITION] as bigint) / BigInt(MAX_BATCH_ROWS))),
      values: page.map((row) => schema.fields.map((field) => jsonValue(field, row))),
    };
  }
}

export function jsonValue({ name, dtype }: StoredColumn, row: SqlRow): FeatureValue {
  const value = row[name];
  return value === null ? null : toFeatureValue(dtype, value);
}
