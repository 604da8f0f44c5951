import { InvalidInput } from '../../errors';
import type { BinCounts } from './count-bins';
import { chiSquareSurvival } from './distributions';
import type { BinSpec } from './reference-bins';

/**
 * p-value of Pearson's χ² test that two windows were drawn from one distribution: Σ (observed − expected)² / expected over both rows of the table,
 * df = occupied bins − 1. Bins that neither window reached are left out; with one bin nothing can differ and p = 1.
 * @param reference rows per bin, null among them, shape [k]
 * @returns null where a window has no rows.   Source: Pearson 1900; scipy.stats.chi2_contingency without correction.
 * @throws InvalidInput when the lengths differ.
 */
export function chiSquareHomogeneity(reference: readonly number[], current: readonly number[]): number | null {
  if (reference.length !== current.length)
    throw new InvalidInput('current', `has ${current.length} bins where the reference has ${reference.length}.`);
  const referenceRows = sum(reference);
  const currentRows = sum(current);
  if (referenceRows === 0 || currentRows === 0) return null;
  let statistic = 0;
  let bins = 0;
  for (const [bin, count] of reference.entries()) {
    const both = count + current[bin];
    if (both === 0) continue;
    bins++;
    // Both deviations of a bin are equal but for their sign: (o₁ − e₁) = −(o₂ − e₂).
    const deviation = count - (both * referenceRows) / (referenceRows + currentRows);
    statistic += (deviation ** 2 / both) * (1 / referenceRows + 1 / currentRows) * (referenceRows + currentRows);
  }
  return chiSquareSurvival(statistic, bins - 1);
}

/**
 * Wasserstein distance ∫|F − G| of two windows over the reference's bins, in standard deviations of the reference. Approximate: inside a bin the
 * rows are taken as spread evenly, and those below or above the reference's range as lying at its ends, so it is a lower bound for what left the range.
 * Nulls are left out.
 * @returns null for categories, for a constant reference, which has no spread to measure in, and where a window has no value
 */
export function binnedWasserstein(spec: BinSpec, reference: BinCounts, current: BinCounts): number | null {
  if (spec.kind !== 'NUMERIC' || spec.edges.length < 2) return null;
  const referenceRows = sum(reference.bins);
  const currentRows = sum(current.bins);
  if (referenceRows === 0 || currentRows === 0) return null;
  const { edges } = spec;
  let gap = reference.bins[0] / referenceRows - current.bins[0] / currentRows;
  let area = 0;
  for (let bin = 0; bin < edges.length - 1; bin++) {
    const next = gap + reference.bins[bin + 1] / referenceRows - current.bins[bin + 1] / currentRows;
    area += (edges[bin + 1] - edges[bin]) * meanAbsolute(gap, next);
    gap = next;
  }
  const distance = area / binnedStddev(edges, reference.bins);
  // A range near the limits of doubles overflows, and a constant has no spread.
  return Number.isFinite(distance) ? distance : null;
}

/** Mean of |x| where x goes straight from a to b. */
function meanAbsolute(a: number, b: number): number {
  if (a * b >= 0) return Math.abs(a + b) / 2;
  return (a * a + b * b) / (2 * Math.abs(a - b));
}

/** Standard deviation of rows spread evenly within their bins, those outside at the ends. */
function binnedStddev(edges: readonly number[], bins: readonly number[]): number {
  const last = edges.length - 1;
  const pieces = [
    { from: edges[0], to: edges[0], rows: bins[0] },
    ...edges.slice(0, -1).map((from, bin) => ({ from, to: edges[bin + 1], rows: bins[bin + 1] })),
    { from: edges[last], to: edges[last], rows: bins[last + 1] },
  ];
  const rows = sum(bins);
  const mean = pieces.reduce((total, { from, to, rows: count }) => total + (count / rows) * (from / 2 + to / 2), 0);
  const variance = pieces.reduce((total, { from, to, rows: count }) => {
    const offset = from / 2 + to / 2 - mean;
    return total + (count / rows) * (offset ** 2 + (to - from) ** 2 / 12);
  }, 0);
  return Math.sqrt(variance);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
