import { type Calibration, logit, sigmoid } from './calibration';
import { type Figure, figure, logOddsInterval, undefinedFigure } from './metric-interval.math';
import { type PerformanceFigures, undefinedPerformance } from './realised-performance';

/** Scores of a window with what the reference says of them. */
export interface CalibratedScores {
  /** The model's, ascending. */
  readonly scores: Float64Array;
  /** The share of positives among rows of such a score, as the reference saw it. */
  readonly expected: Float64Array;
  /** expected · (1 − expected), and the scores as log-odds: every figure's error needs both, and logarithms are what costs. */
  readonly weights: Float64Array;
  readonly logits: Float64Array;
  readonly calibration: Calibration;
}

/** @param scores ascending */
export function calibrateScores(calibration: Calibration, scores: Float64Array): CalibratedScores {
  const logits = new Float64Array(scores.length);
  const expected = new Float64Array(scores.length);
  const weights = new Float64Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    logits[row] = logit(scores[row]);
    expected[row] = sigmoid(calibration.intercept + calibration.slope * logits[row]);
    weights[row] = expected[row] * (1 - expected[row]);
  }
  return { scores, expected, weights, logits, calibration };
}

/**
 * Parts of the performance that is to be expected while outcomes follow the calibrated probabilities: each metric with the expected counts in place of
 * the true ones, so that a row counts as a positive by its probability. Each is a short piece of work.
 *
 * The interval is where the realised metric of these very rows will lie with the confidence, by the delta method: two variances add up, that of the
 * outcomes, Σ mᵢ² pᵢ(1 − pᵢ), and that of the calibration, gᵀ · covariance · g with g = Σ mᵢ pᵢ(1 − pᵢ) · (1, logit sᵢ), where mᵢ is what row i adds to
 * the metric when it turns out a positive. The calibration error is not estimable: to estimate is to take it for what it was on the reference.
 * Source: NannyML's confidence-based performance estimation (CBPE); the interval is ours.
 */
export const ESTIMATED_PARTS = [
  (rows: CalibratedScores, threshold: number, z: number): Partial<PerformanceFigures> =>
    thresholdEstimates(rows, threshold, z),
  (rows: CalibratedScores, _threshold: number, z: number): Partial<PerformanceFigures> => lossEstimates(rows, z),
  (rows: CalibratedScores, _threshold: number, z: number): Partial<PerformanceFigures> => ({
    auc: aucEstimate(rows, z),
  }),
  (rows: CalibratedScores, _threshold: number, z: number): Partial<PerformanceFigures> => ({
    averagePrecision: averagePrecisionEstimate(rows, z),
  }),
] as const;

/** All of them at once. */
export function estimatedPerformance(rows: CalibratedScores, threshold: number, z: number): PerformanceFigures {
  const figures = undefinedPerformance(rows.scores.length === 0 ? 'NO_ROWS' : 'NOT_ESTIMABLE');
  if (rows.scores.length === 0) return figures;
  return Object.assign(figures, ...ESTIMATED_PARTS.map((part) => part(rows, threshold, z))) as PerformanceFigures;
}

/** Standard error of a metric to which row i adds `effect(i)` when it turns out a positive. */
export function estimateError(
  { weights, logits, calibration }: CalibratedScores,
  effect: (row: number) => number,
): number {
  let ofOutcomes = 0;
  let interceptGradient = 0;
  let slopeGradient = 0;
  for (let row = 0; row < weights.length; row++) {
    const change = effect(row);
    const weighted = change * weights[row];
    ofOutcomes += change * weighted;
    interceptGradient += weighted;
    slopeGradient += weighted * logits[row];
  }
  const { intercept, slope, both } = calibration.covariance;
  const ofCalibration =
    intercept * interceptGradient ** 2 + 2 * both * interceptGradient * slopeGradient + slope * slopeGradient ** 2;
  return Math.sqrt(ofOutcomes + Math.max(0, ofCalibration));
}

const share = (value: number, standardError: number, z: number): Figure => {
  const { lower, upper } = logOddsInterval(value, standardError, z);
  return figure(value, lower, upper);
};

const bounded = (value: number, standardError: number, z: number, maximum: number): Figure =>
  figure(value, Math.max(0, value - z * standardError), Math.min(maximum, value + z * standardError));

