import type { CategoricalColumn, Column, ColumnTable, NumericColumn } from '../../columns';
import { InvalidInput } from '../../errors';
import {
  type CategoricalPreprocessing,
  type FeaturePreprocessing,
  type ImputeMedianStep,
  type NumericPreprocessing,
  PIPELINE_FORMAT_VERSION,
  type PreprocessingPipeline,
  presentOrNaN,
  type StandardiseStep,
  widthOf,
} from './pipeline';

export interface FitPipelineOptions {
  /** Fill missing numbers with the median. Trees handle missing values themselves; linear models need this. */
  readonly impute: boolean;
  /** Standardise numbers to mean 0 and deviation 1. Trees do not care; regularised linear models do. */
  readonly scale: boolean;
  /** How many levels of a categorical feature get a column of their own; the rest share "other". 32 when left out. */
  readonly maxLevels?: number;
}

const DEFAULT_MAX_LEVELS = 32;

/**
 * Fits preprocessing for every column of the table on the training rows; no other row can influence the result.
 * @param table the input features alone, without label, id or timestamps
 * @param trainingRows indices of the rows to learn from
 * @throws InvalidInput when there are no columns, no training rows, or no value in any of them
 */
export function fitPipeline(
  table: ColumnTable,
  trainingRows: Uint32Array,
  options: FitPipelineOptions,
): PreprocessingPipeline {
  if (table.columns.length === 0) {
    throw new InvalidInput('features', 'there is no input feature. Name at least one feature besides the label.');
  }
  if (trainingRows.length === 0) {
    throw new InvalidInput('split', 'there are no training rows. Choose a split that leaves rows to train on.');
  }
  const features = table.columns.map((column) => fitFeature(column, trainingRows, options));
  if (features.every((feature) => widthOf(feature) === 0)) {
    throw new InvalidInput('features', 'no feature has a value in any training row. Choose features that are filled.');
  }
  return { formatVersion: PIPELINE_FORMAT_VERSION, features };
}

function fitFeature(column: Column, trainingRows: Uint32Array, options: FitPipelineOptions): FeaturePreprocessing {
  return column.kind === 'NUMERIC'
    ? fitNumeric(column, trainingRows, options)
    : fitCategorical(column, trainingRows, options.maxLevels ?? DEFAULT_MAX_LEVELS);
}

function fitNumeric(
  column: NumericColumn,
  trainingRows: Uint32Array,
  options: FitPipelineOptions,
): NumericPreprocessing {
  const present = Float64Array.from(trainingRows, (row) => presentOrNaN(column.values[row])).filter(
    (value) => !Number.isNaN(value),
  );
  const steps: (ImputeMedianStep | StandardiseStep)[] = [];
  let imputed = present;
  if (options.impute) {
    const median = medianOf(present);
    steps.push({ step: 'IMPUTE_MEDIAN', median });
    // The deviation is that of the column as it leaves the step before, the filled-in values among it.
    imputed = new Float64Array(trainingRows.length).fill(median);
    imputed.set(present);
  }
  if (options.scale) steps.push({ step: 'STANDARDISE', ...momentsOf(imputed) });
  return { feature: column.name, kind: 'NUMERIC', steps };
}

function fitCategorical(
  column: CategoricalColumn,
  trainingRows: Uint32Array,
  maxLevels: number,
): CategoricalPreprocessing {
  const counts = new Map<string, number>();
  for (const row of trainingRows) {
    const level = column.values[row];
    if (level !== null) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  const mostFrequent = [...counts]
    .sort(([levelA, countA], [levelB, countB]) => countB - countA || byCodeUnit(levelA, levelB))
    .slice(0, maxLevels)
    .map(([level]) => level);
  const step = {
    step: 'ONE_HOT',
    levels: mostFrequent.sort(byCodeUnit),
    hasOther: counts.size > mostFrequent.length,
  } as const;
  return { feature: column.name, kind: 'CATEGORICAL', steps: [step] };
}

/** Not localeCompare: the order of levels is the order of model inputs and must not depend on the machine's locale. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** 0 when there are no values. */
function medianOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Welford's running moments: exact for a constant column, where a sum of squares would leave a deviation of rounding errors to divide by. */
function momentsOf(values: Float64Array): { mean: number; standardDeviation: number } {
  let mean = 0;
  let sumOfSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const delta = values[i] - mean;
    mean += delta / (i + 1);
    sumOfSquares += delta * (values[i] - mean);
  }
  return { mean, standardDeviation: Math.sqrt(sumOfSquares / values.length) || 1 };
}
