import type { ColumnTable } from '../../columns';
import type { Algorithm } from '../../entities';
import { type DatasetFile, type DatasetTable, modelInputText, readDatasetTable } from '../features';
import { OnnxModel } from '../onnx';
import { parsePipeline, Preprocessor, serializePipeline } from '../preprocessing';
import { serializeEvaluationReport } from '../registry';
import {
  bestF1Threshold,
  binaryEvaluation,
  definedMetrics,
  evaluateBinary,
  type Metrics,
  segmentMetrics,
} from '../statistics';
import { fitModel } from './fit-model';
import type { TrainingHooks } from './gradient-boosting';
import { buildReferenceProfile, serializeReferenceProfile } from './reference-profile';

/** Work for a training thread; everything in it can be sent between threads. */
export interface FitTask {
  readonly kind: 'FIT';
  readonly dataset: DatasetFile;
  readonly algorithm: Algorithm;
  readonly parameters: Readonly<Record<string, number>>;
  readonly seed: number;
}

export interface FitOutcome {
  readonly onnx: Uint8Array;
  readonly preprocessing: Uint8Array;
  readonly referenceProfile: Uint8Array;
  /** Figures and curves on the held-out rows, also by segment, as JSON. */
  readonly evaluationReport: Uint8Array;
  readonly parameters: Readonly<Record<string, number>>;
  readonly treesUsed: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** Logistic regression learned from the same rows, on the same held-out rows. */
  readonly baselineMetrics: Readonly<Record<string, number>>;
  readonly featureImportance: readonly { readonly feature: string; readonly share: number }[];
  readonly decisionThreshold: number;
  readonly parityMaxError: number;
  readonly trainingRowCount: number;
  readonly heldOutRowCount: number;
}

/** A model as it is judged. */
export interface ScoredModel {
  readonly onnx: Uint8Array;
  readonly preprocessing: Uint8Array;
  readonly decisionThreshold: number;
}

/** Judges two models on the same rows: the dataset's held-out ones, without those that production was trained on. */
export interface CompareTask {
  readonly kind: 'COMPARE';
  readonly dataset: DatasetFile;
  /** The dataset that production was trained on. */
  readonly productionDataset: DatasetFile;
  readonly production: ScoredModel;
  readonly candidate: ScoredModel;
}

export interface CompareOutcome {
  readonly rowCount: number;
  readonly production: Readonly<Record<string, number>>;
  readonly candidate: Readonly<Record<string, number>>;
}

/** Describes what drift reports will compare with, for a model that was made elsewhere: the dataset's held-out rows, and its answers to them. */
export interface ProfileTask {
  readonly kind: 'PROFILE';
  readonly dataset: DatasetFile;
  readonly model: Pick<ScoredModel, 'onnx' | 'preprocessing'>;
  /** Those of the dataset that the model takes. */
  readonly features: readonly string[];
}

export interface ProfileOutcome {
  readonly referenceProfile: Uint8Array;
}

/** Rows scored to choose the decision threshold; more do not move it. */
const THRESHOLD_ROWS = 20_000;

/** Learns, exports, judges, and describes the reference. @throws InvalidInput when the dataset cannot be learned from */
export async function fit(task: FitTask, hooks: TrainingHooks): Promise<FitOutcome> {
  const { table, labels, heldOut, rowIds } = await readDatasetTable(task.dataset);
  const model = await fitModel({ ...task, table, labels, heldOut }, hooks);
  const { onnx, heldOutRows, heldOutProbabilities } = model;
  const preprocessing = serializePipeline(model.pipeline);

  // Thresholds are chosen on training rows: held-out rows judge the models and must take no part in shaping them.
  const trainingRows = rowsWhere(heldOut, 0);
  const sample = evenSample(trainingRows, THRESHOLD_ROWS);
  const decisionThreshold = threshold(await score({ onnx, preprocessing }, table, sample), pick(labels, sample));
  const baselineThreshold = threshold(model.baseline.trainingProbabilities, pick(labels, trainingRows));

  const heldOutLabels = pick(labels, heldOutRows);
  const ids = Array.from(heldOutRows, (row) => rowIds[row]);
  const heldOutTable = rowsOf(table, heldOutRows);
  const profile = buildReferenceProfile(heldOutTable, heldOutProbabilities, heldOutLabels, ids);
  const evaluation = binaryEvaluation(heldOutProbabilities, heldOutLabels, decisionThreshold);
  const segmentation = segmentMetrics(
    heldOutTable.columns,
    (rows) => metricsOf(pick(heldOutProbabilities, rows), pick(heldOutLabels, rows), decisionThreshold),
    segmentText(task.dataset),
  );
  return {
    onnx,
    preprocessing,
    referenceProfile: serializeReferenceProfile(profile),
    evaluationReport: serializeEvaluationReport({ ...evaluation, ...segmentation }),
    parameters: model.parameters,
    treesUsed: model.treesUsed,
    metrics: evaluation.metrics,
    baselineMetrics: metricsOf(model.baseline.heldOutProbabilities, heldOutLabels, baselineThreshold),
    featureImportance: model.featureImportance,
    decisionThreshold,
    parityMaxError: model.parityMaxError,
    trainingRowCount: table.rowCount - heldOutRows.length,
    heldOutRowCount: heldOutRows.length,
  };
}

