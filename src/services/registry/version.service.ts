import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import {
  type HeldOutComparison,
  type Model,
  type ModelSignature,
  ModelSubmission,
  ModelVersion,
  ModelVersionMetric,
  ModelVersionParam,
} from '../../entities';
import { BaselineChanged } from '../../errors';
import { type ArtifactStore, recordArtifact, type StoredArtifact } from '../artifacts';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction } from '../database';
import { recordEvent } from '../events';
import { type Actor, authorize } from '../identity';
import { recordLineage } from '../lineage';
import type { SegmentMetrics } from '../statistics';
import type { ExperimentService } from './experiment.service';
import { evaluateGate } from './quality-gate.policy';
import { findVersion, lockModel, productionVersion, versionBySelector, type VersionSelector } from './selector';
import { checkedTags, type Tags, tagsOfNewVersion } from './tags.policy';
import { checkedRun, type RunReference } from './tracking-target.policy';

/** What is offered to the gate. */
export interface Candidate {
  /** ONNX, already loaded once by whoever offers it, or any other format with the reason why it cannot serve. */
  readonly modelBytes: ArtifactSource;
  readonly notServableReason: string | null;
  readonly preprocessing: ArtifactSource | null;
  readonly referenceProfile: ArtifactSource | null;
  readonly evaluationReport?: ArtifactSource | null;
  readonly signature: ModelSignature;
  readonly decisionThreshold: number;
  /** On held-out rows. */
  readonly metrics: Record<string, number>;
  /** All metrics, where there are more than those of held-out rows. */
  readonly metricRows?: readonly VersionMetric[];
  readonly params: Record<string, string>;
  readonly evaluationRows: number;
  /** The comparison with the production version; null when there was none. */
  readonly baseline: HeldOutComparison | null;
  /** The metrics by the values of features. */
  readonly segments: readonly SegmentMetrics[];
  readonly datasetId: string | null;
  readonly datasetFingerprint: string | null;
  readonly dataQualityPassed: boolean | null;
  readonly featureServiceVersionId: string | null;
  readonly trainingRunId: string | null;
  readonly environment?: Record<string, unknown>;
}

/** Bytes to be stored, or those that are stored already. */
export type ArtifactSource = Uint8Array | StoredArtifact;

export interface VersionMetric {
  readonly name: string;
  readonly split: string;
  readonly value: number;
  readonly step: number | null;
}

/** What makes the same submission, sent again, answer as before. */
export interface SubmissionRequest {
  readonly key: string | null;
  readonly input: unknown;
}

export interface VersionLabels {
  readonly description?: string | null;
  readonly tags?: Record<string, string> | null;
  readonly codeCommit?: string | null;
  /** The MLflow run that it came from; linked with the version, and not at all when the gate lets none pass. */
  readonly experiment?: RunReference | null;
}

type StoredFiles = Record<'preprocessing' | 'referenceProfile' | 'evaluationReport', StoredArtifact | null> & {
  readonly model: StoredArtifact;
};

export const HELD_OUT = 'held_out';

