import type { Prediction } from '../../entities';

/** What a write to the log adds to the profile of a version's minute. */
export interface ProfileDelta {
  readonly modelVersionId: string;
  /** Its start. */
  readonly minute: Date;
  /** Predictions that it is about. */
  readonly rowCount: number;
  /** Opaque here; empty where the rows could not be counted. */
  readonly counts: Buffer;
}

/** Counts predictions for the log, which commits rows and counts together: monitoring's part in it, which lives on a higher floor. */
export interface PredictionProfiler {
  /** Never rejects: a prediction is answered also when it cannot be counted. */
  deltasOf(rows: readonly Prediction[]): Promise<readonly ProfileDelta[]>;
}