/** The metrics of both are empty when there is no row that neither model was trained on, or production takes features that the dataset lacks. */
export async function compare(task: CompareTask): Promise<CompareOutcome> {
  const dataset = await readDatasetTable(task.dataset, 'HELD_OUT');
  const learned = new Set((await readDatasetTable(task.productionDataset, 'TRAINING')).rowIds);
  const rows = Uint32Array.from(dataset.rowIds.keys()).filter((row) => !learned.has(dataset.rowIds[row]));
  if (rows.length === 0 || !takes(task.production, dataset)) return { rowCount: 0, production: {}, candidate: {} };

  const labels = pick(dataset.labels, rows);
  const judge = async (model: ScoredModel) =>
    metricsOf(await score(model, dataset.table, rows), labels, model.decisionThreshold);
  return { rowCount: rows.length, production: await judge(task.production), candidate: await judge(task.candidate) };
}

/** @throws InvalidInput when the model answers a held-out row with what is no probability */
export async function profile({ dataset, model, features }: ProfileTask): Promise<ProfileOutcome> {
  const { table, labels, rowIds } = await readDatasetTable(dataset, 'HELD_OUT');
  const probabilities = await score(model, table, Uint32Array.from(rowIds.keys()));
  const columns = table.columns.filter(({ name }) => features.includes(name));
  const referenceProfile = buildReferenceProfile({ ...table, columns }, probabilities, labels, rowIds);
  return { referenceProfile: serializeReferenceProfile(referenceProfile) };
}

function takes(model: ScoredModel, { table }: DatasetTable): boolean {
  const kinds = new Map(table.columns.map(({ name, kind }) => [name, kind]));
  return parsePipeline(model.preprocessing).features.every(({ feature, kind }) => kinds.get(feature) === kind);
}

async function score(
  model: Pick<ScoredModel, 'onnx' | 'preprocessing'>,
  table: ColumnTable,
  rows: Uint32Array,
): Promise<Float64Array> {
  const matrix = new Preprocessor(parsePipeline(model.preprocessing)).transformRows(table, rows);
  const session = await OnnxModel.load(model.onnx);
  try {
    return Float64Array.from(await session.predictProbabilities(matrix, rows.length));
  } finally {
    await session.release();
  }
}

/** Where F1 is best; one half when it is nowhere above 0. */
const threshold = (probabilities: Float64Array, labels: Float64Array): number =>
  bestF1Threshold(probabilities, labels)?.threshold ?? 0.5;

const metricsOf = (probabilities: Float64Array, labels: Float64Array, threshold: number): Metrics =>
  definedMetrics({ ...evaluateBinary(probabilities, labels, threshold) });

function segmentText({ features }: DatasetFile): (feature: string, value: number) => string {
  const dtypes = new Map(features.map(({ name, dtype }) => [name, dtype]));
  return (feature, value) => modelInputText(dtypes.get(feature) ?? 'DOUBLE', value);
}

const rowsWhere = (heldOut: Uint8Array, mark: number): Uint32Array =>
  Uint32Array.from(heldOut.keys()).filter((row) => heldOut[row] === mark);

const pick = (values: Float64Array, rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => values[row]);

function evenSample(rows: Uint32Array, most: number): Uint32Array {
  const step = Math.max(1, Math.ceil(rows.length / most));
  return rows.filter((_, index) => index % step === 0);
}

function rowsOf(table: ColumnTable, rows: Uint32Array): ColumnTable {
  const columns = table.columns.map((column) =>
    column.kind === 'NUMERIC'
      ? { ...column, values: pick(column.values, rows) }
      : { ...column, values: Array.from(rows, (row) => column.values[row]) },
  );
  return { rowCount: rows.length, columns };
}