/** Submissions to the quality gate, and the versions that passed it. */
export class VersionService {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly artifacts: ArtifactStore;
      readonly experiments: Pick<ExperimentService, 'add'>;
    },
  ) {}

  /** @throws InvalidInput unless exactly one of version and stage is given */
  async find(selector: VersionSelector): Promise<ModelVersion | null> {
    return (await findVersion(this.deps.dataSource.manager, selector))?.modelVersion ?? null;
  }

  /** @throws NotFound, InvalidInput */
  select(selector: VersionSelector): Promise<{ model: Model; modelVersion: ModelVersion }> {
    return versionBySelector(this.deps.dataSource.manager, selector);
  }

  /** The newest submission of a training run; null when it was never submitted. */
  async submissionOfRun(
    trainingRunId: string,
  ): Promise<{ submission: ModelSubmission; modelVersion: ModelVersion | null } | null> {
    const { manager } = this.deps.dataSource;
    const [submission] = await manager.find(ModelSubmission, {
      where: { trainingRunId },
      order: { createdAt: 'DESC' },
      take: 1,
    });
    return submission
      ? {
          submission,
          modelVersion: await manager.findOneBy(ModelVersion, { submissionId: submission.id, deletedAt: IsNull() }),
        }
      : null;
  }

  production(modelId: string): Promise<ModelVersion | null> {
    return productionVersion(this.deps.dataSource.manager, modelId);
  }

  /**
   * Holds the candidate against data and model rules under the model's lock, so that numbers are gap-free and the baseline is the production
   * version of that very moment. Passed: the next version. Rejected: the submission stays and no number is used.
   * @throws BaselineChanged when production moved since the comparison
   */
  async submit(
    modelId: string,
    candidate: Candidate,
    labels: VersionLabels,
    actor: Actor,
    request: SubmissionRequest = { key: null, input: null },
  ): Promise<{ submission: ModelSubmission; modelVersion: ModelVersion | null }> {
    authorize(actor, 'version.register');
    const experiment = labels.experiment ? checkedRun(labels.experiment, 'input.experiment') : null;
    // Bytes first: a crash leaves at most unreferenced bytes, never a row without its bytes.
    const stored = {
      model: await this.stored(candidate.modelBytes, 'application/onnx'),
      preprocessing: candidate.preprocessing && (await this.stored(candidate.preprocessing)),
      referenceProfile: candidate.referenceProfile && (await this.stored(candidate.referenceProfile)),
      evaluationReport: candidate.evaluationReport ? await this.stored(candidate.evaluationReport) : null,
    };
    return inTransaction(this.deps.dataSource, async (manager) => {
      const key = { actor: actor.name, mutation: 'registerModelVersion', ...request };
      const submissionId = await idempotent(manager, key, () =>
        this.judge(manager, modelId, candidate, { ...labels, experiment }, stored, actor),
      );
      const submission = await manager.findOneByOrFail(ModelSubmission, { id: submissionId });
      return { submission, modelVersion: await manager.findOneBy(ModelVersion, { submissionId }) };
    });
  }

  private async stored(source: ArtifactSource, mediaType = 'application/json'): Promise<StoredArtifact> {
    return source instanceof Uint8Array ? this.deps.artifacts.put(source, mediaType) : source;
  }

  /** Under the model's lock. @returns the id of the submission */
  private async judge(
    manager: EntityManager,
    modelId: string,
    candidate: Candidate,
    labels: VersionLabels,
    stored: StoredFiles,
    actor: Actor,
  ): Promise<string> {
    const model = await lockModel(manager, modelId);
    const { trainingRunId } = candidate;
    const { experiment } = labels;
    // A run that was offered twice at once becomes one version.
    const twin =
      trainingRunId === null ? null : await manager.findOneBy(ModelVersion, { trainingRunId, deletedAt: IsNull() });
    if (twin) return twin.submissionId;
    const production = await productionVersion(manager, modelId);
    if ((production?.id ?? null) !== (candidate.baseline?.modelVersionId ?? null))
      throw new BaselineChanged(model.name);

    const required = model.qualityPolicy.requiredTags ?? [];
    const tags = tagsOfNewVersion(required, checkedTags(labels.tags ?? {}), production?.tags ?? {});
    const baseline = candidate.baseline && (await declaredUnlessScored(manager, candidate, candidate.baseline));
    const { checks, passed } = evaluateGate({ ...candidate, baseline, policy: model.qualityPolicy });
    const submission = await manager.save(
      manager.create(ModelSubmission, {
        modelId,
        status: passed ? 'PASSED' : 'REJECTED',
        checks,
        metrics: candidate.metrics,
        comparison: baseline,
        trainingRunId: candidate.trainingRunId,
        datasetId: candidate.datasetId,
        createdBy: actor.name,
      }),
    );
    const modelVersion = passed
      ? await this.insertVersion(manager, model, submission, candidate, { ...labels, tags }, stored, actor)
      : null;
    await this.deps.audit.append(manager, {
      modelId,
      actor,
      action: passed ? 'version.register' : 'submission.reject',
      subject: modelVersion ? `ModelVersion:${modelVersion.id}` : `ModelSubmission:${submission.id}`,
      details: {
        version: modelVersion?.version ?? null,
        modelDigest: stored.model.digest,
        preprocessingDigest: stored.preprocessing?.digest ?? null,
        referenceProfileDigest: stored.referenceProfile?.digest ?? null,
        evaluationReportDigest: stored.evaluationReport?.digest ?? null,
        failed: checks.filter((check) => !check.passed).map((check) => check.message),
      },
    });
    if (modelVersion && experiment) await this.deps.experiments.add(manager, modelVersion, experiment, actor);
    return submission.id;
  }

  private async insertVersion(
    manager: EntityManager,
    model: Model,
    submission: ModelSubmission,
    candidate: Candidate,
    labels: VersionLabels & { readonly tags: Tags },
    stored: StoredFiles,
    actor: Actor,
  ): Promise<ModelVersion> {
    for (const artifact of Object.values(stored)) if (artifact) await recordArtifact(manager, artifact);
    const version = model.lastVersion + 1;
    await manager.update('models', { id: model.id }, { lastVersion: version });
    const modelVersion = await manager.save(
      manager.create(ModelVersion, {
        modelId: model.id,
        version,
        submissionId: submission.id,
        description: labels.description ?? '',
        tags: labels.tags,
        signature: candidate.signature,
        decisionThreshold: candidate.decisionThreshold,
        notServableReason: candidate.notServableReason,
        modelDigest: stored.model.digest,
        preprocessingDigest: stored.preprocessing?.digest ?? null,
        referenceProfileDigest: stored.referenceProfile?.digest ?? null,
        evaluationReportDigest: stored.evaluationReport?.digest ?? null,
        trainingRunId: candidate.trainingRunId,
        datasetId: candidate.datasetId,
        datasetFingerprint: candidate.datasetFingerprint,
        featureServiceVersionId: candidate.featureServiceVersionId,
        codeCommit: labels.codeCommit ?? null,
        environment: candidate.environment ?? {},
        createdBy: actor.name,
      }),
    );
    const modelVersionId = modelVersion.id;
    const heldOut = Object.entries(candidate.metrics).map(([name, value]) => ({ name, split: HELD_OUT, value }));
    const metrics = (candidate.metricRows ?? heldOut).map((metric) => ({ modelVersionId, ...metric }));
    const params = Object.entries(candidate.params).map(([name, value]) => ({ modelVersionId, name, value }));
    await manager.insert(ModelVersionMetric, metrics);
    await manager.insert(ModelVersionParam, params);
    await recordLineage(manager, madeOf(candidate), `ModelVersion:${modelVersionId}`);
    await recordEvent(manager, {
      type: 'MODEL_VERSION_REGISTERED',
      modelId: model.id,
      payload: { modelVersionId },
      actor,
    });
    return manager.findOneByOrFail(ModelVersion, { id: modelVersionId });
  }
}

