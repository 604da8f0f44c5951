import { type Figure, figure, logOddsInterval, undefinedFigure, wilsonInterval } from './metric-interval.math';

/** Scores of labelled rows, each list ascending. */
export interface LabelledScores {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/**
 * Area under the ROC curve with DeLong's interval on the scale of log-odds. Where DeLong's variance is 0 or unknown (classes that are separated
 * completely, or a class of one row) stands Newcombe's, which does not promise certainty there.
 * Source: DeLong, DeLong & Clarke-Pearson 1988; Newcombe 2006, method 5.
 */
export function aucInterval({ positives, negatives }: LabelledScores, z: number): Figure {
  if (positives.length + negatives.length === 0) return undefinedFigure('NO_ROWS');
  if (positives.length === 0 || negatives.length === 0) return undefinedFigure('ONE_CLASS');
  const won = meanAndVariance(placements(positives, negatives));
  const lost = meanAndVariance(placements(negatives, positives));
  const auc = won.mean;
  const variance = won.variance / positives.length + lost.variance / negatives.length;
  const { lower, upper } =
    variance > 0 && auc > 0 && auc < 1
      ? logOddsInterval(auc, Math.sqrt(variance), z)
      : newcombeInterval(auc, positives.length, negatives.length, z);
  return figure(auc, lower, upper);
}

/** For each score of one class the share of the other that it beats, a tie counting half. */
function placements(scores: Float64Array, others: Float64Array): Float64Array {
  let below = 0;
  let notAbove = 0;
  return scores.map((score) => {
    while (below < others.length && others[below] < score) below++;
    while (notAbove < others.length && others[notAbove] <= score) notAbove++;
    return (below + notAbove) / (2 * others.length);
  });
}

/** Two passes: one would lose the digits of a variance that is small against the mean. */
function meanAndVariance(values: Float64Array): { mean: number; variance: number } {
  let sum = 0;
  for (let row = 0; row < values.length; row++) sum += values[row];
  const mean = sum / values.length;
  let squares = 0;
  for (let row = 0; row < values.length; row++) squares += (values[row] - mean) ** 2;
  return { mean, variance: values.length < 2 ? 0 : squares / (values.length - 1) };
}

/** The areas θ whose own standard error, as Hanley & McNeil have it for exponential scores, leaves the observed area within z of them. */
function newcombeInterval(auc: number, m: number, n: number, z: number): { lower: number; upper: number } {
  const balance = (m + n) / 2 - 1;
  const excess = (theta: number): number => {
    const spread = (1 - theta) / (2 - theta) + theta / (1 + theta);
    return Math.abs(theta - auc) - z * Math.sqrt((theta * (1 - theta) * (1 + balance * spread)) / (m * n));
  };
  return { lower: boundary(excess, auc, 0), upper: boundary(excess, auc, 1) };
}

/** Where a function that is negative next to `inside` turns positive on the way to `outside`. */
function boundary(excess: (value: number) => number, inside: number, outside: number): number {
  let near = inside;
  let far = outside;
  for (let step = 0; step < 60; step++) {
    const middle = (near + far) / 2;
    if (excess(middle) > 0) far = middle;
    else near = middle;
  }
  return (near + far) / 2;
}

/**
 * Average precision, Σ (Rₙ − Rₙ₋₁) Pₙ, with an interval on the scale of log-odds. Its variance is that of the infinitesimal jackknife: the sum of squares
 * of what each row, were it there a little more often, would change. Where every positive stands above every negative that variance is 0,
 * and Wilson's interval for as many trials as there are positives takes its place.
 * Source: sklearn average_precision_score; Efron 1982; Boyd, Eng & Page 2013 (log-odds, binomial).
 */
export function averagePrecisionInterval({ positives, negatives }: LabelledScores, z: number): Figure {
  if (positives.length + negatives.length === 0) return undefinedFigure('NO_ROWS');
  if (positives.length === 0) return undefinedFigure('NO_POSITIVES');
  let sum = 0;
  forEachScore(positives, negatives, (hits, _misses, precision) => (sum += hits * precision));
  const value = sum / positives.length;
  let squares = 0;
  // Σ over the positives at or below a score of 1/N and of precision/N, N the rows at or above theirs: what one more row there does to them.
  let gain = 0;
  let loss = 0;
  forEachScore(positives, negatives, (hits, misses, precision, rowsFromHere) => {
    gain += hits / rowsFromHere;
    loss += (hits * precision) / rowsFromHere;
    squares += hits * (precision - value + gain - loss) ** 2 + misses * loss ** 2;
  });
  const standardError = Math.sqrt(squares) / positives.length;
  const { lower, upper } =
    standardError > 0 && value < 1
      ? logOddsInterval(value, standardError, z)
      : wilsonInterval(value * positives.length, positives.length, z);
  return figure(value, lower, upper);
}

/**
 * Calls back for every score that occurs, ascending.
 * @param visit takes how many positives and negatives have this very score, the share of positives among the rows with it or a higher one, and their number
 */
function forEachScore(
  positives: Float64Array,
  negatives: Float64Array,
  visit: (hits: number, misses: number, precision: number, rowsFromHere: number) => void,
): void {
  let p = 0;
  let n = 0;
  while (p < positives.length || n < negatives.length) {
    const score =
      n >= negatives.length || (p < positives.length && positives[p] <= negatives[n]) ? positives[p] : negatives[n];
    const positivesFromHere = positives.length - p;
    const rowsFromHere = positivesFromHere + negatives.length - n;
    const hitsBefore = p;
    const missesBefore = n;
    while (p < positives.length && positives[p] === score) p++;
    while (n < negatives.length && negatives[n] === score) n++;
    visit(p - hitsBefore, n - missesBefore, positivesFromHere / rowsFromHere, rowsFromHere);
  }
}
