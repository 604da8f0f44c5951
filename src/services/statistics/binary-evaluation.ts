import { type Confusion, confusion } from './classification-metrics';
import { evaluateBinary } from './evaluate-binary';
import { type EvaluationCurves, evaluationCurves } from './evaluation-curves.math';
import { definedMetrics, type Metrics } from './metrics';

/** How a binary classifier did on labelled rows, as an evaluation report keeps it. Plain JSON. */
export interface BinaryEvaluation extends EvaluationCurves {
  readonly taskType: 'BINARY_CLASSIFICATION';
  readonly metrics: Metrics;
  /** A probability from here on counts as yes in the confusion matrix, and in the metrics that count answers. */
  readonly decisionThreshold: number;
  readonly confusionMatrix: Confusion;
}

/**
 * @param probabilities of the positive class, in [0, 1], not empty
 * @param labels 1 for the positive class, 0 for the other
 * @throws InvalidInput when the arrays differ in length, are empty or out of range
 */
export const binaryEvaluation = (
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  decisionThreshold: number,
): BinaryEvaluation => ({
  taskType: 'BINARY_CLASSIFICATION',
  ...evaluationCurves(probabilities, labels),
  metrics: definedMetrics({ ...evaluateBinary(probabilities, labels, decisionThreshold) }),
  decisionThreshold,
  confusionMatrix: confusion(probabilities, labels, decisionThreshold),
});
