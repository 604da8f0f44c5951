import type { FeatureQualityRule } from '../../src/entities';

/** A row as it was ingested; times in seconds, INT64 as bigint. */
export interface QualityRow {
  readonly key: string;
  readonly event: number;
  readonly created: number | null;
  readonly values: Readonly<Record<string, number | bigint | string | boolean | null>>;
}

/** Rows that a rule looks at, and those of them that break it, in the order of key and event. */
export interface NaiveCount {
  readonly checked: number;
  readonly failing: readonly QualityRow[];
}

/** The newest row of every key: greatest event, then created (none is least), then the later in the list. */
export function naiveNewest(rows: readonly QualityRow[]): QualityRow[] {
  const newest = new Map<string, QualityRow>();
  for (const row of rows) {
    const other = newest.get(row.key);
    const created = (of: QualityRow) => of.created ?? -Infinity;
    const isOlder = other && (row.event < other.event || (row.event === other.event && created(row) < created(other)));
    if (!isOlder) newest.set(row.key, row);
  }
  return inOrder([...newest.values()]);
}

const inOrder = (rows: readonly QualityRow[]): QualityRow[] =>
  [...rows].sort((a, b) => (a.key === b.key ? a.event - b.event : a.key < b.key ? -1 : 1));

/** What rules about rows come to, row by row, without a database. */
export function naiveCount(rule: FeatureQualityRule, rows: readonly QualityRow[]): NaiveCount {
  const { field } = rule;
  if (field === null) {
    const shared = rows.filter(
      (row) => rows.filter(({ key, event }) => key === row.key && event === row.event).length > 1,
    );
    return { checked: rows.length, failing: inOrder(shared) };
  }
  const newest = naiveNewest(rows);
  const filled = newest.filter(({ values }) => values[field] !== null);
  if (rule.kind === 'NOT_NULL_RATIO')
    return { checked: newest.length, failing: newest.filter((row) => !filled.includes(row)) };
  return { checked: filled.length, failing: filled.filter((row) => breaks(rule, row.values[field], field, filled)) };
}

function breaks(
  rule: FeatureQualityRule,
  value: QualityRow['values'][string],
  field: string,
  rows: QualityRow[],
): boolean {
  const { kind, minimum, maximum, allowedValues, pattern } = rule;
  // Numbers of both kinds compare exactly in JavaScript.
  if (kind === 'RANGE') {
    const number = value as number | bigint;
    return (minimum !== null && number < minimum) || (maximum !== null && number > maximum);
  }
  if (kind === 'ALLOWED_VALUES') return !allowedValues!.includes(String(value));
  if (kind === 'PATTERN') return !new RegExp(`^(?:${pattern})$`).test(String(value));
  if (kind === 'UNIQUE') return rows.filter(({ values }) => values[field] === value).length > 1;
  throw new Error(`${kind} is not about rows`);
}
