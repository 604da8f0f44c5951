import type { Column, NumericColumn } from '../../columns';
import { chiSquareSurvival } from './distributions';
import { hellingerDistance, jsDistance, klDivergence, psi } from './divergence';
import {
  type EvidentlyBins,
  evidentlyBins,
  evidentlyDistinctBins,
  evidentlyValueBins,
  evidentlyValues,
} from './evidently-bins';
import { ksTwoSample } from './ks-two-sample';

/**
 * Evidently's figure for one column, equal to 1e-9, and its own rule. Use it to compare tools; Mooring's default tests are testKlDrift and
 * testJsDrift, which an outlier does not blind and which know how much chance alone can do.
 */
export interface EvidentlyDrift {
  /** A distance, or for KS and χ² a p-value; null where a window has no finite value (Evidently gives up its whole report there). */
  readonly score: number | null;
  readonly threshold: number;
  readonly verdict: 'DRIFT' | 'NO_DRIFT' | 'EMPTY';
}

/** KL(reference‖current) in nats, DRIFT from the threshold on. Source: evidently kl_div.py. */
export function evidentlyKl(reference: Column, current: Column, threshold = 0.1): EvidentlyDrift {
  return distance(
    threshold,
    scoreOfBins(reference, current, (p, q) => klDivergence(toUnit(p), toUnit(q)), feelZeroes),
  );
}

/** Population stability index, not renormalised, DRIFT from the threshold on. Source: evidently psi.py. */
export function evidentlyPsi(reference: Column, current: Column, threshold = 0.1): EvidentlyDrift {
  return distance(threshold, scoreOfBins(reference, current, psi, feelZeroes));
}

/** Jensen–Shannon distance, natural logarithm, at most .8326, DRIFT from the threshold on. Source: evidently jensenshannon.py. */
export function evidentlyJs(reference: Column, current: Column, threshold = 0.1): EvidentlyDrift {
  return distance(
    threshold,
    scoreOfBins(reference, current, jsDistance, (proportions) => proportions),
  );
}

/**
 * Hellinger distance over the values of categories, or over Sturges' histogram of the distinct numbers, DRIFT from the threshold on.
 * Source: evidently hellinger_distance.py.
 */
export function evidentlyHellinger(reference: Column, current: Column, threshold = 0.1): EvidentlyDrift {
  const bins =
    reference.kind === 'NUMERIC' && current.kind === 'NUMERIC'
      ? evidentlyDistinctBins(reference, current)
      : evidentlyBins(reference, current);
  return distance(threshold, bins && hellingerOf(bins));
}

function hellingerOf({ referenceCounts, currentCounts }: EvidentlyBins): number | null {
  if (total(referenceCounts) === 0 || total(currentCounts) === 0) return null;
  return hellingerDistance(toUnit(referenceCounts), toUnit(currentCounts));
}

/**
 * Wasserstein distance ∫|F − G| in units of the reference's standard deviation (n, at least .001), DRIFT from the threshold on.
 * Source: evidently wasserstein_distance_norm.py; scipy.stats.wasserstein_distance.
 */
export function evidentlyWasserstein(
  reference: NumericColumn,
  current: NumericColumn,
  threshold = 0.1,
): EvidentlyDrift {
  const a = evidentlyValues(reference).sort();
  const b = evidentlyValues(current).sort();
  if (a.length === 0 || b.length === 0) return distance(threshold, null);
  return distance(threshold, areaBetween(a, b) / Math.max(populationStddev(a), 0.001));
}

/** p-value of the two-sample Kolmogorov–Smirnov test, DRIFT up to the threshold. Source: evidently ks_stattest.py. */
export function evidentlyKs(reference: NumericColumn, current: NumericColumn, threshold = 0.05): EvidentlyDrift {
  const a = evidentlyValues(reference);
  const b = evidentlyValues(current);
  if (a.length === 0 || b.length === 0) return { score: null, threshold, verdict: 'EMPTY' };
  const score = ksTwoSample(a, b).pValue;
  return { score, threshold, verdict: score <= threshold ? 'DRIFT' : 'NO_DRIFT' };
}

/**
 * p-value of the χ² test of the current counts against the reference's proportions, DRIFT below the threshold. A category that is new gives p = 0;
 * one constant category p = 1, where Evidently gives NaN. Source: evidently chisquare_stattest.py.
 */
export function evidentlyChiSquare(reference: Column, current: Column, threshold = 0.05): EvidentlyDrift {
  const { referenceCounts, currentCounts } = evidentlyValueBins(reference, current);
  const ratio = total(currentCounts) / total(referenceCounts);
  if (!(ratio > 0 && ratio < Infinity)) return { score: null, threshold, verdict: 'EMPTY' };
  let statistic = 0;
  for (const [bin, count] of referenceCounts.entries()) {
    const expected = count * ratio;
    statistic += (currentCounts[bin] - expected) ** 2 / expected;
  }
  const score = chiSquareSurvival(statistic, referenceCounts.length - 1);
  return { score, threshold, verdict: score < threshold ? 'DRIFT' : 'NO_DRIFT' };
}

function distance(threshold: number, score: number | null): EvidentlyDrift {
  if (score === null) return { score, threshold, verdict: 'EMPTY' };
  return { score, threshold, verdict: score >= threshold ? 'DRIFT' : 'NO_DRIFT' };
}

function scoreOfBins(
  reference: Column,
  current: Column,
  score: (p: number[], q: number[]) => number,
  fill: (proportions: number[]) => number[],
): number | null {
  const { referenceCounts, currentCounts }: EvidentlyBins = evidentlyBins(reference, current);
  if (total(referenceCounts) === 0 || total(currentCounts) === 0) return null;
  return score(fill(toUnit(referenceCounts)), fill(toUnit(currentCounts)));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function toUnit(values: readonly number[]): number[] {
  const sum = total(values);
  return values.map((value) => value / sum);
}

/** Evidently's filling of empty bins: a millionth of the smallest share where that is at most 1e-4, else 1e-4. */
function feelZeroes(proportions: number[]): number[] {
  const smallest = proportions.reduce((least, share) => (share > 0 ? Math.min(least, share) : least), 1);
  const filling = smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
  return proportions.map((share) => (share === 0 ? filling : share));
}

/** ∫|F − G| of two ascending samples: the area between their empirical distribution functions. */
function areaBetween(a: Float64Array, b: Float64Array): number {
  let i = 0;
  let j = 0;
  let area = 0;
  let position = Math.min(a[0], b[0]);
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    area += Math.abs(i / a.length - j / b.length) * (next - position);
    while (i < a.length && a[i] === next) i++;
    while (j < b.length && b[j] === next) j++;
    position = next;
  }
  return area;
}

function populationStddev(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
