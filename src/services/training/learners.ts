import type { Algorithm } from '../../entities';
import type { ColumnTable } from '../../columns';
import { encodeLinearClassifier, encodeTreeEnsembleClassifier } from '../onnx';
import { fitPipeline, Preprocessor } from '../preprocessing';
import { type TrainingHooks, trainGradientBoosting } from './gradient-boosting';
import { predictLinear, trainLogisticRegression } from './logistic-regression';
import { predictEnsemble } from './predict-ensemble';
import { checkedParameters } from './training-parameters';

export interface LearningTask {
  readonly table: ColumnTable;
  readonly trainingRows: Uint32Array;
  /** 0 or 1 for each training row. */
  readonly labels: Float64Array;
  /** What the user chose; the rest are defaults. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

export interface LearnedModel {
  readonly preprocessor: Preprocessor;
  /** Defaults filled in. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Trees kept by early stopping, null where there are none. */
  readonly treesUsed: number | null;
  /** How much each input column matters, ≥ 0, in no unit. */
  readonly columnWeights: Float64Array;
  /** P(y = 1) for rows of preprocessed features, by the trainer's own arithmetic. */
  readonly predict: (matrix: Float32Array) => Float64Array;
  readonly encode: () => Uint8Array;
}

type Learner = (task: LearningTask, hooks: TrainingHooks) => LearnedModel;

export const LEARNERS: Readonly<Record<Algorithm, Learner>> = {
  GRADIENT_BOOSTING: learnTrees,
  LOGISTIC_REGRESSION: learnLinear,
};

function learnTrees(task: LearningTask, hooks: TrainingHooks): LearnedModel {
  const parameters = checkedParameters('GRADIENT_BOOSTING', task.parameters);
  const { preprocessor, matrix } = preprocessed(task, false);
  const { ensemble, columnGains } = trainGradientBoosting(
    matrix,
    preprocessor.width,
    task.labels,
    parameters,
    task.seed,
    hooks,
  );
  return {
    preprocessor,
    parameters: { ...parameters },
    treesUsed: ensemble.trees.length,
    columnWeights: columnGains,
    predict: (rows) => predictEnsemble(ensemble, rows),
    encode: () => encodeTreeEnsembleClassifier(ensemble),
  };
}

function learnLinear(task: LearningTask, { signal }: TrainingHooks): LearnedModel {
  const parameters = checkedParameters('LOGISTIC_REGRESSION', task.parameters);
  const { preprocessor, matrix } = preprocessed(task, true);
  const model = trainLogisticRegression(matrix, preprocessor.width, task.labels, parameters, signal);
  const deviations = columnDeviations(matrix, preprocessor.width);
  return {
    preprocessor,
    parameters: { ...parameters },
    treesUsed: null,
    // What a typical deviation of the column does to the logit: comparable between standardised numbers and 0/1 levels.
    columnWeights: deviations.map((deviation, column) => deviation * Math.abs(model.coefficients[column])),
    predict: (rows) => predictLinear(model, rows),
    encode: () => encodeLinearClassifier(model),
  };
}

function preprocessed(
  { table, trainingRows }: LearningTask,
  forLinear: boolean,
): { preprocessor: Preprocessor; matrix: Float32Array } {
  const preprocessor = new Preprocessor(fitPipeline(table, trainingRows, { impute: forLinear, scale: forLinear }));
  return { preprocessor, matrix: preprocessor.transformRows(table, trainingRows) };
}

function columnDeviations(matrix: Float32Array, width: number): Float64Array {
  const rows = matrix.length / width;
  return Float64Array.from({ length: width }, (_, column) => {
    let sum = 0;
    let squares = 0;
    for (let i = column; i < matrix.length; i += width) {
      sum += matrix[i];
      squares += matrix[i] * matrix[i];
    }
    return Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2));
  });
}
