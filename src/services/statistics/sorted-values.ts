/** The values of a numeric column in ascending order, with what cannot be placed on a finite axis counted apart. */
export interface SortedValues {
  /** Ascending, without nulls and infinities. */
  readonly finite: Float64Array;
  readonly nullCount: number;
  readonly negativeInfinityCount: number;
  readonly positiveInfinityCount: number;
}

/** @param values NaN stands for null */
export function sortValues(values: Float64Array): SortedValues {
  // A typed array sorts −∞ first, +∞ last and NaN after that.
  const sorted = values.slice().sort();
  let end = sorted.length;
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
  const nullCount = sorted.length - end;
  let last = end;
  while (last > 0 && sorted[last - 1] === Infinity) last--;
  let first = 0;
  while (first < last && sorted[first] === -Infinity) first++;
  return {
    finite: sorted.subarray(first, last),
    nullCount,
    negativeInfinityCount: first,
    positiveInfinityCount: end - last,
  };
}

/**
 * @param sorted ascending and finite, not empty
 * @param probability in [0, 1]
 * @returns the quantile by linear interpolation between order statistics.   Source: Hyndman & Fan 1996, type 7 (numpy's default).
 */
export function quantileOf(sorted: Float64Array, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  // Equal neighbours are answered as they are: the weighted sum would move a constant by its last bit.
  if (low === high) return low;
  const share = position - below;
  return low * (1 - share) + high * share;
}

/** The first index at which an ascending array is ≥ value, or its length. */
export function lowerBound(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Calls back once per distinct value of an ascending array, with the half-open range of its indices. */
export function forEachRun(sorted: Float64Array, visit: (value: number, start: number, end: number) => void): void {
  let start = 0;
  for (let index = 1; index <= sorted.length; index++) {
    if (index === sorted.length || sorted[index] !== sorted[start]) {
      visit(sorted[start], start, index);
      start = index;
    }
  }
}
