import type { Column, NumericColumn } from '../../columns';
import { InvalidInput } from '../../errors';
import { lowerBound } from './sorted-values';

/** Up to this many distinct reference values a numeric column is binned by value. */
const MAX_VALUE_BINS = 20;

/** Two columns in Evidently's bins, as counts. Nulls and infinities are left out, as Evidently does where it does not crash. */
export interface EvidentlyBins {
  readonly referenceCounts: readonly number[];
  readonly currentCounts: readonly number[];
}

/** The values of a numeric column that Evidently computes with. */
export function evidentlyValues(column: NumericColumn): Float64Array {
  return column.values.filter((value) => Number.isFinite(value));
}

/**
 * Counts both columns in the bins that Evidently would choose: Sturges' histogram of the two together for numbers with more than 20 distinct
 * reference values, else one bin per value of either.
 * @throws InvalidInput when the columns are of different kinds.   Source: evidently 0.7 legacy/calculations/stattests/utils.py, get_binned_data.
 */
export function evidentlyBins(reference: Column, current: Column): EvidentlyBins {
  if (reference.kind === 'NUMERIC' && current.kind === 'NUMERIC') {
    const referenceValues = evidentlyValues(reference);
    const currentValues = evidentlyValues(current);
    if (new Set(referenceValues).size <= MAX_VALUE_BINS) return valueBins(referenceValues, currentValues);
    return histogramBins(referenceValues, currentValues);
  }
  if (reference.kind === 'CATEGORICAL' && current.kind === 'CATEGORICAL') return evidentlyValueBins(reference, current);
  throw new InvalidInput(
    current.name,
    `is ${current.kind}, but its reference is ${reference.kind}. Give both windows the same kind.`,
  );
}

/** One bin per value of either column, whatever their number. */
export function evidentlyValueBins(reference: Column, current: Column): EvidentlyBins {
  const present = (column: Column): Iterable<string | number> =>
    column.kind === 'NUMERIC' ? evidentlyValues(column) : column.values.filter((value) => value !== null);
  return valueBins(present(reference), present(current));
}

/** Sturges' histogram over the distinct values of either column, as Evidently's Hellinger distance bins numbers. null without a finite value. */
export function evidentlyDistinctBins(reference: NumericColumn, current: NumericColumn): EvidentlyBins | null {
  const a = evidentlyValues(reference).sort();
  const b = evidentlyValues(current).sort();
  if (a.length === 0 || b.length === 0) return null;
  const edges = sturgesEdges(Float64Array.from(new Set([...a, ...b])).sort());
  return { referenceCounts: countSorted(a, edges), currentCounts: countSorted(b, edges) };
}

function valueBins(reference: Iterable<string | number>, current: Iterable<string | number>): EvidentlyBins {
  const bins = new Map<string | number, { reference: number; current: number }>();
  const binOf = (value: string | number): { reference: number; current: number } => {
    const known = bins.get(value);
    if (known) return known;
    const created = { reference: 0, current: 0 };
    bins.set(value, created);
    return created;
  };
  for (const value of reference) binOf(value).reference++;
  for (const value of current) binOf(value).current++;
  return {
    referenceCounts: Array.from(bins.values(), (bin) => bin.reference),
    currentCounts: Array.from(bins.values(), (bin) => bin.current),
  };
}

function histogramBins(reference: Float64Array, current: Float64Array): EvidentlyBins {
  const both = new Float64Array(reference.length + current.length);
  both.set(reference);
  both.set(current, reference.length);
  both.sort();
  const edges = sturgesEdges(both);
  return { referenceCounts: countSorted(reference.sort(), edges), currentCounts: countSorted(current.sort(), edges) };
}

/**
 * numpy's histogram_bin_edges(…, 'sturges'), operation by operation: at N = 64 a more direct formula gives 7 bins where numpy gives 8.
 * @param sorted ascending, not empty
 */
function sturgesEdges(sorted: Float64Array): number[] {
  let first = sorted[0];
  let last = sorted[sorted.length - 1];
  let width = (last - first) / (Math.log2(sorted.length) + 1);
  // numpy asks the array's type; a column of doubles that are all whole numbers was an integer array there.
  if (width < 1 && sorted.every(Number.isInteger)) width = 1;
  const bins = last === first ? 1 : Math.ceil((last - first) / width);
  if (last === first) {
    first -= 0.5;
    last += 0.5;
  }
  const step = (last - first) / bins;
  const edges = Array.from({ length: bins }, (_, bin) => bin * step + first);
  return [...edges, last];
}

/** Bins are [edge, next edge), the last one is closed. */
function countSorted(sorted: Float64Array, edges: readonly number[]): number[] {
  const starts = edges.slice(0, -1).map((edge) => lowerBound(sorted, edge));
  return starts.map((start, bin) => (starts[bin + 1] ?? sorted.length) - start);
}
