import { accuracy, brier, confusion, f1, logLoss, precision, recall } from './classification-metrics';
import { rocAuc } from './ranking-metrics';

/** Metrics of a binary classifier by their names in the API; null where one is undefined for these rows. */
export interface BinaryMetrics {
  readonly auc: number | null;
  readonly logLoss: number;
  readonly brier: number;
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/**
 * All metrics of labelled predictions; a prediction is positive from the threshold on.
 * @param probabilities of the positive class, in [0, 1], not empty
 * @param labels 1 for the positive class, 0 for the other
 * @throws InvalidInput when the arrays differ in length, are empty or out of range.
 */
export function evaluateBinary(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold = 0.5,
): BinaryMetrics {
  const counts = confusion(probabilities, labels, threshold);
  return {
    auc: rocAuc(probabilities, labels),
    logLoss: logLoss(probabilities, labels),
    brier: brier(probabilities, labels),
    accuracy: accuracy(counts),
    precision: precision(counts),
    recall: recall(counts),
    f1: f1(counts),
  };
}
