import { CREATED_TIMESTAMP, EVENT_TIMESTAMP } from '../rows/row-slice';
import { POSITION } from './scan.sql';
import { columnList, quoted } from './sql-text';

export interface PointInTimeJoin {
  /** Table of the entity rows: `__row_id`, event_timestamp and at least the join keys. */
  readonly entityTable: string;
  /** SELECT of the view's rows (see scanSql) with the fields. */
  readonly scan: string;
  readonly joinKeys: readonly string[];
  readonly features: readonly { readonly name: string; readonly field: string }[];
  readonly ttlSeconds: number | null;
  readonly leakageCutoff: boolean;
}

export const ROW_ID = '__row_id';
/** How a row was matched: FOUND, NOT_FOUND or OUTSIDE_TTL. */
export const MATCH = '__match';

/**
 * SELECT of `__row_id`, `__match` and the features, exactly one row per entity row: the values of the view's row that was the newest one known at
 * the entity row's event_timestamp.
 *
 * Eligible are rows with event_timestamp ≤ the entity row's; with the leakage cutoff also created_timestamp ≤ it. Of those the greatest
 * (event_timestamp, created_timestamp, position) counts. A null in it stays null. If it is older than the TTL, all are.
 *
 * DuckDB allows one inequality in an ASOF join. Under the cutoff a row takes effect at greatest(event, created), so the newest row in effect at a
 * time is the running maximum of the rank over that time; without it a row takes effect at its event. Both are one query. Ranks are integers: a
 * running maximum over structs took a third more time and twice the memory. Duplicates in effect at the same time fall together in `steps`, so
 * nothing multiplies.
 * 160,000 entity rows × 240,000 feature rows: .3 s; 1 million × 10 million: 22 s (12 s without the cutoff), on one processor.
 */
export function pointInTimeSql(join: PointInTimeJoin): string {
  const keys = columnList(join.joinKeys);
  const sameKeys = (left: string, right: string) =>
    join.joinKeys.map((key) => `${left}.${quoted(key)} = ${right}.${quoted(key)}`).join(' AND ');
  const inEffect = join.leakageCutoff ? `greatest(${EVENT_TIMESTAMP}, ${CREATED_TIMESTAMP})` : EVENT_TIMESTAMP;
  const eligible = join.leakageCutoff ? ` WHERE ${CREATED_TIMESTAMP} IS NOT NULL` : '';
  const outside =
    join.ttlSeconds === null
      ? 'false'
      : `epoch_us(r.${EVENT_TIMESTAMP}) < epoch_us(m.${EVENT_TIMESTAMP}) - ${Math.round(join.ttlSeconds * 1e6)}`;
  const features = join.features.map(
    ({ name, field }) => `CASE WHEN NOT (${outside}) THEN r.${quoted(field)} END AS ${quoted(name)}`,
  );
  return `
    WITH ranked AS (
      SELECT *, ${inEffect} AS __in_effect, row_number() OVER (
        PARTITION BY ${keys} ORDER BY ${EVENT_TIMESTAMP}, ${CREATED_TIMESTAMP} NULLS FIRST, ${POSITION}
      ) AS __rank
      FROM (${join.scan})${eligible}
    ), steps AS (
      SELECT ${keys}, __in_effect, max(max(__rank)) OVER (PARTITION BY ${keys} ORDER BY __in_effect) AS __rank
      FROM ranked GROUP BY ${keys}, __in_effect
    ), matched AS (
      SELECT e.${ROW_ID}, e.${EVENT_TIMESTAMP}, ${columnList(join.joinKeys, 'e')}, s.__rank
      FROM ${quoted(join.entityTable)} e
      ASOF LEFT JOIN steps s ON ${sameKeys('e', 's')} AND e.${EVENT_TIMESTAMP} >= s.__in_effect
    )
    SELECT m.${ROW_ID},
      CASE WHEN r.__rank IS NULL THEN 'NOT_FOUND' WHEN ${outside} THEN 'OUTSIDE_TTL' ELSE 'FOUND' END AS ${MATCH}
      ${features.map((feature) => `, ${feature}`).join('')}
    FROM matched m LEFT JOIN ranked r ON ${sameKeys('m', 'r')} AND m.__rank = r.__rank`;
}
