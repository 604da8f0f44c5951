/**
 * The declared form of preprocessing: an artifact of its own beside the model, fitted on the training rows only. It is plain JSON, so that any
 * client can read what is done to a value and do the same.
 */
export interface PreprocessingPipeline {
  readonly formatVersion: typeof PIPELINE_FORMAT_VERSION;
  /** In the order of the model's input columns. */
  readonly features: readonly FeaturePreprocessing[];
}

export const PIPELINE_FORMAT_VERSION = 1;

export type FeaturePreprocessing = NumericPreprocessing | CategoricalPreprocessing;

/** One output column. Missing is null, NaN or ±Infinity; it stays NaN where no step imputes. */
export interface NumericPreprocessing {
  readonly feature: string;
  readonly kind: 'NUMERIC';
  /** Applied in this order, each kind at most once, imputation first. */
  readonly steps: readonly (ImputeMedianStep | StandardiseStep)[];
}

export interface ImputeMedianStep {
  readonly step: 'IMPUTE_MEDIAN';
  /** Median of the training rows, 0 where all of them were missing. */
  readonly median: number;
}

/** (value − mean) / standardDeviation, the population's (divisor n); 1 for a constant column. */
export interface StandardiseStep {
  readonly step: 'STANDARDISE';
  readonly mean: number;
  readonly standardDeviation: number;
}

/**
 * One 0/1 column per level, and one more where `hasOther`. Null is all zeros. A level that is not listed is all zeros too, unless the training rows
 * had more levels than were kept: then it is "other", like the rare levels of training.
 */
export interface CategoricalPreprocessing {
  readonly feature: string;
  readonly kind: 'CATEGORICAL';
  readonly steps: readonly [OneHotStep];
}

export interface OneHotStep {
  readonly step: 'ONE_HOT';
  readonly levels: readonly string[];
  readonly hasOther: boolean;
}

/** Number of output columns of one feature. */
export function widthOf(feature: FeaturePreprocessing): number {
  if (feature.kind === 'NUMERIC') return 1;
  const [oneHot] = feature.steps;
  return oneHot.levels.length + (oneHot.hasOther ? 1 : 0);
}

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Cut to what float32 can hold: beyond it a value would become Infinity, and so would a threshold next to it. NaN stays NaN. */
export function withinFloat32(value: number): number {
  return Math.min(Math.max(value, -LARGEST_FLOAT32), LARGEST_FLOAT32);
}

/** A number as the steps see it: null (NaN) and ±Infinity are missing, everything else fits float32. */
export function presentOrNaN(value: number): number {
  return Number.isFinite(value) ? withinFloat32(value) : Number.NaN;
}
