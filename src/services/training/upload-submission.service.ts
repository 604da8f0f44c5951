import type { ModelSignature, TaskType } from '../../entities';
import { InvalidInput } from '../../errors';
import type { ArtifactStore, ArtifactTransferService, StoredArtifact } from '../artifacts';
import type { DatasetFile, DatasetService } from '../features';
import { type Actor, authorize } from '../identity';
import {
  type Candidate,
  checkEvaluationReport,
  HELD_OUT,
  type ModelService,
  type VersionLabels,
  type VersionService,
} from '../registry';
import { checkedMetrics, checkedParams, type DeclaredMetric, type DeclaredParam } from './declared-figures.policy';
import { checkAgainstDataset, checkedSignature } from './declared-signature.policy';
import { checkReferenceProfile } from './check-reference-profile';
import type { HeldOutService } from './held-out.service';
import { inspectModel } from './inspect-model';
import { parseReferenceProfile } from './reference-profile';
import type { Submitted } from './run-submission.service';

/** Names stored bytes: by their digest, or by the upload that brought them. */
export type ArtifactReference = { readonly digest: string } | { readonly uploadId: string };

/** A model that was made elsewhere, with what its maker says of it. */
export interface UploadedModel {
  readonly artifacts: {
    readonly model: ArtifactReference;
    readonly preprocessing: ArtifactReference | null;
    readonly evaluationReport: ArtifactReference | null;
    readonly referenceProfile: ArtifactReference | null;
  };
  readonly signature: ModelSignature;
  readonly metrics: readonly DeclaredMetric[];
  readonly params: readonly DeclaredParam[];
  /** On how many held-out rows the metrics were measured. */
  readonly evaluationRows: number;
  readonly decisionThreshold: number;
  /** The dataset of Mooring that it was trained on; null: rows from elsewhere. */
  readonly datasetId: string | null;
  readonly datasetFingerprint: string | null;
  readonly environment: Record<string, unknown>;
}

interface Dependencies {
  readonly artifacts: ArtifactStore;
  readonly transfer: ArtifactTransferService;
  readonly datasets: DatasetService;
  readonly models: ModelService;
  readonly versions: VersionService;
  readonly heldOut: HeldOutService;
}

const ONNX = ['application/onnx', 'application/x-onnx'];
const MAX_SERVABLE_BYTES = 512 * 1024 * 1024;
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Models from elsewhere on their way to the quality gate. */
export class UploadSubmissionService {
  constructor(private readonly deps: Dependencies) {}

  /**
   * Offers an uploaded model to the quality gate of its model, by the figures that its maker declares. With a dataset of Mooring it is compared with
   * production on that dataset's held-out rows, and where its maker gives no reference profile, those rows make one.
   * @throws NotFound, NotReady, InvalidInput, BaselineChanged, IdempotencyKeyReused
   */
  async submit(
    modelName: string,
    uploaded: UploadedModel,
    labels: VersionLabels,
    actor: Actor,
    idempotencyKey: string | null,
  ): Promise<Submitted> {
    authorize(actor, 'version.register');
    const model = await this.deps.models.get(modelName);
    const { datasetId, evaluationRows, decisionThreshold } = uploaded;
    if (evaluationRows < 0) throw new InvalidInput('input.evaluationRows', 'must not be negative');
    if (!(decisionThreshold >= 0 && decisionThreshold <= 1))
      throw new InvalidInput('input.decisionThreshold', 'must be a probability, from 0 to 1');
    const signature = checkedSignature(uploaded.signature);
    const metricRows = checkedMetrics(uploaded.metrics);
    const params = checkedParams(uploaded.params);
    const dataset = datasetId === null ? null : await this.deps.datasets.describe(datasetId);
    if (dataset) checkAgainstDataset(signature.inputs, dataset.features);
    const datasetFingerprint = checkedFingerprint(uploaded.datasetFingerprint, dataset);

    const files = await this.filesOf(uploaded.artifacts);
    const servable = await this.inspect(files, signature, model.taskType);
    const scored = servable.scored(decisionThreshold);
    const referenceProfile =
      files.referenceProfile ??
      (dataset && scored ? await this.deps.heldOut.referenceProfile(dataset, signature, scored) : null);
    const held = metricRows.filter(({ split }) => split === HELD_OUT);
    const candidate: Candidate = {
      modelBytes: files.model,
      notServableReason: servable.reason,
      preprocessing: servable.preprocessing ?? files.preprocessing,
      referenceProfile,
      evaluationReport: files.evaluationReport,
      signature,
      decisionThreshold,
      metrics: Object.fromEntries(held.map(({ name, value }) => [name, value])),
      metricRows,
      params,
      evaluationRows,
      baseline: await this.deps.heldOut.compareWithProduction(model.id, dataset, scored),
      segments: servable.segments,
      datasetId,
      datasetFingerprint,
      dataQualityPassed: dataset?.qualityPassed ?? null,
      featureServiceVersionId: dataset?.featureServiceVersionId ?? null,
      trainingRunId: null,
      environment: uploaded.environment,
    };
    const request = { key: idempotencyKey, input: { modelName, uploaded, labels } };
    return this.deps.versions.submit(model.id, candidate, labels, actor, request);
  }

