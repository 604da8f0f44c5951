import type { Stage, TaskType } from '../../../entities';

/** Conditions on a text; all that are given must hold. In patterns `%` stands for any text, `_` for one character, `\` before either for itself. */
export interface TextMatch {
  readonly equals?: string | null;
  readonly notEquals?: string | null;
  /** A pattern, case-sensitive. */
  readonly like?: string | null;
  /** A pattern, whatever the case. */
  readonly ilike?: string | null;
  readonly in?: readonly string[] | null;
}

/** Conditions on a number; all that are given must hold. */
export interface NumberMatch {
  readonly equals?: number | null;
  readonly notEquals?: number | null;
  readonly lessThan?: number | null;
  readonly atMost?: number | null;
  readonly moreThan?: number | null;
  readonly atLeast?: number | null;
  readonly in?: readonly number[] | null;
}

/** A stretch of time. */
export interface TimeMatch {
  /** The first moment that belongs to it. */
  readonly from?: Date | null;
  /** The first moment that no longer does. */
  readonly before?: Date | null;
}

/** Conditions on the value of one tag. But for `exists: false`, none holds where the tag is absent: not even notEquals. */
export interface TagMatch extends TextMatch {
  readonly key: string;
  readonly exists?: boolean | null;
}

/** The same for one training parameter. */
export interface ParamMatch extends TextMatch {
  readonly name: string;
  readonly exists?: boolean | null;
}

/** The same for one metric. */
export interface MetricMatch extends NumberMatch {
  readonly name: string;
  /** Which rows it was measured on; the held-out ones where it is absent. */
  readonly split?: string | null;
  readonly exists?: boolean | null;
}

/** What models and versions have in common. All that is given must hold; `text` is words, each the beginning of one in a name or description. */
interface Filter<Self> {
  readonly and?: readonly Self[] | null;
  readonly or?: readonly Self[] | null;
  readonly not?: Self | null;
  readonly name?: TextMatch | null;
  readonly owner?: TextMatch | null;
  readonly createdBy?: TextMatch | null;
  readonly createdAt?: TimeMatch | null;
  readonly updatedAt?: TimeMatch | null;
  readonly tag?: TagMatch | null;
  readonly text?: string | null;
}

/** Which versions to list. `name` and `owner` are those of their model; ids are global ones. */
export interface ModelVersionFilter extends Filter<ModelVersionFilter> {
  readonly modelTag?: TagMatch | null;
  readonly version?: NumberMatch | null;
  readonly stage?: readonly Stage[] | null;
  readonly alias?: string | null;
  readonly metric?: MetricMatch | null;
  readonly param?: ParamMatch | null;
  readonly datasetId?: string | null;
  readonly datasetFingerprint?: string | null;
  readonly trainingRunId?: string | null;
  readonly featureServiceVersionId?: string | null;
}

/** Which models to list. */
export interface ModelFilter extends Filter<ModelFilter> {
  readonly taskType?: readonly TaskType[] | null;
  /** At least one version that the filter lets through. */
  readonly hasVersion?: ModelVersionFilter | null;
}

/** Levels of `and`, `or`, `not` and `hasVersion` within each other. */
export const DEEPEST_FILTER = 10;
/** Conditions of one filter. */
export const LARGEST_FILTER = 100;
/** Values of one list. */
export const LONGEST_LIST = 100;
