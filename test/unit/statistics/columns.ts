import type { CategoricalColumn, NumericColumn } from '../../../src/columns';

export function numericColumn(values: Iterable<number>): NumericColumn {
  return { name: 'x', kind: 'NUMERIC', values: Float64Array.from(values) };
}

export function categoricalColumn(values: Iterable<string | null>): CategoricalColumn {
  return { name: 'x', kind: 'CATEGORICAL', values: [...values] };
}

/** Each value as often as its count says. */
export function repeated<Value>(counts: readonly (readonly [Value, number])[]): Value[] {
  return counts.flatMap(([value, count]) => new Array<Value>(count).fill(value));
}
