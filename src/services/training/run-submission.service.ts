import type { ModelSubmission, ModelVersion, TrainingRun } from '../../entities';
import { NotFound, NotReady } from '../../errors';
import type { ArtifactStore } from '../artifacts';
import type { DatasetService } from '../features';
import { type Actor, authorize } from '../identity';
import {
  type Candidate,
  checkedRun,
  type ModelService,
  readEvaluationReport,
  type VersionLabels,
  type VersionService,
} from '../registry';
import type { HeldOutService } from './held-out.service';
import type { TrainingService } from './training.service';

export interface Submitted {
  readonly submission: ModelSubmission;
  readonly modelVersion: ModelVersion | null;
}

type TrainingResult = NonNullable<TrainingRun['result']>;

interface Dependencies {
  readonly artifacts: ArtifactStore;
  readonly datasets: DatasetService;
  readonly models: ModelService;
  readonly versions: VersionService;
  readonly training: TrainingService;
  readonly heldOut: HeldOutService;
}

/** Training runs on their way to the quality gate of their model. */
export class RunSubmissionService {
  constructor(private readonly deps: Dependencies) {}

  /**
   * Offers a run's model to the quality gate of its model, compared with production on held-out rows that neither was trained on. A run that became a
   * version already is answered with that one.
   * @throws NotFound, NotReady, BaselineChanged
   */
  async submit(
    trainingRunId: string,
    modelName: string,
    labels: VersionLabels,
    actor: Actor,
    idempotencyKey: string | null = null,
  ): Promise<Submitted> {
    authorize(actor, 'version.register');
    // Before the comparison, which takes a while.
    if (labels.experiment) checkedRun(labels.experiment, 'input.experiment');
    const model = await this.deps.models.get(modelName);
    const [run] = await this.deps.training.find([trainingRunId]);
    if (!run || run.modelId !== model.id)
      throw new NotFound(`training run of ${model.name}`, trainingRunId, '', ['input', 'trainingRunId']);
    if (run.status !== 'SUCCEEDED' || !run.result)
      throw new NotReady('training run of', model.name, run.status, 'Only a run that succeeded can be registered.', [
        'input',
        'trainingRunId',
      ]);

    const former = await this.deps.versions.submissionOfRun(run.id);
    if (former?.modelVersion) return former;
    const candidate = await this.candidateOf(run, run.result);
    const request = { key: idempotencyKey, input: { trainingRunId, modelName, labels } };
    return this.deps.versions.submit(model.id, candidate, labels, actor, request);
  }

  private async candidateOf(run: TrainingRun, result: TrainingResult): Promise<Candidate> {
    const { artifacts, datasets } = this.deps;
    const dataset = await datasets.describe(run.datasetId);
    const modelBytes = await artifacts.get(result.modelDigest);
    const preprocessing = await artifacts.get(result.preprocessingDigest);
    const { decisionThreshold } = result;
    const evaluationReport = result.evaluationReportDigest ? await artifacts.get(result.evaluationReportDigest) : null;
    return {
      modelBytes,
      notServableReason: null,
      preprocessing,
      referenceProfile: await artifacts.get(result.referenceProfileDigest),
      evaluationReport,
      signature: { inputs: dataset.features.map(({ name, dtype }) => ({ name, dtype })) },
      decisionThreshold,
      metrics: result.metrics,
      params: paramsOf(run, result),
      evaluationRows: result.heldOutRowCount,
      baseline: await this.deps.heldOut.compareWithProduction(run.modelId, dataset, {
        onnx: modelBytes,
        preprocessing,
        decisionThreshold,
      }),
      segments: (evaluationReport && readEvaluationReport(evaluationReport)?.segments) ?? [],
      datasetId: run.datasetId,
      datasetFingerprint: dataset.fingerprint,
      dataQualityPassed: dataset.qualityPassed,
      featureServiceVersionId: dataset.featureServiceVersionId,
      trainingRunId: run.id,
    };
  }
}

function paramsOf({ algorithm, seed }: TrainingRun, { parameters, treesUsed }: TrainingResult): Record<string, string> {
  const numbers = { ...parameters, ...(treesUsed === null ? {} : { treesUsed }), seed };
  return { algorithm, ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])) };
}
