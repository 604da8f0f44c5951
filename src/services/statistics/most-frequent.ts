export type Frequency<Value> = readonly [value: Value, count: number];

/**
 * The `limit` most frequent values, equally frequent ones in the order of their values, in one pass: a column of ids or of continuous numbers has
 * about as many distinct values as rows, too many to sort for the sake of ten (a million ids: 3.4 s).
 */
export function mostFrequent<Value extends string | number>(
  frequencies: Iterable<Frequency<Value>>,
  limit: number,
): Frequency<Value>[] {
  const top: Frequency<Value>[] = [];
  for (const entry of frequencies) {
    if (top.length === limit && !ranksBefore(entry, top[limit - 1])) continue;
    const rank = top.findIndex((other) => ranksBefore(entry, other));
    top.splice(rank < 0 ? top.length : rank, 0, entry);
    if (top.length > limit) top.pop();
  }
  return top;
}

function ranksBefore<Value extends string | number>(a: Frequency<Value>, b: Frequency<Value>): boolean {
  return a[1] > b[1] || (a[1] === b[1] && a[0] < b[0]);
}

/** How often each level occurs, nulls apart. */
export function countLevels(values: readonly (string | null)[]): { levels: Map<string, number>; nullCount: number } {
  const levels = new Map<string, number>();
  let nullCount = 0;
  for (const value of values) {
    if (value === null) nullCount++;
    else levels.set(value, (levels.get(value) ?? 0) + 1);
  }
  return { levels, nullCount };
}