function thresholdEstimates(rows: CalibratedScores, threshold: number, z: number): Partial<PerformanceFigures> {
  const { scores, expected } = rows;
  const count = scores.length;
  let positives = 0;
  let truePositives = 0;
  let predicted = 0;
  for (let row = 0; row < count; row++) {
    const isPredicted = Number(scores[row] >= threshold);
    predicted += isPredicted;
    positives += expected[row];
    truePositives += isPredicted * expected[row];
  }
  const said = (row: number): number => Number(scores[row] >= threshold);
  const falsePositives = predicted - truePositives;
  const falseNegatives = positives - truePositives;
  const trueNegatives = count - predicted - falseNegatives;
  const accuracy = (truePositives + trueNegatives) / count;
  const recall = truePositives / positives;
  const f1 = (2 * truePositives) / (predicted + positives);
  const ofPredicted = estimateError(rows, said);
  const ofOthers = estimateError(rows, (row) => 1 - said(row));
  return {
    accuracy: share(
      accuracy,
      estimateError(rows, (row) => (2 * said(row) - 1) / count),
      z,
    ),
    precision:
      predicted === 0
        ? undefinedFigure('NO_PREDICTED_POSITIVES')
        : share(truePositives / predicted, ofPredicted / predicted, z),
    recall: share(
      recall,
      estimateError(rows, (row) => (said(row) - recall) / positives),
      z,
    ),
    f1: share(
      f1,
      estimateError(rows, (row) => (2 * said(row) - f1) / (predicted + positives)),
      z,
    ),
    confusionMatrix: {
      truePositives: bounded(truePositives, ofPredicted, z, predicted),
      falsePositives: bounded(falsePositives, ofPredicted, z, predicted),
      trueNegatives: bounded(trueNegatives, ofOthers, z, count - predicted),
      falseNegatives: bounded(falseNegatives, ofOthers, z, count - predicted),
    },
  };
}

function lossEstimates(rows: CalibratedScores, z: number): Partial<PerformanceFigures> {
  const { scores, expected } = rows;
  const count = scores.length;
  const odds = new Float64Array(count);
  let logLoss = 0;
  let brier = 0;
  for (let row = 0; row < count; row++) {
    const score = scores[row];
    const clipped = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, score));
    const negative = -Math.log1p(-clipped);
    odds[row] = Math.log(clipped) + negative;
    logLoss += negative - expected[row] * odds[row];
    brier += score ** 2 + expected[row] * (1 - 2 * score);
  }
  return {
    logLoss: bounded(
      logLoss / count,
      estimateError(rows, (row) => -odds[row] / count),
      z,
      Infinity,
    ),
    brier: bounded(
      brier / count,
      estimateError(rows, (row) => (1 - 2 * scores[row]) / count),
      z,
      1,
    ),
  };
}

/** The expected share of pairs of a positive and a negative in which the positive scores higher, a tie counting half; no row is paired with itself. */
function aucEstimate(rows: CalibratedScores, z: number): Figure {
  const { scores, expected, weights } = rows;
  const count = scores.length;
  let positives = 0;
  let ownPairs = 0;
  for (let row = 0; row < count; row++) {
    positives += expected[row];
    ownPairs += weights[row];
  }
  const negatives = count - positives;
  const pairs = positives * negatives - ownPairs;
  if (!(pairs > 1e-12)) return undefinedFigure('ONE_CLASS');
  // What a row wins as a positive over the others' negatives, and gives up as the negative that others beat.
  const gains = new Float64Array(count);
  let won = 0;
  let negativesBelow = 0;
  let positivesBelow = 0;
  forEachTie(scores, (start, end) => {
    let tiedPositives = 0;
    for (let row = start; row < end; row++) tiedPositives += expected[row];
    const tiedNegatives = end - start - tiedPositives;
    for (let row = start; row < end; row++) {
      const p = expected[row];
      const beats = negativesBelow + (tiedNegatives - (1 - p)) / 2;
      const isBeatenBy = positives - positivesBelow - tiedPositives + (tiedPositives - p) / 2;
      won += p * beats;
      gains[row] = beats - isBeatenBy;
    }
    positivesBelow += tiedPositives;
    negativesBelow += tiedNegatives;
  });
  const auc = won / pairs;
  const standardError = estimateError(
    rows,
    (row) => (gains[row] - auc * (negatives - positives - 1 + 2 * expected[row])) / pairs,
  );
  return share(auc, standardError, z);
}

/** Precision at each row, were it a positive, by the probability that it is one. */
function averagePrecisionEstimate(rows: CalibratedScores, z: number): Figure {
  const { scores, expected } = rows;
  const count = scores.length;
  let positives = 0;
  for (let row = 0; row < count; row++) positives += expected[row];
  if (!(positives > 1e-12)) return undefinedFigure('NO_POSITIVES');
  const precisions = new Float64Array(count);
  const raises = new Float64Array(count);
  let value = 0;
  let positivesBelow = 0;
  let raised = 0;
  forEachTie(scores, (start, end) => {
    let tied = 0;
    for (let row = start; row < end; row++) tied += expected[row];
    const rowsFromHere = count - start;
    for (let row = start; row < end; row++) {
      // A row that counts as a positive is one whole positive among those from its score on.
      precisions[row] = (positives - positivesBelow - expected[row] + 1) / rowsFromHere;
      value += expected[row] * precisions[row];
    }
    // Every positive at or above a score raises the precision at that score by 1/N.
    raised += tied / rowsFromHere;
    for (let row = start; row < end; row++) raises[row] = raised - expected[row] / rowsFromHere;
    positivesBelow += tied;
  });
  value /= positives;
  return share(
    value,
    estimateError(rows, (row) => (precisions[row] - value + raises[row]) / positives),
    z,
  );
}

/** Calls back with the range of every run of equal scores. */
function forEachTie(sorted: Float64Array, visit: (start: number, end: number) => void): void {
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    visit(start, end);
    start = end;
  }
}
