import { chiSquareQuantile, normalSurvival } from './distributions';

/** Why a figure has no value on some rows. */
export type Undefined =
  'NO_ROWS' | 'ONE_CLASS' | 'NO_POSITIVES' | 'NO_PREDICTED_POSITIVES' | 'NOT_ESTIMABLE' | 'NOT_APPLICABLE';

/** A figure and its confidence interval. Without a value there is a reason; a value without an interval has too few rows for one. */
export interface Figure {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly undefinedBecause: Undefined | null;
}

export const undefinedFigure = (reason: Undefined): Figure => ({
  value: null,
  lower: null,
  upper: null,
  undefinedBecause: reason,
});

export const figure = (value: number, lower: number | null, upper: number | null): Figure => ({
  value,
  lower,
  upper,
  undefinedBecause: null,
});

/** The z that |Z| exceeds with probability 1 − confidence for a standard normal Z, 0 < confidence < 1. Source: Z² is χ²(1). */
export const normalQuantile = (confidence: number): number => Math.sqrt(chiSquareQuantile(1 - confidence, 1));

/**
 * Wilson's score interval of a proportion. It keeps its level for few rows and for shares near 0 and 1, where the normal one does not.
 * Source: Wilson 1927; statsmodels proportion_confint(method='wilson').
 * @param hits 0 to trials; may be fractional
 * @param trials greater than 0
 */
export function wilsonInterval(hits: number, trials: number, z: number): { lower: number; upper: number } {
  const share = hits / trials;
  const width = z ** 2 / trials;
  const middle = (share + width / 2) / (1 + width);
  const half = (z * Math.sqrt((share * (1 - share) + width / 4) / trials)) / (1 + width);
  // At the ends the formula gives 0 and 1 but for the last bit.
  return {
    lower: hits <= 0 ? 0 : Math.max(0, middle - half),
    upper: hits >= trials ? 1 : Math.min(1, middle + half),
  };
}

/** A share with Wilson's interval; undefined for the reason where there is nothing to take a share of. */
export function proportion(hits: number, trials: number, z: number, reason: Undefined): Figure {
  if (trials <= 0) return undefinedFigure(reason);
  const { lower, upper } = wilsonInterval(hits, trials, z);
  return figure(hits / trials, lower, upper);
}

/**
 * F1 = 2J / (1 + J), where J = TP / (TP + FP + FN), Jaccard's index, is the share of hits among the rows that are positive or predicted so. F1 grows
 * with J, so Wilson's interval of J, mapped, is one of F1: of the delta method's width for many rows, and inside [0, 1] for few.
 */
export function f1Interval(truePositives: number, errors: number, z: number): Figure {
  const trials = truePositives + errors;
  if (trials <= 0) return undefinedFigure('NO_POSITIVES');
  const { lower, upper } = wilsonInterval(truePositives, trials, z);
  const f1Of = (jaccard: number) => (2 * jaccard) / (1 + jaccard);
  return figure(f1Of(truePositives / trials), f1Of(lower), f1Of(upper));
}

/**
 * The mean of losses with Student's interval, which the central limit theorem justifies; cut off at the loss's own bounds.
 * @param squares sum of squared distances from the mean
 */
export function meanInterval(mean: number, squares: number, count: number, z: number, maximum = Infinity): Figure {
  if (count < 2) return figure(mean, null, null);
  const half = studentQuantile(z, count - 1) * Math.sqrt(squares / (count - 1) / count);
  return figure(mean, Math.max(0, mean - half), Math.min(maximum, mean + half));
}

/**
 * An interval on the scale of log-odds for a figure in (0, 1) whose standard error is known: it cannot leave [0, 1], and is skewed as such a figure's
 * distribution is. Source: delta method; for AUC: Qin & Hotilovac 2008.
 */
export function logOddsInterval(value: number, standardError: number, z: number): { lower: number; upper: number } {
  if (value <= 0 || value >= 1) return { lower: value, upper: value };
  const odds = Math.log(value / (1 - value));
  const half = (z * standardError) / (value * (1 - value));
  const inverse = (logOdds: number) => 1 / (1 + Math.exp(-logOdds));
  return { lower: inverse(odds - half), upper: inverse(odds + half) };
}

/** Student's quantile from the normal one, to 1 % from 3 degrees of freedom on. Source: Hill 1970, Abramowitz & Stegun 26.7.5. */
function studentQuantile(z: number, degrees: number): number {
  // One and two degrees have closed forms of the tail probability, which the series misses: z = 1.96 stands for 12.7 and 4.3.
  if (degrees === 1) return Math.tan((Math.PI / 2) * (1 - 2 * normalSurvival(z)));
  if (degrees === 2) {
    const p = 1 - 2 * normalSurvival(z);
    return p * Math.sqrt(2 / (1 - p * p));
  }
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
