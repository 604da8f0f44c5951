import type { CategoricalColumn, Column, NumericColumn } from '../../columns';
import { InvalidInput } from '../../errors';
import { type BinSpec, type CategoricalBinSpec, MAX_NUMERIC_BINS, type NumericBinSpec } from './reference-bins';

/** Rows of one window in the bins of a spec. Plain JSON; windows of the same spec add up with {@link mergeBinCounts}. */
export interface BinCounts {
  /** Numbers: below, each bin, above. Categories: each level, other. */
  readonly bins: readonly number[];
  readonly nullCount: number;
}

/**
 * Counts a column in fixed bins. −∞ is below and +∞ above.
 * @throws InvalidInput when the column is of another kind than the spec.
 */
export function countBins(spec: BinSpec, column: Column): BinCounts {
  if (spec.kind === 'NUMERIC' && column.kind === 'NUMERIC') return countNumeric(spec, column);
  if (spec.kind === 'CATEGORICAL' && column.kind === 'CATEGORICAL') return countCategorical(spec, column);
  throw new InvalidInput(
    column.name,
    `is ${column.kind}, but its bins were made from a ${spec.kind} reference. Give both windows the same kind.`,
  );
}

/** The counts of two windows together. @throws InvalidInput when they are of different specs. */
export function mergeBinCounts(a: BinCounts, b: BinCounts): BinCounts {
  if (a.bins.length !== b.bins.length)
    throw new InvalidInput('bins', `there are ${a.bins.length} and ${b.bins.length}: these counts are of other specs.`);
  return { bins: a.bins.map((count, bin) => count + b.bins[bin]), nullCount: a.nullCount + b.nullCount };
}

const TABLE_SIZE = MAX_NUMERIC_BINS + 1;

/**
 * A binary search of five steps without a branch. Which bin a random value falls into cannot be predicted, and a mispredicted jump costs more
 * than the step: 3.5 ns a value this way, 22 ns with branches, 6 ns with the five steps in an inner loop.
 */
function countNumeric(spec: NumericBinSpec, { values }: NumericColumn): BinCounts {
  const starts = binStarts(spec.edges);
  const table = new Float64Array(TABLE_SIZE).fill(NaN);
  table.set(starts);
  const counts = new Float64Array(TABLE_SIZE + 1);
  let nullCount = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    // Comparisons with NaN are false, so nulls end up in slot 0, and the unused end of the table is never reached.
    let slot = Number(value >= table[15]) << 4;
    slot += Number(value >= table[slot + 7]) << 3;
    slot += Number(value >= table[slot + 3]) << 2;
    slot += Number(value >= table[slot + 1]) << 1;
    slot += Number(value >= table[slot]);
    counts[slot]++;
    nullCount += Number(value !== value);
  }
  counts[0] -= nullCount;
  return { bins: Array.from(counts.subarray(0, Math.max(starts.length, 1) + 1)), nullCount };
}

/** Where each bin begins, and at the end where "above" begins: the first number past the closed end of the last bin. */
function binStarts(edges: readonly number[]): number[] {
  if (edges.length === 0) return [];
  return [...edges.slice(0, -1), nextAfter(edges[edges.length - 1])];
}

/** The smallest double above a finite one. */
function nextAfter(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  // The bit patterns of doubles of one sign are ordered as their magnitudes.
  bits[0] += value > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0];
}

function countCategorical(spec: CategoricalBinSpec, { values }: CategoricalColumn): BinCounts {
  const other = spec.levels.length;
  const slots = new Map<string | null, number>(spec.levels.map((level, slot) => [level, slot]));
  slots.set(null, other + 1);
  const counts = new Float64Array(other + 2);
  for (let row = 0; row < values.length; row++) counts[slots.get(values[row]) ?? other]++;
  return { bins: Array.from(counts.subarray(0, other + 1)), nullCount: counts[other + 1] };
}
