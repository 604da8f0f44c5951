import { InvalidInput } from '../../errors';
import { rocAuc } from './ranking-metrics';

/** Metrics of a multiclass classifier by their names in the API; null where one is undefined for these rows. */
export interface MulticlassMetrics {
  readonly accuracy: number;
  /** Mean recall of the classes that occur among the labels. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes that occur among labels or predictions. */
  readonly f1Macro: number;
  /** Mean F1 of the classes, weighted by how often each occurs among the labels. */
  readonly f1Weighted: number;
  /** In nats. */
  readonly logLoss: number;
  /** Mean one-vs-rest AUC of the classes that occur among the labels; null where one class alone occurs. */
  readonly aucMacro: number | null;
}

/** Labelled predictions of a multiclass classifier. */
export interface MulticlassPredictions {
  /** Row by row, one probability per class; a row sums to 1. */
  readonly probabilities: ArrayLike<number>;
  /** The index of its true class for each row. */
  readonly labels: ArrayLike<number>;
  readonly classCount: number;
}

/** How far from 1 the sum of a row may be: float32 and many classes. */
const SUM_TOLERANCE = 1e-3;

/**
 * All metrics of labelled predictions; the predicted class is the most probable one, of equal ones the first.
 * @throws InvalidInput when there are no rows or fewer than two classes, lengths differ, or a value is out of range.
 * Source: sklearn accuracy_score, balanced_accuracy_score, f1_score, log_loss, roc_auc_score (ovr, macro).
 */
export function evaluateMulticlass(predictions: MulticlassPredictions): MulticlassMetrics {
  const { labels, classCount } = predictions;
  const matrix = multiclassConfusion(predictions);
  const classes = Array.from({ length: classCount }, (_, index) => classFigures(matrix, index));
  const occurring = classes.filter(({ rowCount }) => rowCount > 0);
  const weighted = occurring.reduce((sum, { rowCount, f1 }) => sum + rowCount * (f1 ?? 0), 0);
  const aucs = classes.flatMap((_, index) => {
    const { probabilities, labels: isClass } = oneVersusRest(predictions, index);
    return rocAuc(probabilities, isClass) ?? [];
  });
  return {
    accuracy: matrix.reduce((sum, row, index) => sum + row[index], 0) / labels.length,
    balancedAccuracy: mean(occurring.map(({ recall }) => recall ?? 0)),
    f1Macro: mean(classes.flatMap(({ f1 }) => f1 ?? [])),
    f1Weighted: weighted / labels.length,
    logLoss: multiclassLogLoss(predictions),
    aucMacro: aucs.length === 0 ? null : mean(aucs),
  };
}

/** Rows by true class (outer) and predicted class (inner). @throws InvalidInput as {@link evaluateMulticlass} */
export function multiclassConfusion(predictions: MulticlassPredictions): number[][] {
  requireMulticlass(predictions);
  const { probabilities, labels, classCount } = predictions;
  const matrix = Array.from({ length: classCount }, () => Array.from({ length: classCount }, () => 0));
  for (let row = 0; row < labels.length; row++) {
    let predicted = 0;
    for (let index = 1; index < classCount; index++)
      if (probabilities[row * classCount + index] > probabilities[row * classCount + predicted]) predicted = index;
    matrix[labels[row]][predicted] += 1;
  }
  return matrix;
}

export interface ClassFigures {
  /** Rows whose true class it is. */
  readonly rowCount: number;
  /** null where it is never predicted. */
  readonly precision: number | null;
  /** null where it does not occur. */
  readonly recall: number | null;
  /** null where it neither occurs nor is predicted. */
  readonly f1: number | null;
}

/** What a confusion matrix says of one class. */
export function classFigures(matrix: readonly (readonly number[])[], index: number): ClassFigures {
  const hits = matrix[index][index];
  const rowCount = matrix[index].reduce((sum, count) => sum + count, 0);
  const predicted = matrix.reduce((sum, row) => sum + row[index], 0);
  return {
    rowCount,
    precision: predicted === 0 ? null : hits / predicted,
    recall: rowCount === 0 ? null : hits / rowCount,
    f1: rowCount + predicted === 0 ? null : (2 * hits) / (rowCount + predicted),
  };
}

/** One class as a question of its own: its probabilities, and 1 for the rows whose true class it is. */
export function oneVersusRest(
  { probabilities, labels, classCount }: MulticlassPredictions,
  index: number,
): { readonly probabilities: Float64Array; readonly labels: Uint8Array } {
  return {
    probabilities: Float64Array.from({ length: labels.length }, (_, row) => probabilities[row * classCount + index]),
    labels: Uint8Array.from({ length: labels.length }, (_, row) => Number(labels[row] === index)),
  };
}

/** Clipped as for two classes: one certain error costs 36. */
function multiclassLogLoss({ probabilities, labels, classCount }: MulticlassPredictions): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row * classCount + labels[row]];
    sum -= Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probability)));
  }
  return sum / labels.length;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function requireMulticlass({ probabilities, labels, classCount }: MulticlassPredictions): void {
  if (labels.length === 0) throw new InvalidInput('labels', 'there are none. Give at least one prediction.');
  if (!Number.isSafeInteger(classCount) || classCount < 2)
    throw new InvalidInput('classCount', `${classCount} are too few. Give at least two classes.`);
  if (probabilities.length !== labels.length * classCount)
    throw new InvalidInput(
      'probabilities',
      `there are ${probabilities.length} for ${labels.length} rows of ${classCount} classes. Give one per row and class.`,
    );
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (!Number.isSafeInteger(label) || label < 0 || label >= classCount)
      throw new InvalidInput(
        ['labels', String(row)],
        `${label} is not the index of a class. Give 0 to ${classCount - 1}.`,
      );
    let sum = 0;
    for (let index = 0; index < classCount; index++) {
      const probability = probabilities[row * classCount + index];
      if (!(probability >= 0 && probability <= 1))
        throw new InvalidInput(
          ['probabilities', String(row * classCount + index)],
          `${probability} is not a probability from 0 to 1.`,
        );
      sum += probability;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE)
      throw new InvalidInput(['probabilities', String(row)], `those of the row sum to ${sum}. They must sum to 1.`);
  }
}
