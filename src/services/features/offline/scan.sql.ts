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
 * @param pathOf where a file lies
 * @param fields those that are needed
 */
export function rowsSql(rows: ViewRows, pathOf: (file: string) => string, fields: readonly string[] = []): string {
  const names = columnList(namesOf(rows, fields));
  const parts = [
    ...(rows.batches.length > 0 ? [`SELECT ${names} FROM ${readSql(ownFiles(rows), pathOf)}`] : []),
    ...rewrittenSql(rows, names, pathOf),
  ];
  return parts.length > 0 ? parts.join(' UNION ALL ') : noRowsSql(rows, fields);
}

/** The same with `__position`. A file is known by its place in the list: to look its name up took .5 s more for 10 million rows. */
export function scanSql(rows: ViewRows, pathOf: (file: string) => string, fields: readonly string[]): string {
  const names = columnList(namesOf(rows, fields));
  const sequences = rows.batches.map(({ ingestSequence }) => `${ingestSequence}::BIGINT`).join(', ');
  const position = `[${sequences}][CAST(file_index AS BIGINT) + 1] * ${MAX_BATCH_ROWS} + ${ROW_NUMBER} AS ${POSITION}`;
  const parts = [
    ...(rows.batches.length > 0 ? [`SELECT ${names}, ${position} FROM ${readSql(ownFiles(rows), pathOf)}`] : []),
    ...rewrittenSql(rows, `${names}, ${POSITION}`, pathOf),
  ];
  if (parts.length > 0) return parts.join(' UNION ALL ');
  return `SELECT *, CAST(NULL AS BIGINT) AS ${POSITION} FROM (${noRowsSql(rows, fields)})`;
}

/**
 * SELECT of how many rows a view has, `n`, and how many of them say when they were known, `known`. The footers of the files tell, but for rewritten
 * ones: a snapshot may end within them.
 */
export function knownCountSql(rows: ViewRows, pathOf: (file: string) => string): string {
  const footers = `SELECT sum(num_values) AS n, sum(num_values - stats_null_count) AS known
    FROM parquet_metadata(${filesSql(ownFiles(rows), pathOf)}) WHERE path_in_schema = '${CREATED_TIMESTAMP}'`;
  const parts = [
    ...(rows.batches.length > 0 ? [footers] : []),
    ...rewrittenSql(rows, `count(*) AS n, count(${CREATED_TIMESTAMP}) AS known`, pathOf),
  ];
  if (parts.length === 0) return 'SELECT 0::DOUBLE AS n, 0::DOUBLE AS known';
  return `SELECT sum(n)::DOUBLE AS n, sum(known)::DOUBLE AS known FROM (${parts.join(' UNION ALL ')})`;
}

const ownFiles = ({ batches }: ViewRows): string[] => batches.map(({ file }) => file);

/** SELECT over the rewritten files from where the snapshot begins to where it ends, if there are any. */
function rewrittenSql({ rewritten }: ViewRows, columns: string, pathOf: (file: string) => string): string[] {
  if (!rewritten || rewritten.files.length === 0) return [];
  const { files, fromSequence = 0, throughSequence } = rewritten;
  const end = throughSequence === null ? '' : ` AND ${POSITION} < ${firstPosition(throughSequence + 1)}`;
  return [`SELECT ${columns} FROM ${readSql(files, pathOf)} WHERE ${POSITION} >= ${firstPosition(fromSequence)}${end}`];
}

/** Of the first row of a batch. */
const firstPosition = (ingestSequence: number): bigint => BigInt(ingestSequence) * BigInt(MAX_BATCH_ROWS);

const namesOf = ({ schema }: ViewRows, fields: readonly string[]): string[] => [
  ...schema.joinKeys.map(({ name }) => name),
  EVENT_TIMESTAMP,
  CREATED_TIMESTAMP,
  ...fields,
];

const filesSql = (files: readonly string[], pathOf: (file: string) => string): string =>
  `[${files.map((file) => pathLiteral(pathOf(file))).join(', ')}]`;

/** A table of what files hold. Those of one list have the same columns. */
export const readSql = (files: readonly string[], pathOf: (file: string) => string): string =>
  `read_parquet(${filesSql(files, pathOf)}, hive_partitioning = false)`;

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
