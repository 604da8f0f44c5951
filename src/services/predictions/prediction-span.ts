import type { EntityManager } from 'typeorm';

/** Where the newest predictions of a version begin and end. */
export interface PredictionSpan {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** The last prediction before them, where it was made in the same millisecond as their first one; else null. */
  readonly afterId: string | null;
}

const PRIMARY = `FROM predictions WHERE model_version_id = $1 AND variant = 'PRIMARY'`;

/** The newest `count` PRIMARY predictions of a version, or all where there are fewer; null where there are none. */
export async function newestSpan(
  manager: EntityManager,
  modelVersionId: string,
  count: number,
): Promise<PredictionSpan | null> {
  const [{ first, last }] = await manager.query<[{ first: Date | null; last: Date | null }]>(
    `SELECT min(predicted_at) AS first, max(predicted_at) AS last ${PRIMARY}`,
    [modelVersionId],
  );
  if (first === null || last === null) return null;
  const to = new Date(last.getTime() + 1);
  const found = await manager.query<{ id: string; predicted_at: Date }[]>(
    `SELECT id, predicted_at ${PRIMARY} AND predicted_at < $2 ORDER BY predicted_at DESC, id DESC OFFSET $3 LIMIT 2`,
    [modelVersionId, to, count - 1],
  );
  if (found.length === 0) return { from: first, to, afterId: null };
  const [oldest, before] = found as [(typeof found)[0], (typeof found)[0] | undefined];
  const sameMoment = before?.predicted_at.getTime() === oldest.predicted_at.getTime();
  return { from: oldest.predicted_at, to, afterId: sameMoment ? before.id : null };
}

/** When the first PRIMARY prediction of a version in [from, to) was made; null where there is none. */
export async function firstPredictedAt(
  manager: EntityManager,
  modelVersionId: string,
  from: Date,
  to: Date,
): Promise<Date | null> {
  const [row] = await manager.query<{ predicted_at: Date }[]>(
    `SELECT predicted_at ${PRIMARY} AND predicted_at >= $2 AND predicted_at < $3 ORDER BY predicted_at, id LIMIT 1`,
    [modelVersionId, from, to],
  );
  return row?.predicted_at ?? null;
}
