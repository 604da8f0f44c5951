import { DomainError } from '../../errors';

/** What was asked about lies before the time since which predictions are kept, and is not in the log. */
export class PredictionExpired extends DomainError {
  readonly code = 'PREDICTION_EXPIRED';
  constructor(field: readonly string[], retentionDays: number, kept: Date) {
    const since = kept.toISOString();
    super(
      `Predictions are kept for ${retentionDays} days: what was made before ${since} is dropped, and its outcomes with it. Nothing was recorded. Leave it out, or have MOORING_PREDICTION_RETENTION_DAYS raised for the ones to come.`,
      { retentionDays, keptSince: since },
      field,
    );
  }
}
