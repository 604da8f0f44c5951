import { EVENT_TIMESTAMP, type RowSchema, storedColumns } from '../rows/row-slice';
import type { Conversion } from './feature-file-values.sql';
import { MAX_BATCH_ROWS } from './scan.sql';
import { literal, pathLiteral, quoted, ROW_NUMBER, SQL_TYPES } from './sql-text';

/** A column of a batch, and what it is made of. */
export interface FileColumn {
  /** As the batch has it. */
  readonly stored: string;
  /** As the file and the client call it. */
  readonly name: string;
  readonly required: boolean;
  /** SQL of the type of the batch's column. */
  readonly type: string;
  /** null: the file does not have it. */
  readonly source: { readonly sql: string; readonly conversion: Conversion } | null;
}

/** Which batch of the file a row goes to, from 0: the name of a folder. */
export const PART = '__part';
/** Thrown by the query that writes at the first value that is not acceptable. */
export const BAD_VALUE = 'mooring: a value is not acceptable';

/** The columns of a view under the names that rows give them. */
export const inputColumns = (schema: RowSchema): Omit<FileColumn, 'source'>[] =>
  storedColumns(schema).map(({ name, dtype }, index) => {
    const keys = schema.joinKeys.length;
    const camel = index === keys ? 'eventTimestamp' : index === keys + 1 ? 'createdTimestamp' : name;
    return { stored: name, name: camel, required: index <= keys, type: SQL_TYPES[dtype] };
  });

/** All columns as texts, `c0` to `cn`. An empty field is null, a quoted empty one an empty text. */
export function csvSource(file: string, columnCount: number): string {
  const columns = Array.from({ length: columnCount }, (_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  return `read_csv(${pathLiteral(file)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
    columns = {${columns}}, allow_quoted_nulls = false, strict_mode = true, null_padding = false)`;
}

export const parquetSource = (file: string): string => `read_parquet(${pathLiteral(file)}, hive_partitioning = false)`;

/** Rows with their number in the file `__n`, for each column what the file has `__r`, and what that stands for `__v`. */
function convertedSql(source: string, columns: readonly FileColumn[]): string {
  const raw = columns.flatMap((column, index) => (column.source ? [`${column.source.sql} AS __r${index}`] : []));
  const values = columns.map((column, index) =>
    column.source
      ? `__r${index}, ${column.source.conversion(`__r${index}`)} AS __v${index}`
      : `CAST(NULL AS ${column.type}) AS __v${index}`,
  );
  // Numbered by a window over no partition, which keeps the file's order and one thread.
  return `SELECT __n, ${values.join(', ')} FROM (SELECT row_number() OVER () - 1 AS __n, ${raw.join(', ')} FROM ${source})`;
}

const badSql = ({ required, source }: FileColumn, index: number): string[] => {
  if (required) return [`__v${index} IS NULL`];
  return source ? [`(__r${index} IS NOT NULL AND __v${index} IS NULL)`] : [];
};

/**
 * Writes the rows as batches of 2^20: `<folder>/__part=<n>/data_0.parquet`. The first bad value ends it. `__row` is the row's number in its batch, so the
 * order of the rows within the file does not matter.
 */
export function writeBatchesSql(source: string, columns: readonly FileColumn[], folder: string): string {
  const bad = columns.flatMap(badSql).join(' OR ');
  const stored = columns.map(({ stored: name }, index) => `__v${index} AS ${quoted(name)}`).join(', ');
  return `COPY (
    SELECT __n // ${MAX_BATCH_ROWS} AS ${PART},
      CASE WHEN ${bad} THEN CAST(error(${literal(BAD_VALUE)}) AS INTEGER) ELSE CAST(__n % ${MAX_BATCH_ROWS} AS INTEGER) END AS ${ROW_NUMBER},
      ${stored}
    FROM (${convertedSql(source, columns)})
  ) TO ${literal(folder)} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (${PART}), ROW_GROUP_SIZE ${groupRows(columns.length)})`;
}

/** What a writer of Parquet holds back, so many values at most. */
const groupRows = (columnCount: number): number =>
  Math.max(2048, Math.min(122_880, Math.floor(2 ** 22 / columnCount / 2048) * 2048));

/** The writer of batches keeps the rows of open ones in memory up to here. */
export const limitBufferSql = (columnCount: number): string =>
  `SET partitioned_write_flush_threshold = ${groupRows(columnCount)}`;

/** The first rows with bad values: `n`, and per column `m` for a missing value or `v` and the bad one's text. */
export function problemsSql(source: string, columns: readonly FileColumn[], limit: number): string {
  const bad = columns.map((column, index) => badSql(column, index)[0] ?? 'false');
  const shown = columns.map(({ source: from }, index) => {
    const value = from ? `coalesce('v' || left(CAST(__r${index} AS VARCHAR), 100), 'm')` : `'m'`;
    return `CASE WHEN ${bad[index]} THEN ${value} END AS p${index}`;
  });
  return `SELECT CAST(__n AS DOUBLE) AS n, ${shown.join(', ')} FROM (${convertedSql(source, columns)}) WHERE ${bad.join(' OR ')} LIMIT ${limit}`;
}

export const batchRangeSql = (file: string): string =>
  `SELECT count(*)::DOUBLE AS n, min(${EVENT_TIMESTAMP}) AS first, max(${EVENT_TIMESTAMP}) AS last FROM read_parquet(${pathLiteral(file)}, hive_partitioning = false)`;
