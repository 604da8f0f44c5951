import { CREATED_TIMESTAMP, EVENT_TIMESTAMP, storedColumns } from '../rows/row-slice';
import type { ViewRows } from './offline-store';
import { columnList, pathLiteral, quoted, ROW_NUMBER, SQL_TYPES } from './sql-text';

/** Mooring's own order of rows: ingest sequence, then the row's number in its batch. Unique within a view. */
export const POSITION = '__position';
/** A batch has at most 2^20 rows, so position = sequence · 2^20 + row number; sequences up to 2^43 fit. */
export const MAX_BATCH_ROWS = 2 ** 20;

/** "Newer than" between rows of one entity: greatest (eventTimestamp, createdTimestamp, position); no createdTimestamp is the oldest. */
export const NEWEST_FIRST_SQL = `${EVENT_TIMESTAMP} DESC, ${CREATED_TIMESTAMP} DESC NULLS LAST, ${POSITION} DESC`;

/**
 * SELECT of a view's rows: join keys, event_timestamp, created_timestamp, and the fields.
 * @param pathOf where the file of a batch lies
 * @param fields those that are needed
 */
export function rowsSql(rows: ViewRows, pathOf: (file: string) => string, fields: readonly string[] = []): string {
  if (rows.batches.length === 0) return noRowsSql(rows, fields);
  return `SELECT ${columnList(namesOf(rows, fields))} FROM read_parquet(${filesSql(rows, pathOf)}, hive_partitioning = false)`;
}

/** The same with `__position`. A file is known by its place in the list: to look its name up took .5 s more for 10 million rows. */
export function scanSql(rows: ViewRows, pathOf: (file: string) => string, fields: readonly string[]): string {
  if (rows.batches.length === 0)
    return `SELECT *, CAST(NULL AS BIGINT) AS ${POSITION} FROM (${noRowsSql(rows, fields)})`;
  const sequences = rows.batches.map(({ ingestSequence }) => `${ingestSequence}::BIGINT`).join(', ');
  return (
    `SELECT ${columnList(namesOf(rows, fields))}, [${sequences}][CAST(file_index AS BIGINT) + 1] * ${MAX_BATCH_ROWS} + ${ROW_NUMBER} AS ${POSITION} ` +
    `FROM read_parquet(${filesSql(rows, pathOf)}, hive_partitioning = false)`
  );
}

/** SELECT of how many rows a view has, `n`, and how many of them say when they were known, `known`: the files' footers tell. */
export const knownCountSql = (rows: ViewRows, pathOf: (file: string) => string): string =>
  rows.batches.length === 0
    ? 'SELECT 0::DOUBLE AS n, 0::DOUBLE AS known'
    : `SELECT sum(num_values)::DOUBLE AS n, sum(num_values - stats_null_count)::DOUBLE AS known
       FROM parquet_metadata(${filesSql(rows, pathOf)}) WHERE path_in_schema = '${CREATED_TIMESTAMP}'`;

const namesOf = ({ schema }: ViewRows, fields: readonly string[]): string[] => [
  ...schema.joinKeys.map(({ name }) => name),
  EVENT_TIMESTAMP,
  CREATED_TIMESTAMP,
  ...fields,
];

const filesSql = ({ batches }: ViewRows, pathOf: (file: string) => string): string =>
  `[${batches.map(({ file }) => pathLiteral(pathOf(file))).join(', ')}]`;

/** read_parquet takes no empty list. */
function noRowsSql(rows: ViewRows, fields: readonly string[]): string {
  const names = namesOf(rows, fields);
  const typed = storedColumns(rows.schema)
    .filter(({ name }) => names.includes(name))
    .map(({ name, dtype }) => `CAST(NULL AS ${SQL_TYPES[dtype]}) AS ${quoted(name)}`);
  return `SELECT ${typed.join(', ')} WHERE false`;
}

/** SELECT of the newest row of each key of a scan. */
export function newestSql(scan: string, keys: readonly string[]): string {
  return `SELECT * FROM (${scan}) QUALIFY row_number() OVER (PARTITION BY ${columnList(keys)} ORDER BY ${NEWEST_FIRST_SQL}) = 1`;
}
