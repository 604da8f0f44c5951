import { Prediction } from '../../src/entities';
import { newPredictionId } from '../../src/services/predictions';
import { aCandidate, engineer, type RegistryFixture } from './registry-fixture';

export interface VersionIds {
  readonly modelId: string;
  readonly modelVersionId: string;
}

/** A new version of a model, which is made where there is none: what rows of the log belong to. */
export async function aLoggedVersion({ models, versions }: RegistryFixture, model: string): Promise<VersionIds> {
  const found =
    (await models.find(model)) ?? (await models.create({ name: model, taskType: 'BINARY_CLASSIFICATION' }, engineer));
  const { modelVersion } = await versions.submit(found.id, aCandidate(), {}, engineer);
  if (!modelVersion) throw new Error('The gate rejected the fixture');
  return { modelId: found.id, modelVersionId: modelVersion.id };
}

/** A row of the log, as serving makes it. */
export function aPrediction(ids: VersionIds, changes: Partial<Prediction> = {}): Prediction {
  const predictedAt = changes.predictedAt ?? new Date('2026-03-01T12:00:00.123Z');
  return Object.assign(new Prediction(), {
    id: newPredictionId(predictedAt),
    ...ids,
    variant: 'PRIMARY',
    entity: { subscriber_id: 's1' },
    features: { minutes: 12.5, plan: 'flat', calls: '9007199254740993', since: null },
    featureStatuses: { since: 'NULL' },
    featuresHash: 'f'.repeat(64),
    featureServiceVersionId: null,
    probability: 0.25,
    label: false,
    latencyMs: 1.5,
    actor: 'ada',
    requestId: 'r1',
    predictedAt,
    ...changes,
  } as const);
}
