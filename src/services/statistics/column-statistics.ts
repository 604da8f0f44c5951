import type { CategoricalColumn, Column, NumericColumn } from '../../columns';
import { countLevels, type Frequency, mostFrequent } from './most-frequent';
import { forEachRun, lowerBound, quantileOf, sortValues } from './sorted-values';

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];
const HISTOGRAM_BINS = 20;
const TOP_VALUES = 10;

/** Bins of equal width: bin i is [edges[i], edges[i + 1]), the last one is closed. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface TopValue {
  /** A level as it is, a number in its shortest decimal form. */
  readonly value: string;
  readonly count: number;
}

/** What one column holds. Figures that need a finite number (or two, for stddev) are null where there is none. */
export interface ColumnStatistics {
  readonly name: string;
  readonly kind: Column['kind'];
  /** Rows, nulls included. */
  readonly count: number;
  readonly nullCount: number;
  /** −∞ and +∞; they count as values, but min, max, mean, stddev, quantiles and histogram are of the finite ones. */
  readonly infiniteCount: number;
  readonly distinctCount: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Sample standard deviation (n − 1). */
  readonly stddev: number | null;
  /** At .05 .25 .5 .75 .95, by linear interpolation; empty for categories and where no finite value is. */
  readonly quantiles: readonly { readonly probability: number; readonly value: number }[];
  readonly histogram: Histogram | null;
  /** Up to ten, most frequent first. */
  readonly topValues: readonly TopValue[];
}

export function describeColumn(column: Column): ColumnStatistics {
  return column.kind === 'NUMERIC' ? describeNumeric(column) : describeCategorical(column);
}

function describeNumeric({ name, kind, values }: NumericColumn): ColumnStatistics {
  const sorted = sortValues(values);
  const { finite, nullCount, negativeInfinityCount, positiveInfinityCount } = sorted;
  const frequencies: Frequency<number>[] = [];
  if (negativeInfinityCount > 0) frequencies.push([-Infinity, negativeInfinityCount]);
  forEachRun(finite, (value, start, end) => frequencies.push([value, end - start]));
  if (positiveInfinityCount > 0) frequencies.push([Infinity, positiveInfinityCount]);
  const base = {
    name,
    kind,
    count: values.length,
    nullCount,
    infiniteCount: negativeInfinityCount + positiveInfinityCount,
    distinctCount: frequencies.length,
    topValues: topValues(frequencies),
  };
  if (finite.length === 0)
    return { ...base, min: null, max: null, mean: null, stddev: null, quantiles: [], histogram: null };
  return {
    ...base,
    min: finite[0],
    max: finite[finite.length - 1],
    ...moments(finite),
    quantiles: QUANTILES.map((probability) => ({ probability, value: quantileOf(finite, probability) })),
    histogram: equalWidthHistogram(finite),
  };
}

function describeCategorical({ name, kind, values }: CategoricalColumn): ColumnStatistics {
  const { levels, nullCount } = countLevels(values);
  return {
    name,
    kind,
    count: values.length,
    nullCount,
    infiniteCount: 0,
    distinctCount: levels.size,
    min: null,
    max: null,
    mean: null,
    stddev: null,
    quantiles: [],
    histogram: null,
    topValues: topValues(levels),
  };
}

/** Two passes, so that a large mean does not swallow a small spread. */
function moments(finite: Float64Array): { mean: number; stddev: number | null } {
  const largest = Math.max(Math.abs(finite[0]), Math.abs(finite[finite.length - 1]));
  // Squares of values beyond 1e150 would overflow; a power of two rescales without rounding.
  const scale = largest > 1e150 ? 2 ** 600 : 1;
  let sum = 0;
  for (const value of finite) sum += value / scale / finite.length;
  let squares = 0;
  for (const value of finite) squares += (value / scale - sum) ** 2;
  const stddev = finite.length < 2 ? null : Math.sqrt(squares / (finite.length - 1)) * scale;
  return { mean: sum * scale, stddev };
}

function equalWidthHistogram(finite: Float64Array): Histogram {
  const min = finite[0];
  const max = finite[finite.length - 1];
  const edges = [min];
  for (let bin = 1; bin < HISTOGRAM_BINS; bin++) {
    // Weighted rather than min + bin · width, because max − min can overflow.
    const edge = min * (1 - bin / HISTOGRAM_BINS) + max * (bin / HISTOGRAM_BINS);
    // A range of a few representable numbers has room for fewer bins, a constant for one.
    if (edge > edges[edges.length - 1] && edge < max) edges.push(edge);
  }
  const starts = edges.map((edge) => lowerBound(finite, edge));
  const counts = starts.map((start, bin) => (starts[bin + 1] ?? finite.length) - start);
  return { edges: [...edges, max], counts };
}

function topValues(frequencies: Iterable<Frequency<string | number>>): TopValue[] {
  return mostFrequent(frequencies, TOP_VALUES).map(([value, count]) => ({ value: String(value), count }));
}
