import { calibrationErrorInterval } from './calibration-error.math';
import {
  f1Interval,
  type Figure,
  figure,
  meanInterval,
  proportion,
  undefinedFigure,
  wilsonInterval,
} from './metric-interval.math';
import { aucInterval, averagePrecisionInterval, type LabelledScores } from './ranking-intervals.math';
import { lowerBound } from './sorted-values';

/** Answers and outcomes at the decision threshold, as counts; of estimates, expected ones. */
export interface ConfusionFigures {
  readonly truePositives: Figure;
  readonly falsePositives: Figure;
  readonly trueNegatives: Figure;
  readonly falseNegatives: Figure;
}

/** Metrics of a binary classifier by their names in the API, each with an interval. */
export interface PerformanceFigures {
  readonly accuracy: Figure;
  readonly precision: Figure;
  readonly recall: Figure;
  readonly f1: Figure;
  readonly auc: Figure;
  readonly averagePrecision: Figure;
  /** In nats. */
  readonly logLoss: Figure;
  readonly brier: Figure;
  readonly calibrationError: Figure;
  readonly confusionMatrix: ConfusionFigures;
}

/** All undefined, for one reason. */
export function undefinedPerformance(reason: 'NOT_APPLICABLE' | 'NOT_ESTIMABLE' | 'NO_ROWS'): PerformanceFigures {
  const none = undefinedFigure(reason);
  return {
    accuracy: none,
    precision: none,
    recall: none,
    f1: none,
    auc: none,
    averagePrecision: none,
    logLoss: none,
    brier: none,
    calibrationError: none,
    confusionMatrix: { truePositives: none, falsePositives: none, trueNegatives: none, falseNegatives: none },
  };
}

/**
 * Parts of {@link PerformanceFigures} from outcomes, each a short piece of work: whoever has many rows lets others go first in between. A prediction is
 * positive from the threshold on.
 * @param z of the confidence, see normalQuantile
 */
export const REALISED_PARTS = [
  (scores: LabelledScores, threshold: number, z: number): Partial<PerformanceFigures> =>
    thresholdFigures(scores, threshold, z),
  (scores: LabelledScores, _threshold: number, z: number): Partial<PerformanceFigures> => lossFigures(scores, z),
  (scores: LabelledScores, _threshold: number, z: number): Partial<PerformanceFigures> => ({
    auc: aucInterval(scores, z),
  }),
  (scores: LabelledScores, _threshold: number, z: number): Partial<PerformanceFigures> => ({
    calibrationError: calibrationErrorInterval(scores, z),
  }),
  (scores: LabelledScores, _threshold: number, z: number): Partial<PerformanceFigures> => ({
    averagePrecision: averagePrecisionInterval(scores, z),
  }),
] as const;

/** All of them at once. */
export function realisedPerformance(scores: LabelledScores, threshold: number, z: number): PerformanceFigures {
  const figures = undefinedPerformance('NO_ROWS');
  return Object.assign(figures, ...REALISED_PARTS.map((part) => part(scores, threshold, z))) as PerformanceFigures;
}

function thresholdFigures({ positives, negatives }: LabelledScores, threshold: number, z: number) {
  const falseNegatives = lowerBound(positives, threshold);
  const trueNegatives = lowerBound(negatives, threshold);
  const truePositives = positives.length - falseNegatives;
  const falsePositives = negatives.length - trueNegatives;
  const rowCount = positives.length + negatives.length;
  const cell = (count: number): Figure => {
    if (rowCount === 0) return undefinedFigure('NO_ROWS');
    const { lower, upper } = wilsonInterval(count, rowCount, z);
    return figure(count, rowCount * lower, rowCount * upper);
  };
  return {
    accuracy: proportion(truePositives + trueNegatives, rowCount, z, 'NO_ROWS'),
    precision: proportion(
      truePositives,
      truePositives + falsePositives,
      z,
      rowCount === 0 ? 'NO_ROWS' : 'NO_PREDICTED_POSITIVES',
    ),
    recall: proportion(truePositives, positives.length, z, rowCount === 0 ? 'NO_ROWS' : 'NO_POSITIVES'),
    f1: rowCount === 0 ? undefinedFigure('NO_ROWS') : f1Interval(truePositives, falsePositives + falseNegatives, z),
    confusionMatrix: {
      truePositives: cell(truePositives),
      falsePositives: cell(falsePositives),
      trueNegatives: cell(trueNegatives),
      falseNegatives: cell(falseNegatives),
    },
  };
}

/** Clipped as in logLoss: one certain error costs 36. */
const clipped = (score: number): number => Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, score));

function lossFigures({ positives, negatives }: LabelledScores, z: number) {
  const count = positives.length + negatives.length;
  if (count === 0) return { logLoss: undefinedFigure('NO_ROWS'), brier: undefinedFigure('NO_ROWS') };
  const logLosses = new Float64Array(count);
  const squares = new Float64Array(count);
  for (let row = 0; row < positives.length; row++) {
    logLosses[row] = -Math.log(clipped(positives[row]));
    squares[row] = (1 - positives[row]) ** 2;
  }
  for (let row = 0; row < negatives.length; row++) {
    logLosses[positives.length + row] = -Math.log1p(-clipped(negatives[row]));
    squares[positives.length + row] = negatives[row] ** 2;
  }
  return { logLoss: lossFigure(logLosses, z), brier: lossFigure(squares, z, 1) };
}

function lossFigure(losses: Float64Array, z: number, maximum?: number): Figure {
  let sum = 0;
  for (let row = 0; row < losses.length; row++) sum += losses[row];
  const mean = sum / losses.length;
  let squares = 0;
  for (let row = 0; row < losses.length; row++) squares += (losses[row] - mean) ** 2;
  return meanInterval(mean, squares, losses.length, z, maximum);
}
