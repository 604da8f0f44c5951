import { requirePredictions } from './predictions-check';

/** How predictions and outcomes met. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/**
 * Counts at a threshold: a prediction is positive from the threshold on.
 * @throws InvalidInput when the arrays differ in length, are empty or out of range.
 */
export function confusion(probabilities: ArrayLike<number>, labels: ArrayLike<number>, threshold: number): Confusion {
  requirePredictions(probabilities, labels);
  let truePositives = 0;
  let falsePositives = 0;
  let positives = 0;
  for (let row = 0; row < probabilities.length; row++) {
    const predicted = Number(probabilities[row] >= threshold);
    truePositives += predicted * labels[row];
    falsePositives += predicted * (1 - labels[row]);
    positives += labels[row];
  }
  return {
    truePositives,
    falsePositives,
    trueNegatives: probabilities.length - positives - falsePositives,
    falseNegatives: positives - truePositives,
  };
}

/** Share of the predicted positives that are positive; null where none is predicted. */
export function precision({ truePositives, falsePositives }: Confusion): number | null {
  return ratio(truePositives, truePositives + falsePositives);
}

/** Share of the positives that are predicted; null where there is none. */
export function recall({ truePositives, falseNegatives }: Confusion): number | null {
  return ratio(truePositives, truePositives + falseNegatives);
}

/** Harmonic mean of precision and recall, 2·TP / (2·TP + FP + FN); null where there is neither a positive nor a predicted one. */
export function f1({ truePositives, falsePositives, falseNegatives }: Confusion): number | null {
  return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}

/** Share of the predictions that are right; null where there are none. */
export function accuracy({ truePositives, falsePositives, trueNegatives, falseNegatives }: Confusion): number | null {
  return ratio(truePositives + trueNegatives, truePositives + falsePositives + trueNegatives + falseNegatives);
}

/**
 * Mean negative log-likelihood in nats. Probabilities are clipped to [ε, 1 − ε] with ε = 2^−52, as scikit-learn does, so that one certain error costs
 * 36 and not infinity. @throws InvalidInput as {@link confusion}.   Source: sklearn log_loss.
 */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  requirePredictions(probabilities, labels);
  let sum = 0;
  for (let row = 0; row < probabilities.length; row++) {
    const clipped = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probabilities[row]));
    sum -= labels[row] === 1 ? Math.log(clipped) : Math.log1p(-clipped);
  }
  return sum / probabilities.length;
}

/** Mean squared distance of the probabilities from the outcomes, in [0, 1]. @throws InvalidInput as {@link confusion}.   Source: Brier 1950. */
export function brier(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  requirePredictions(probabilities, labels);
  let sum = 0;
  for (let row = 0; row < probabilities.length; row++) sum += (probabilities[row] - labels[row]) ** 2;
  return sum / probabilities.length;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
