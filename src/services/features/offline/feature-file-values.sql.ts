import type { Dtype, ScalarDtype } from '../../../entities';
import { elementDtype, isListDtype, MAX_LIST_LENGTH } from '../rows/feature-value';

/** SQL of a value of a column, given SQL of what the file has there: NULL where that is not acceptable. */
export type Conversion = (source: string) => string;

const INT64 = `'-?[0-9]{1,19}'`;
/** As JSON spells it. */
const NUMBER = `'-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?'`;
const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const HOUR = '([01][0-9]|2[0-3])';
const FRACTION = '(\\.[0-9]{1,6}0*)?';
/** What nearly all writers write, and DuckDB's cast reads. */
const PLAIN_MOMENT = `'${DATE}([T ]${HOUR}:[0-5][0-9]:[0-5][0-9]${FRACTION}Z?)?'`;
const MOMENT = `'(?i)${DATE}[T ]${HOUR}:[0-5][0-9](:[0-5][0-9]${FRACTION})?(Z|[+-]${HOUR}(:?[0-5][0-9])?)?'`;
const EXACT_INTEGERS = 2 ** 53;

/** The years that a text can say. */
const inRange = (moment: string): string =>
  `CASE WHEN ${moment} BETWEEN TIMESTAMP '0001-01-01 (BC) 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN ${moment} END`;

/** DuckDB's cast to TIMESTAMP leaves offsets out of account, so they are read here. */
function momentSql(text: string): string {
  const rest = `substr(${text}, 17)`;
  const number = (pattern: string) => `coalesce(TRY_CAST(regexp_extract(${rest}, '${pattern}', 1) AS BIGINT), 0)`;
  const minutes = `60 * ${number('[+-]([0-9]{2})')} + ${number('[+-][0-9]{2}:?([0-9]{2})$')}`;
  const local = `TRY_CAST(substr(${text}, 1, 10) || ' ' || regexp_extract(substr(${text}, 12), '^[0-9:.]+') AS TIMESTAMP)`;
  return `CASE WHEN regexp_full_match(${text}, ${PLAIN_MOMENT}) THEN TRY_CAST(${text} AS TIMESTAMP)
    WHEN regexp_full_match(${text}, ${MOMENT})
    THEN ${local} - to_minutes(CASE WHEN contains(${rest}, '-') THEN -1 ELSE 1 END * (${minutes})) END`;
}

const int64Sql: Conversion = (text) =>
  `CASE WHEN regexp_full_match(${text}, ${INT64}) THEN TRY_CAST(${text} AS BIGINT) END`;
const textSql: Conversion = (text) => `CASE WHEN NOT contains(${text}, chr(0)) THEN ${text} END`;
const finiteSql: Conversion = (number) => `CASE WHEN isfinite(${number}) THEN CAST(${number} AS DOUBLE) END`;
const tryCast =
  (type: string): Conversion =>
  (source) =>
    `TRY_CAST(${source} AS ${type})`;
/** JSON's numbers are doubles: whole ones within ±(2^53 − 1) are integers. */
const wholeSql: Conversion = (number) =>
  `CASE WHEN abs(${number}) < ${EXACT_INTEGERS} AND ${number} = trunc(${number}) THEN CAST(${number} AS BIGINT) END`;

/** What a text in a CSV file stands for: one entry per dtype, each as strict as parseValue. Lists have no spelling there. */
export const TEXT_CONVERSIONS: Readonly<Record<ScalarDtype, Conversion>> = {
  INT64: int64Sql,
  DOUBLE: (text) =>
    `CASE WHEN regexp_full_match(${text}, ${NUMBER}) THEN ${finiteSql(`TRY_CAST(${text} AS DOUBLE)`)} END`,
  BOOL: (text) => `CASE ${text} WHEN 'true' THEN true WHEN 'false' THEN false END`,
  STRING: textSql,
  TIMESTAMP: momentSql,
};

const INTEGERS = ['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER'];
const WIDE_INTEGERS = ['BIGINT', 'UBIGINT'];
const FLOATS = ['FLOAT', 'DOUBLE'];
const each = (types: readonly string[], conversion: Conversion) => types.map((type) => [type, conversion] as const);

/**
 * Which types of Parquet columns, as DuckDB names them, a dtype takes, and how: only what keeps every value as it is. DECIMAL stands for those of
 * any precision.
 */
const TYPED_CONVERSIONS: Readonly<Record<ScalarDtype, ReadonlyMap<string, Conversion>>> = {
  INT64: new Map([
    ...each([...INTEGERS, ...WIDE_INTEGERS], tryCast('BIGINT')),
    ...each(FLOATS, wholeSql),
    ['VARCHAR', int64Sql],
  ]),
  DOUBLE: new Map([
    ...each(FLOATS, finiteSql),
    ...each(INTEGERS, tryCast('DOUBLE')),
    ...each(
      WIDE_INTEGERS,
      (whole) =>
        `CASE WHEN ${whole} BETWEEN -${EXACT_INTEGERS} AND ${EXACT_INTEGERS} THEN CAST(${whole} AS DOUBLE) END`,
    ),
    // By its digits: the cast from DECIMAL divides, and can miss the nearest double.
    ['DECIMAL', (decimal) => `CAST(CAST(${decimal} AS VARCHAR) AS DOUBLE)`],
  ]),
  BOOL: new Map([['BOOLEAN', (value) => value]]),
  STRING: new Map([['VARCHAR', textSql]]),
  TIMESTAMP: new Map([
    ...each(['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'DATE'], (moment) =>
      inRange(`TRY_CAST(${moment} AS TIMESTAMP)`),
    ),
    [
      'TIMESTAMP_NS',
      (moment) =>
        `CASE WHEN CAST(CAST(${moment} AS TIMESTAMP) AS TIMESTAMP_NS) = ${moment} THEN ${inRange(`CAST(${moment} AS TIMESTAMP)`)} END`,
    ],
    // Not by a cast, which would take the session's time zone.
    ['TIMESTAMP WITH TIME ZONE', (moment) => inRange(`make_timestamp(epoch_us(${moment}))`)],
    ['VARCHAR', momentSql],
  ]),
};

/** The conversion of a Parquet column; null where the dtype does not take its type. */
export function typedConversion(dtype: Dtype, type: string): Conversion | null {
  if (!isListDtype(dtype)) return TYPED_CONVERSIONS[dtype].get(type.replace(/\(.*/, '')) ?? null;
  const element = type.endsWith('[]') ? typedConversion(elementDtype(dtype), type.slice(0, -2)) : null;
  return element && listSql(element);
}

/** The types that a dtype takes, for messages. */
export const typesTaken = (dtype: Dtype): string[] =>
  isListDtype(dtype)
    ? typesTaken(elementDtype(dtype)).map((type) => `${type}[]`)
    : [...TYPED_CONVERSIONS[dtype].keys()];

/** An element that is null, or not acceptable, makes its list so. */
function listSql(element: Conversion): Conversion {
  return (list) => {
    const converted = `list_transform(${list}, lambda element: ${element('element')})`;
    return `CASE WHEN len(${list}) <= ${MAX_LIST_LENGTH} AND len(list_filter(${converted}, lambda element: element IS NULL)) = 0 THEN ${converted} END`;
  };
}
