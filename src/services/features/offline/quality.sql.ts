import type { FeatureQualityRule } from '../../../entities';
import { EVENT_TIMESTAMP, type RowSchema } from '../rows/row-slice';
import { columnList, doubleLiteral, literal, quoted, timestampLiteral } from './sql-text';

/** Condition that holds for the rows of a table that break a rule about the values of a field; null for other rules. Nulls are NOT_NULL_RATIO's. */
export function failingSql(rule: FeatureQualityRule, { fields }: RowSchema, table: string): string | null {
  if (rule.field === null) return null;
  const field = quoted(rule.field);
  switch (rule.kind) {
    case 'NOT_NULL_RATIO':
      return `${field} IS NULL`;
    case 'RANGE': {
      const isInteger = fields.some(({ name, dtype }) => name === rule.field && dtype === 'INT64');
      return [
        ...(rule.minimum === null ? [] : [`${field} < ${boundSql(rule.minimum, isInteger, Math.ceil)}`]),
        ...(rule.maximum === null ? [] : [`${field} > ${boundSql(rule.maximum, isInteger, Math.floor)}`]),
      ].join(' OR ');
    }
    case 'ALLOWED_VALUES':
      return `CAST(${field} AS VARCHAR) NOT IN (${(rule.allowedValues ?? []).map(literal).join(', ')})`;
    case 'PATTERN':
      return `NOT regexp_full_match(${field}, ${literal(rule.pattern ?? '')})`;
    case 'UNIQUE':
      return `${field} IN (SELECT ${field} FROM ${quoted(table)} WHERE ${field} IS NOT NULL GROUP BY ${field} HAVING count(*) > 1)`;
    default:
      return null;
  }
}

/** A bound of integers is one itself: as doubles, 2^53 and 2^53 + 1 are equal. Beyond ±2^64 all of them are one. */
function boundSql(bound: number, isInteger: boolean, toInteger: (bound: number) => number): string {
  if (!isInteger) return doubleLiteral(bound);
  return `CAST(${BigInt(toInteger(Math.max(-(2 ** 64), Math.min(2 ** 64, bound))))} AS HUGEINT)`;
}

/** SELECT of `n`, and for each rule of `checked_0`, `failing_0`, …: the rows that it looks at, and those that break it. */
export function countFailingSql(table: string, rules: readonly FeatureQualityRule[], schema: RowSchema): string {
  const counts = rules.flatMap((rule, index) => {
    const failing = failingSql(rule, schema, table);
    const ofValues = failing !== null && rule.kind !== 'NOT_NULL_RATIO';
    return [
      `count(${ofValues ? quoted(rule.field ?? '') : '*'})::DOUBLE AS checked_${index}`,
      `count(*) FILTER (${failing ?? 'false'})::DOUBLE AS failing_${index}`,
    ];
  });
  return `SELECT ${['count(*)::DOUBLE AS n', ...counts].join(', ')} FROM ${quoted(table)}`;
}

/** SELECT of the first rows, by key, that break a rule: join keys, event_timestamp and the field. */
export function examplesSql(
  table: string,
  field: string,
  failing: string,
  keys: readonly string[],
  limit: number,
): string {
  const columns = columnList([...keys, EVENT_TIMESTAMP, field]);
  return `SELECT ${columns} FROM ${quoted(table)} WHERE ${failing} ORDER BY ${columnList(keys)} LIMIT ${limit}`;
}

const timesSql = (scan: string, keys: readonly string[]): string =>
  `SELECT ${columnList([...keys, EVENT_TIMESTAMP])}, count(*) AS n FROM (${scan}) GROUP BY ALL`;

/** SELECT of `checked` and `failing`: the rows of a scan, and those that share join keys and event time with another. */
export const countSharedTimesSql = (scan: string, keys: readonly string[]): string =>
  `SELECT coalesce(sum(n), 0)::DOUBLE AS checked, coalesce(sum(n) FILTER (n > 1), 0)::DOUBLE AS failing FROM (${timesSql(scan, keys)})`;

/** SELECT of the first join keys and event_timestamp, by both, that several rows have, and of their number `n`. */
export const sharedTimesSql = (scan: string, keys: readonly string[], limit: number): string =>
  `${timesSql(scan, keys)} HAVING count(*) > 1 ORDER BY ${columnList([...keys, EVENT_TIMESTAMP])} LIMIT ${limit}`;

/** SELECT of `checked`, the rows of a scan, and `newest`, their newest event that is not after a moment. */
export const newestEventSql = (scan: string, nowMicros: bigint): string =>
  `SELECT count(*)::DOUBLE AS checked, max(${EVENT_TIMESTAMP}) FILTER (${EVENT_TIMESTAMP} <= ${timestampLiteral(nowMicros)}) AS newest FROM (${scan})`;
