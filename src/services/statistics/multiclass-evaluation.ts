import { InvalidInput } from '../../errors';
import {
  classFigures,
  type ClassFigures,
  evaluateMulticlass,
  multiclassConfusion,
  oneVersusRest,
} from './evaluate-multiclass';
import { type EvaluationCurves, evaluationCurves } from './evaluation-curves.math';
import { definedMetrics, type Metrics } from './metrics';

/** One class against all others. */
export interface ClassEvaluation extends ClassFigures, Omit<EvaluationCurves, 'rowCount' | 'positiveCount'> {
  readonly name: string;
}

/** How a multiclass classifier did on labelled rows, as an evaluation report keeps it. Plain JSON. */
export interface MulticlassEvaluation {
  readonly taskType: 'MULTICLASS_CLASSIFICATION';
  readonly rowCount: number;
  readonly metrics: Metrics;
  readonly classes: readonly ClassEvaluation[];
  /** Rows by true class (outer) and predicted class (inner), in the order of the classes. */
  readonly confusionMatrix: readonly (readonly number[])[];
}

/** Each has curves of a few hundred points. */
export const MAX_CLASSES = 200;

/**
 * @param probabilities row by row, one per class; a row sums to 1
 * @param labels the index of its true class for each row
 * @param classes their names
 * @throws InvalidInput when there are no rows, fewer than 2 or more than 200 classes, lengths differ, or a value is out of range
 */
export function multiclassEvaluation(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: readonly string[],
): MulticlassEvaluation {
  if (classes.length > MAX_CLASSES)
    throw new InvalidInput('classes', `${classes.length} are too many. Give at most ${MAX_CLASSES}.`);
  const predictions = { probabilities, labels, classCount: classes.length };
  const confusionMatrix = multiclassConfusion(predictions);
  return {
    taskType: 'MULTICLASS_CLASSIFICATION',
    rowCount: labels.length,
    metrics: definedMetrics({ ...evaluateMulticlass(predictions) }),
    classes: classes.map((name, index) => {
      const one = oneVersusRest(predictions, index);
      const { positiveCount: rowCount, ...curves } = evaluationCurves(one.probabilities, one.labels);
      return { name, ...curves, ...classFigures(confusionMatrix, index), rowCount };
    }),
    confusionMatrix,
  };
}
