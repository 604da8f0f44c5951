import type { DatasetSplit } from '../../../entities';
import { microsOf } from '../rows/timestamp-text';
import { EVENT_TIMESTAMP } from '../rows/row-slice';
import { ROW_ID } from './point-in-time.sql';
import { NEWEST_FIRST_SQL } from './scan.sql';
import { columnList, doubleLiteral, literal, quoted, timestampLiteral } from './sql-text';

export const LABEL = '__label';
export const HELD_OUT = '__held_out';

/**
 * SELECT of the entity rows: `__row_id` in the order of (event_timestamp, join keys), join keys, event_timestamp, `__label` and the
 * request inputs. Of rows with equal
 * keys and timestamp the newest counts: it corrects the others.
 * @param scan the label view's rows
 */
export function entityRowsSql(
  scan: string,
  joinKeys: readonly string[],
  labels: { readonly field: string; readonly from: Date | null; readonly to: Date | null },
  requestInputs: readonly string[],
): string {
  const keys = columnList(joinKeys);
  const bounds = [
    ...(labels.from ? [`${EVENT_TIMESTAMP} >= ${timestampLiteral(microsOf(labels.from))}`] : []),
    ...(labels.to ? [`${EVENT_TIMESTAMP} <= ${timestampLiteral(microsOf(labels.to))}`] : []),
  ];
  return `
    SELECT row_number() OVER (ORDER BY ${EVENT_TIMESTAMP}, ${keys}) AS ${ROW_ID}, ${keys}, ${EVENT_TIMESTAMP}, ${quoted(labels.field)} AS ${LABEL}
      ${requestInputs.map((name) => `, ${quoted(name)}`).join('')}
    FROM (
      SELECT * FROM (${scan}) ${bounds.length > 0 ? `WHERE ${bounds.join(' AND ')}` : ''}
      QUALIFY row_number() OVER (PARTITION BY ${keys}, ${EVENT_TIMESTAMP} ORDER BY ${NEWEST_FIRST_SQL}) = 1
    )`;
}

/**
 * SELECT of what a split by time needs to know: how many timestamps there are, and from which one on rows are held out. Timestamps stay whole; the
 * latest ones are held out as long as they are no more than the fraction of the rows, and the last one in any case.
 */
export const timeSplitSql = (table: string, split: DatasetSplit): string => `
  WITH counted AS (SELECT ${EVENT_TIMESTAMP}, count(*) AS n FROM ${quoted(table)} GROUP BY ALL),
    tails AS (SELECT ${EVENT_TIMESTAMP}, sum(n) OVER (ORDER BY ${EVENT_TIMESTAMP} DESC) AS held, sum(n) OVER () AS total FROM counted)
  SELECT count(*)::DOUBLE AS timestamps,
    coalesce(min(${EVENT_TIMESTAMP}) FILTER (held <= ${doubleLiteral(split.heldOutFraction)} * total), max(${EVENT_TIMESTAMP})) AS held_out_from
  FROM tails`;

export const heldOutFromSql = (from: bigint): string => `${EVENT_TIMESTAMP} >= ${timestampLiteral(from)}`;

/**
 * Whether a row is held out, by a hash of the seed and its entity's key alone: a row stays on its side whatever rows are added, all rows of an
 * entity are on one side, and each class is held out at the same expected fraction. Lengths keep composite keys apart.
 */
export function heldOutByKeySql(joinKeys: readonly string[], split: DatasetSplit): string {
  const parts = joinKeys.map((key) => `len(CAST(${quoted(key)} AS VARCHAR)) || ':' || CAST(${quoted(key)} AS VARCHAR)`);
  const text = [literal(`${split.seed}/`), ...parts].join(' || ');
  // 53 bits of the hash as a fraction of 1.
  return `(md5_number_upper(${text}) >> 11)::DOUBLE / ${2 ** 53} < ${doubleLiteral(split.heldOutFraction)}`;
}

/** SELECT of how many rows of each class are on each side. */
export const classCountsSql = (table: string, heldOut: string): string => `
  SELECT ${LABEL} AS label, count(*) FILTER (${heldOut})::DOUBLE AS held_out, count(*) FILTER (NOT (${heldOut}))::DOUBLE AS training
  FROM ${quoted(table)} GROUP BY ALL ORDER BY label`;

/** A table with values of entity rows by `__row_id`. */
export interface ValueTable {
  readonly table: string;
  readonly features: readonly string[];
}

/** SELECT of `__row_id`, event_timestamp and features of the entity rows from one `__row_id` to another, both inclusive. */
export const inputsSql = (
  table: string,
  values: readonly ValueTable[],
  features: readonly string[],
  [from, to]: readonly [number, number],
): string => `
    SELECT ${[`r.${ROW_ID}`, `r.${EVENT_TIMESTAMP}`, ...selected(values, features)].join(', ')}
    FROM (SELECT * FROM ${quoted(table)} WHERE ${ROW_ID} BETWEEN ${from} AND ${to}) r ${joined(values)}`;

/** SELECT of the dataset: join keys, event_timestamp, the features, `__label`, `__held_out`. */
export function datasetSql(
  table: string,
  joinKeys: readonly string[],
  values: readonly ValueTable[],
  features: readonly string[],
  heldOut: string,
): string {
  return `
    SELECT ${[columnList([...joinKeys, EVENT_TIMESTAMP], 'r'), ...selected(values, features), `r.${LABEL}`, `r.${HELD_OUT}`].join(', ')}
    FROM (SELECT *, ${heldOut} AS ${HELD_OUT} FROM ${quoted(table)}) r
    ${joined(values)}
    ORDER BY r.${ROW_ID}`;
}

function selected(values: readonly ValueTable[], features: readonly string[]): string[] {
  const tableOf = new Map(values.flatMap((value, index) => value.features.map((name) => [name, `v${index}`] as const)));
  return features.map((name) => `${tableOf.get(name)}.${quoted(name)}`);
}

const joined = (values: readonly ValueTable[]): string =>
  values
    .map(({ table }, index) => `LEFT JOIN ${quoted(table)} v${index} ON v${index}.${ROW_ID} = r.${ROW_ID}`)
    .join(' ');
