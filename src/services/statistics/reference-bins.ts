import type { Column } from '../../columns';
import { InvalidInput } from '../../errors';
import { countLevels, mostFrequent } from './most-frequent';
import { forEachRun, sortValues } from './sorted-values';

/** Counting searches a table of 31 entries, in five steps: 30 lower edges and the end of the last bin. */
export const MAX_NUMERIC_BINS = 30;

/** More levels than this make identifiers, not categories: the rarer ones share the bucket of the unseen ones. */
export const MAX_LEVELS = 200;

/**
 * Bin i is [edges[i], edges[i + 1]), the last one is closed, so that two equal last edges are one value's own bin. Beside them stand the buckets
 * below, above and null. Without a finite reference value there are no edges, and every value is below.
 */
export interface NumericBinSpec {
  readonly kind: 'NUMERIC';
  readonly edges: readonly number[];
}

/** One bin per level; beside them stand the buckets "other" (unseen levels, and the rare ones beyond 200) and null. */
export interface CategoricalBinSpec {
  readonly kind: 'CATEGORICAL';
  readonly levels: readonly string[];
}

/** Bins fixed by a reference window. Plain JSON: it is stored with a version, and the reference rows are not needed again. */
export type BinSpec = NumericBinSpec | CategoricalBinSpec;

/**
 * Bins in which a reference column spreads evenly: for numbers up to `maxBins` bins of about equal counts, where a value that fills a bin by
 * itself gets its own (so a 0/1 column has two); for categories its levels, most frequent first.
 * @throws InvalidInput when maxBins is not an integer from 1 to 30.
 */
export function referenceBins(column: Column, maxBins = 20): BinSpec {
  if (!Number.isInteger(maxBins) || maxBins < 1 || maxBins > MAX_NUMERIC_BINS)
    throw new InvalidInput('maxBins', `${maxBins} is not an integer from 1 to ${MAX_NUMERIC_BINS}.`);
  if (column.kind === 'CATEGORICAL') {
    const { levels } = countLevels(column.values);
    return { kind: 'CATEGORICAL', levels: mostFrequent(levels, MAX_LEVELS).map(([level]) => level) };
  }
  return { kind: 'NUMERIC', edges: quantileEdges(sortValues(column.values).finite, maxBins) };
}

/** A name for each of a spec's bins and buckets, in the order of the counts, null last: what a chart writes under its bars. Brackets keep it from a level named so. */
export function binLabels(spec: BinSpec): string[] {
  if (spec.kind === 'CATEGORICAL') return [...spec.levels, '(other)', '(null)'];
  const { edges } = spec;
  if (edges.length === 0) return ['any', 'above', '(null)'];
  const last = edges.length - 2;
  const inner = edges.slice(0, -1).map((edge, bin) => {
    if (edge === edges[bin + 1]) return String(edge);
    return `[${edge}, ${edges[bin + 1]}${bin === last ? ']' : ')'}`;
  });
  return [`< ${edges[0]}`, ...inner, `> ${edges[edges.length - 1]}`, '(null)'];
}

/** Walks the distinct values and opens a new bin whenever that leaves the open one nearer to an even share of what is left. */
function quantileEdges(sorted: Float64Array, maxBins: number): number[] {
  const edges: number[] = [];
  let binStart = 0;
  forEachRun(sorted, (value, start, end) => {
    const binsLeft = maxBins - edges.length;
    const evenShare = (sorted.length - binStart) / (binsLeft + 1);
    const isFirst = edges.length === 0;
    if (!isFirst && (binsLeft === 0 || start - binStart + (end - start) / 2 <= evenShare)) return;
    edges.push(value);
    binStart = start;
  });
  if (edges.length === 0) return [];
  // Adding 0 turns -0 into 0: the same edge, and JSON, in which the bins are stored, has no other.
  return [...edges, sorted[sorted.length - 1]].map((edge) => edge + 0);
}