/** Models that could not both be run here are compared by what their makers declare, where that is of one dataset. */
async function declaredUnlessScored(
  manager: EntityManager,
  { datasetFingerprint, metrics, evaluationRows }: Candidate,
  scored: HeldOutComparison,
): Promise<HeldOutComparison> {
  if (scored.rowCount > 0 || datasetFingerprint === null) return scored;
  const production = await manager.findOneByOrFail(ModelVersion, { id: scored.modelVersionId });
  if (production.datasetFingerprint !== datasetFingerprint) return scored;
  const submission = await manager.findOneByOrFail(ModelSubmission, { id: production.submissionId });
  const { modelVersionId } = scored;
  return {
    modelVersionId,
    declared: true,
    rowCount: evaluationRows,
    production: submission.metrics,
    candidate: metrics,
  };
}

/** What a version comes from. Datasets and training runs come from their feature service themselves; without them it is the service itself. */
function madeOf({ trainingRunId, datasetId, featureServiceVersionId }: Candidate): string[] {
  const nodes = [
    trainingRunId && `TrainingRun:${trainingRunId}`,
    datasetId && `Dataset:${datasetId}`,
    !trainingRunId && !datasetId && featureServiceVersionId && `FeatureServiceVersion:${featureServiceVersionId}`,
  ];
  return nodes.filter((node) => typeof node === 'string');
}