  private async filesOf(named: UploadedModel['artifacts']) {
    const resolve = async (role: keyof UploadedModel['artifacts']) =>
      named[role] && this.deps.transfer.resolve(named[role], ['input', 'artifacts', role]);
    return {
      model: await this.deps.transfer.resolve(named.model, ['input', 'artifacts', 'model']),
      preprocessing: await resolve('preprocessing'),
      evaluationReport: await resolve('evaluationReport'),
      referenceProfile: await resolve('referenceProfile'),
    };
  }

  /** Reads what Mooring will read later, so that it fails now if it fails at all. */
  private async inspect(
    files: Awaited<ReturnType<UploadSubmissionService['filesOf']>>,
    signature: ModelSignature,
    taskType: TaskType,
  ) {
    const report = await this.json(files.evaluationReport, 'evaluationReport');
    const profile = await this.json(files.referenceProfile, 'referenceProfile');
    const checked = report && parsed(report, 'evaluationReport', (bytes) => checkEvaluationReport(bytes, taskType));
    const segments = checked?.segments ?? [];
    if (profile)
      parsed(profile, 'referenceProfile', (bytes) =>
        taskType === 'BINARY_CLASSIFICATION' ? checkReferenceProfile(bytes, signature) : parseReferenceProfile(bytes),
      );
    const reason = whyNotServed(files.model, taskType);
    if (!isReadable(files.model)) return { reason, segments, preprocessing: null, scored: () => null };

    const onnx = await this.deps.artifacts.get(files.model.digest);
    const given = await this.json(files.preprocessing, 'preprocessing');
    const preprocessing = await inspectModel(onnx, given, signature, taskType);
    const scored = (decisionThreshold: number) => (reason === null ? { onnx, preprocessing, decisionThreshold } : null);
    return { reason, segments, preprocessing: files.preprocessing ?? preprocessing, scored };
  }

  private async json(artifact: StoredArtifact | null, role: string): Promise<Buffer | null> {
    if (!artifact) return null;
    if (artifact.sizeBytes > MAX_JSON_BYTES)
      throw new InvalidInput(
        ['input', 'artifacts', role],
        `has ${artifact.sizeBytes} bytes; JSON of at most ${MAX_JSON_BYTES} is read`,
      );
    return this.deps.artifacts.get(artifact.digest);
  }
}

const isOnnx = ({ mediaType }: StoredArtifact): boolean => ONNX.includes(mediaType);
const isReadable = (model: StoredArtifact): boolean => isOnnx(model) && model.sizeBytes <= MAX_SERVABLE_BYTES;

function whyNotServed(model: StoredArtifact, taskType: TaskType): string | null {
  if (!isOnnx(model)) return `It is ${model.mediaType}; models are served as application/onnx.`;
  if (taskType !== 'BINARY_CLASSIFICATION') return `Models for ${taskType} are kept and not served.`;
  if (!isReadable(model)) return `It has ${model.sizeBytes} bytes; models of at most ${MAX_SERVABLE_BYTES} are served.`;
  return null;
}

function checkedFingerprint(given: string | null, dataset: DatasetFile | null): string | null {
  if (dataset && given !== null && given !== dataset.fingerprint)
    throw new InvalidInput('input.datasetFingerprint', `the dataset has the fingerprint ${dataset.fingerprint}`);
  return dataset?.fingerprint ?? given;
}

function parsed<T>(bytes: Buffer, role: string, parse: (bytes: Buffer) => T): T {
  try {
    return parse(bytes);
  } catch (error) {
    throw new InvalidInput(['input', 'artifacts', role], error instanceof Error ? error.message : String(error));
  }
}
