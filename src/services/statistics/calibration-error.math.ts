import { normalSurvival } from './distributions';
import { type Figure, figure, undefinedFigure } from './metric-interval.math';
import type { LabelledScores } from './ranking-intervals.math';

const BINS = 10;

interface Bin {
  rowCount: number;
  /** Σ (outcome − probability). */
  surplus: number;
  /** Σ p(1 − p): the variance of the surplus while the probabilities are right. */
  promised: number;
  /** Σ (outcome − probability)². */
  squares: number;
}

/**
 * Expected calibration error: the mean distance of probabilities and frequencies over ten bins of equal width, weighted by their rows.
 *
 * It is never 0, even of perfect probabilities, since chance gives each bin a distance; so the usual intervals of it, bootstrapped ones among them, lie
 * too high. This one holds the figures that would be expected of λ times the observed distances (each a folded normal) against the observed
 * figure, and takes the λ that z standard errors leave possible; 0 is in it as long as chance alone explains the figure. It always holds the
 * figure itself.
 * Source: Naeini, Cooper & Hauskrecht 2015; Leone, Nelson & Nottingham 1961 (the folded normal).
 */
export function calibrationErrorInterval(scores: LabelledScores, z: number): Figure {
  const count = scores.positives.length + scores.negatives.length;
  if (count === 0) return undefinedFigure('NO_ROWS');
  const bins = fillBins(scores);
  const distances = bins.map(({ surplus }) => Math.abs(surplus) / count);
  const errors = bins.map(
    ({ rowCount, surplus, squares, promised }) =>
      Math.sqrt(Math.max(promised, squares - surplus ** 2 / rowCount)) / count,
  );
  const value = distances.reduce((sum, distance) => sum + distance, 0);
  // How many rows fall into which bin is chance, too.
  const betweenBins =
    bins.reduce((sum, { surplus, rowCount }) => sum + surplus ** 2 / rowCount, 0) / count - value ** 2;

  const expected = (lambda: number): { mean: number; variance: number } => {
    let mean = 0;
    let variance = (lambda ** 2 * Math.max(0, betweenBins)) / count;
    distances.forEach((distance, index) => {
      const folded = foldedNormal(lambda * distance, errors[index]);
      mean += folded.mean;
      variance += folded.variance;
    });
    return { mean, variance };
  };
  const surprise = (lambda: number): number => {
    const { mean, variance } = expected(lambda);
    return variance === 0 ? Math.sign(value - mean) * Infinity || 0 : (value - mean) / Math.sqrt(variance);
  };
  if (value === 0) return figure(0, 0, Math.min(1, z * Math.hypot(...errors)));
  const lower = surprise(0) <= z ? 0 : value * smallestBelow((lambda) => surprise(lambda) <= z, 0, 1);
  const upper = value * smallestBelow((lambda) => surprise(lambda) <= -z, 0, 1 / value);
  return figure(value, lower, Math.min(1, Math.max(upper, value)));
}

/** Where a condition that fails at `low` begins to hold on the way to `high`. */
function smallestBelow(holds: (lambda: number) => boolean, low: number, high: number): number {
  let fails = low;
  let enough = high;
  for (let step = 0; step < 50; step++) {
    const middle = (fails + enough) / 2;
    if (holds(middle)) enough = middle;
    else fails = middle;
  }
  return enough;
}

/** Mean and variance of |N(mean, error²)|, mean ≥ 0. */
function foldedNormal(mean: number, error: number): { mean: number; variance: number } {
  if (error === 0) return { mean, variance: 0 };
  const ratio = mean / error;
  const folded =
    error * Math.sqrt(2 / Math.PI) * Math.exp((-ratio * ratio) / 2) + mean * (1 - 2 * normalSurvival(ratio));
  return { mean: folded, variance: Math.max(0, mean * mean + error * error - folded * folded) };
}

/** Those that have rows; a probability on an inner edge is in the lower one, the edges as numpy's linspace has them: as in the calibration curve. */
function fillBins({ positives, negatives }: LabelledScores): Bin[] {
  const bins = Array.from({ length: BINS }, (): Bin => ({ rowCount: 0, surplus: 0, promised: 0, squares: 0 }));
  const fill = (sorted: Float64Array, outcome: number) => {
    let index = 0;
    for (let row = 0; row < sorted.length; row++) {
      const score = sorted[row];
      while (index < BINS - 1 && score > (index + 1) * 0.1) index++;
      const bin = bins[index];
      bin.rowCount += 1;
      bin.surplus += outcome - score;
      bin.promised += score * (1 - score);
      bin.squares += (outcome - score) ** 2;
    }
  };
  fill(positives, 1);
  fill(negatives, 0);
  return bins.filter(({ rowCount }) => rowCount > 0);
}
