import type { EntityManager } from 'typeorm';

/** PRIMARY predictions of a version whose outcomes came within some time. */
export interface OutcomeSpan {
  readonly modelVersionId: string;
  readonly firstPredictedAt: Date;
  readonly lastPredictedAt: Date;
  readonly lastRecordedAt: Date;
}

/** What predictions the outcomes are of that were recorded, or corrected, in (after, until], by version. */
export function outcomesRecorded(manager: EntityManager, after: Date, until: Date): Promise<OutcomeSpan[]> {
  return manager.query<OutcomeSpan[]>(
    `SELECT model_version_id AS "modelVersionId", min(prediction.predicted_at) AS "firstPredictedAt",
       max(prediction.predicted_at) AS "lastPredictedAt", max(recorded_at) AS "lastRecordedAt"
     FROM prediction_outcomes AS known
     JOIN predictions AS prediction ON prediction.id = prediction_id AND prediction.predicted_at = known.predicted_at
     WHERE recorded_at > $1 AND recorded_at <= $2 AND variant = 'PRIMARY' GROUP BY 1`,
    [after, until],
  );
}

export interface LabelCount {
  readonly labelled: number;
  /** Those that were recorded until a moment, and not again since. */
  readonly recordedBefore: number;
}

/** How many PRIMARY predictions of a window have an outcome. */
export async function countLabels(
  manager: EntityManager,
  modelVersionId: string,
  window: { readonly windowStart: Date; readonly windowEnd: Date; readonly windowAfterId: string | null },
  before: Date,
): Promise<LabelCount> {
  const [count] = await manager.query<[LabelCount]>(
    `SELECT count(*)::int AS labelled, (count(*) FILTER (WHERE recorded_at <= $5))::int AS "recordedBefore"
     FROM predictions AS prediction
     JOIN prediction_outcomes AS known ON prediction_id = prediction.id AND known.predicted_at = prediction.predicted_at
     WHERE model_version_id = $1 AND variant = 'PRIMARY' AND prediction.predicted_at >= $2 AND prediction.predicted_at < $3
       AND known.predicted_at >= $2 AND known.predicted_at < $3
       AND ($4::uuid IS NULL OR (prediction.predicted_at, prediction.id) > ($2, $4))`,
    [modelVersionId, window.windowStart, window.windowEnd, window.windowAfterId, before],
  );
  return count;
}
