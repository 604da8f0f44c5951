import type { SelectQueryBuilder } from 'typeorm';
import type { FeatureValue, Prediction, Variant } from '../../entities';
import { InvalidInput } from '../../errors';

/** Which predictions of a model are meant; what is absent or null leaves all. */
export interface PredictionFilter {
  readonly modelId: string;
  readonly modelVersionId?: string | null;
  readonly variant?: Variant | null;
  /** All join keys of the entity. */
  readonly entity?: Readonly<Record<string, FeatureValue>> | null;
  /** Made in [from, to). */
  readonly from?: Date | null;
  readonly to?: Date | null;
  /** Whether the outcome is known. */
  readonly hasOutcome?: boolean | null;
}

/** The condition that a prediction is about an entity, in the terms of the index predictions_by_entity; both are columns or parameters of jsonb. */
export const isAboutEntity = (prediction: string, entity: string): string => `${prediction} IS NOT NULL
  AND md5(entity_as_texts(${prediction})::text)::uuid = md5(entity_as_texts(${entity})::text)::uuid
  AND entity_as_texts(${prediction}) = entity_as_texts(${entity})`;

/** @throws InvalidInput for a time that ends before it begins, or an entity without keys */
export function filtered(
  query: SelectQueryBuilder<Prediction>,
  filter: PredictionFilter,
): SelectQueryBuilder<Prediction> {
  const { modelId, modelVersionId, variant, entity, from, to, hasOutcome } = filter;
  if (modelVersionId != null) query.andWhere('prediction.modelVersionId = :modelVersionId', { modelVersionId });
  // A version says its model; said twice, the planner may take the index of the model and search it for the few of a version.
  if (modelVersionId == null || entity != null) query.andWhere('prediction.modelId = :modelId', { modelId });
  if (variant != null) query.andWhere('prediction.variant = :variant', { variant });
  if (entity != null) {
    if (Object.keys(entity).length === 0) throw new InvalidInput('entity', 'is empty; give all join keys');
    query.andWhere(isAboutEntity('prediction.entity', 'CAST(:entity AS jsonb)'), { entity: JSON.stringify(entity) });
  }
  if (from != null && to != null && from >= to) throw new InvalidInput('to', 'must be later than from');
  const times: string[] = [];
  if (from != null) times.push('>= :from');
  if (to != null) times.push('< :to');
  for (const time of times) query.andWhere(`prediction.predictedAt ${time}`, { from, to });
  if (hasOutcome != null) {
    // The bounds again, since those of one table do not tell which partitions of the other hold the outcomes.
    const bounds = times.map((time) => ` AND known.predicted_at ${time}`).join('');
    query.andWhere(`${hasOutcome ? '' : 'NOT '}EXISTS (SELECT 1 FROM prediction_outcomes AS known
      WHERE known.prediction_id = prediction.id AND known.predicted_at = prediction.predictedAt${bounds})`);
  }
  return query;
}
