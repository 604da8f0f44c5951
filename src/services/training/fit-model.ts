import type { ColumnTable } from '../../columns';
import type { Algorithm } from '../../entities';
import { InvalidInput } from '../../errors';
import { OnnxModel } from '../onnx';
import type { PreprocessingPipeline, Preprocessor } from '../preprocessing';
import type { TrainingHooks } from './gradient-boosting';
import { type LearnedModel, LEARNERS } from './learners';

export interface FitModelInput {
  /** The input features alone: no label, no id, no timestamps. */
  readonly table: ColumnTable;
  /** 0 or 1 for each row. */
  readonly labels: Float64Array;
  /** 1 for the rows that are held out: nothing is learned from them, the model is judged on them. */
  readonly heldOut: Uint8Array;
  readonly algorithm: Algorithm;
  /** Overrides of the defaults of training-parameters.ts. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The same input and seed give the same model, byte for byte. */
  readonly seed: number;
}

/** Everything in it can be sent between threads. */
export interface FittedModel {
  readonly onnx: Uint8Array;
  readonly pipeline: PreprocessingPipeline;
  /** Defaults filled in. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Trees kept by early stopping, null for logistic regression. */
  readonly treesUsed: number | null;
  /**
   * Most important first, shares of 1 (all 0 for a model that uses no feature). Boosting: share of the gain of all splits. Logistic regression: share of
   * Σ |coefficient| × the column's standard deviation.
   */
  readonly featureImportance: readonly { readonly feature: string; readonly share: number }[];
  readonly heldOutRows: Uint32Array;
  /** P(y = 1) for each of heldOutRows, as the exported ONNX model gives it. */
  readonly heldOutProbabilities: Float64Array;
  /** Greatest difference between the ONNX model and the trainer over the rows compared. */
  readonly parityMaxError: number;
  /** Logistic regression with default parameters, learned from the same rows: what the model has to beat. */
  readonly baseline: {
    /** In the order of the table, held-out rows left out. */
    readonly trainingProbabilities: Float64Array;
    readonly heldOutProbabilities: Float64Array;
  };
}

/** Probabilities of ONNX and trainer may differ by so much: float32 against float64 arithmetic. */
const PARITY_TOLERANCE = 1e-6;
const PARITY_TRAINING_ROWS = 2000;

/**
 * Learns a binary classifier: fits preprocessing and model on the training rows, exports it to ONNX, and compares the export with the trainer on all
 * held-out rows and a sample of the training rows. It computes without pause; run it in a worker thread.
 * @throws InvalidInput when the rows cannot be learned from, or a parameter is wrong; Cancelled when the signal says so;
 *   Error when the export does not agree with the trainer
 */
export async function fitModel(input: FitModelInput, hooks: TrainingHooks = {}): Promise<FittedModel> {
  const { table, labels, algorithm, parameters, seed } = input;
  const { trainingRows, heldOutRows } = checkedRows(input);
  const trainingLabels = Float64Array.from(trainingRows, (row) => labels[row]);
  const task = { table, trainingRows, labels: trainingLabels, seed };
  const learned = LEARNERS[algorithm]({ ...task, parameters }, hooks);
  const onnx = learned.encode();
  const { heldOutProbabilities, parityMaxError } = await verifyExport(onnx, learned, table, trainingRows, heldOutRows);

  return {
    onnx,
    pipeline: learned.preprocessor.pipeline,
    parameters: learned.parameters,
    treesUsed: learned.treesUsed,
    featureImportance: importanceByFeature(learned.preprocessor, learned.columnWeights),
    heldOutRows,
    heldOutProbabilities,
    parityMaxError,
    baseline: learnBaseline(),
  };

  function learnBaseline(): FittedModel['baseline'] {
    const { predict, preprocessor } = LEARNERS.LOGISTIC_REGRESSION(
      { ...task, parameters: {} },
      { signal: hooks.signal },
    );
    const probabilities = (rows: Uint32Array) => predict(preprocessor.transformRows(table, rows));
    return { trainingProbabilities: probabilities(trainingRows), heldOutProbabilities: probabilities(heldOutRows) };
  }
}

function checkedRows({ table, labels, heldOut }: FitModelInput): {
  trainingRows: Uint32Array;
  heldOutRows: Uint32Array;
} {
  if (labels.length !== table.rowCount || heldOut.length !== table.rowCount) {
    const found = `${labels.length} labels and ${heldOut.length} split marks for ${table.rowCount} rows`;
    throw new InvalidInput('labels', `there are ${found}. Give one of each per row.`);
  }
  const strange = labels.find((label) => label !== 0 && label !== 1);
  if (strange !== undefined) {
    throw new InvalidInput('labels', `${strange} is not a label. Give 1 for the positive class, 0 for the other.`);
  }
  const rows = Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  const trainingRows = rows.filter((row) => heldOut[row] === 0);
  const heldOutRows = rows.filter((row) => heldOut[row] !== 0);
  if (trainingRows.length === 0 || heldOutRows.length === 0) {
    const found = `${trainingRows.length} rows to train on and ${heldOutRows.length} to judge by`;
    throw new InvalidInput('split', `it leaves ${found}. Choose a split with rows on both sides, or add data.`);
  }
  const positives = trainingRows.reduce((sum, row) => sum + labels[row], 0);
  if (positives === 0 || positives === trainingRows.length) {
    const found = `all ${trainingRows.length} training rows have the label ${positives === 0 ? 0 : 1}`;
    throw new InvalidInput('labels', `${found}. Add rows of the other class, or choose another split or label.`);
  }
  return { trainingRows, heldOutRows };
}

async function verifyExport(
  onnx: Uint8Array,
  { preprocessor, predict }: LearnedModel,
  table: ColumnTable,
  trainingRows: Uint32Array,
  heldOutRows: Uint32Array,
): Promise<{ heldOutProbabilities: Float64Array; parityMaxError: number }> {
  const step = Math.ceil(trainingRows.length / PARITY_TRAINING_ROWS);
  const sample = trainingRows.filter((_, index) => index % step === 0);
  const rows = new Uint32Array([...heldOutRows, ...sample]);
  const matrix = preprocessor.transformRows(table, rows);
  const expected = predict(matrix);
  const model = await OnnxModel.load(onnx);
  try {
    const actual = await model.predictProbabilities(matrix, rows.length);
    const parityMaxError = expected.reduce((max, value, row) => Math.max(max, Math.abs(value - actual[row])), 0);
    // Written so that NaN is refused as well.
    if (!(parityMaxError <= PARITY_TOLERANCE)) {
      throw new Error(`The exported ONNX model differs from the trainer by ${parityMaxError}; it is not used.`);
    }
    return { heldOutProbabilities: Float64Array.from(actual.subarray(0, heldOutRows.length)), parityMaxError };
  } finally {
    await model.release();
  }
}

function importanceByFeature(
  { pipeline, columnFeatures }: Preprocessor,
  columnWeights: Float64Array,
): { feature: string; share: number }[] {
  const weights = new Map(pipeline.features.map(({ feature }) => [feature, 0]));
  columnFeatures.forEach((feature, column) => {
    weights.set(feature, (weights.get(feature) ?? 0) + columnWeights[column]);
  });
  const total = columnWeights.reduce((sum, weight) => sum + weight, 0);
  return [...weights]
    .map(([feature, weight]) => ({ feature, share: total > 0 ? weight / total : 0 }))
    .sort((a, b) => b.share - a.share);
}
