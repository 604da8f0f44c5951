import { CREATED_TIMESTAMP, EVENT_TIMESTAMP, storedColumns } from '../rows/row-slice';
import type { ViewRows } from './offline-store';
import { columnList, literal, pathLiteral, quoted, ROW_NUMBER, SQL_TYPES } from './sql-text';

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

/** The same with `__position`, which takes a third of the time again. */
export function scanSql(rows: ViewRows, pathOf: (file: string) => string, fields: readonly string[]): string {
  if (rows.batches.length === 0)
    return `SELECT *, CAST(NULL AS BIGINT) AS ${POSITION} FROM (${noRowsSql(rows, fields)})`;
  const sequences = rows.batches.map(({ file, ingestSequence }) => `(${literal(pathOf(file))}, ${ingestSequence})`);
  return (
    `SELECT ${columnList(namesOf(rows, fields), 's')}, CAST(b.sequence AS BIGINT) * ${MAX_BATCH_ROWS} + s.${ROW_NUMBER} AS ${POSITION} ` +
    `FROM read_parquet(${filesSql(rows, pathOf)}, filename = '__file', hive_partitioning = false) s ` +
    `JOIN (VALUES ${sequences.join(', ')}) b(file, sequence) ON s.__file = b.file`
  );
}

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
