/**
 * The judge of point-in-time joins: what a value must be, found by looking at every row, as the rules are written. It shares no code with the
 * stores, and knows nothing of how they go about it.
 */
export type OracleValue = string | bigint | number | boolean | null;

export interface OracleFeatureRow {
  readonly key: readonly OracleValue[];
  /** Microseconds. */
  readonly event: bigint;
  readonly created: bigint | null;
  /** Order of committed batches. */
  readonly sequence: number;
  /** Order within the batch. */
  readonly row: number;
  readonly values: readonly OracleValue[];
}

export interface OracleEntityRow {
  readonly key: readonly OracleValue[];
  readonly at: bigint;
}

export interface OracleAnswer {
  readonly status: 'FOUND' | 'NOT_FOUND' | 'OUTSIDE_TTL';
  /** null: all values are null. */
  readonly values: readonly OracleValue[] | null;
}

export interface OracleRules {
  /** Microseconds; null: unbounded. */
  readonly ttl: bigint | null;
  readonly leakageCutoff: boolean;
}

/** One answer per entity row, in order. */
export function pointInTimeOracle(
  entityRows: readonly OracleEntityRow[],
  featureRows: readonly OracleFeatureRow[],
  rules: OracleRules,
): OracleAnswer[] {
  return entityRows.map((entityRow) => {
    const known = featureRows.filter((row) => {
      if (row.key.some((part, index) => part !== entityRow.key[index])) return false;
      if (row.event > entityRow.at) return false;
      return !rules.leakageCutoff || (row.created !== null && row.created <= entityRow.at);
    });
    if (known.length === 0) return { status: 'NOT_FOUND', values: null };
    const { ttl } = rules;
    const eligible = known.filter((row) => ttl === null || row.event >= entityRow.at - ttl);
    if (eligible.length === 0) return { status: 'OUTSIDE_TTL', values: null };
    return { status: 'FOUND', values: eligible.reduce(newer).values };
  });
}

/** The newest row of each key: what an online store must hold. */
export function newestOracle(featureRows: readonly OracleFeatureRow[]): OracleFeatureRow[] {
  const newest = new Map<string, OracleFeatureRow>();
  for (const row of featureRows) {
    const key = row.key.map((part) => `${typeof part}:${String(part).length}:${String(part)}`).join('');
    const other = newest.get(key);
    newest.set(key, other ? newer(other, row) : row);
  }
  return [...newest.values()];
}

function newer(a: OracleFeatureRow, b: OracleFeatureRow): OracleFeatureRow {
  if (a.event !== b.event) return a.event > b.event ? a : b;
  if (a.created !== b.created) {
    if (a.created === null) return b;
    if (b.created === null) return a;
    return a.created > b.created ? a : b;
  }
  if (a.sequence !== b.sequence) return a.sequence > b.sequence ? a : b;
  return a.row > b.row ? a : b;
}
