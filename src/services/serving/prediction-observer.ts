import type { Model, ModelVersion, Variant } from '../../entities';

/** The version that answers. */
export interface ServedBy {
  readonly model: string;
  readonly version: number;
  readonly variant: Variant | null;
  readonly modelVersionId: string;
}

/** Rows that were asked for and got no prediction, and why. */
export interface FailedRows {
  /** As the client spelt it. */
  readonly model: string;
  /** There is a model of that name; false also when the request failed before that was looked up. */
  readonly isKnown: boolean;
  readonly code: string;
  /** The version that was to answer, or that such requests had last; null where there was none. */
  readonly modelVersionId: string | null;
}

/** Told of what is served; the server keeps metrics by it. */
export interface PredictionObserver {
  /** Of every request that was answered, also of one all of whose rows failed. */
  predicted(by: ServedBy, seconds: number, rowCount: number): void;
  failed(failed: FailedRows, rowCount: number): void;
}

/** Drift is judged over PRIMARY predictions: trying a version out must not look like a change of its customers. */
export const variantOf = ({ stage }: ModelVersion): Variant | null => (stage === 'PRODUCTION' ? 'PRIMARY' : null);

export const servedBy = ({ name }: Model, version: ModelVersion): ServedBy => ({
  model: name,
  version: version.version,
  variant: variantOf(version),
  modelVersionId: version.id,
});
