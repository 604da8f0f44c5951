import type { DataSource, EntityManager } from 'typeorm';
import {
  type ActorRef,
  type Algorithm,
  type JobRecord,
  type Model,
  type RunTrigger,
  TrainingRun,
} from '../../entities';
import { Cancelled, InvalidInput, NotFound, NotReady, RunInProgress } from '../../errors';
import type { ArtifactStore } from '../artifacts';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction, type ListArgs, listPage, type Page } from '../database';
import { recordEvent } from '../events';
import { type DatasetService, isListDtype } from '../features';
import { type Actor, authorize } from '../identity';
import type { JobContext, JobQueue } from '../jobs';
import { recordLineage } from '../lineage';
import type { ModelService } from '../registry';
import { checkedParameters } from './training-parameters';
import { runTrainingThread } from './training-thread';

export interface StartTrainingInput {
  readonly model: string;
  readonly datasetId: string;
  readonly algorithm: Algorithm;
  readonly parameters?: Readonly<Record<string, number>> | null;
  readonly seed: number;
  readonly idempotencyKey?: string | null;
}

interface TrainingJob {
  readonly trainingRunId: string;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly artifacts: ArtifactStore;
  readonly jobs: JobQueue;
  readonly datasets: DatasetService;
  readonly models: ModelService;
}

/** Training runs: from a dataset to a model that can be offered to the quality gate. */
export class TrainingService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<TrainingJob>('TRAINING', (input, job) => this.train(input, job), {
      onFailed: (input, error, job) => this.fail(input, error, job.actor),
    });
  }

  /** @throws NotFound, NotReady, InvalidInput, RunInProgress */
  async start(
    input: StartTrainingInput,
    trigger: RunTrigger,
    actor: Actor,
  ): Promise<{ trainingRun: TrainingRun; job: JobRecord }> {
    authorize(actor, 'training.start');
    const parameters = input.parameters ?? {};
    checkedParameters(input.algorithm, parameters);
    if (!Number.isInteger(input.seed)) throw new InvalidInput('input.seed', 'must be a whole number');
    const model = await this.deps.models.get(input.model);
    if (model.taskType !== 'BINARY_CLASSIFICATION') {
      throw new InvalidInput(
        'input.model',
        `the built-in trainer learns BINARY_CLASSIFICATION; ${model.name} is for ${model.taskType}`,
      );
    }
    const [dataset] = await this.deps.datasets.find([input.datasetId]);
    if (!dataset)
      throw new NotFound('dataset', input.datasetId, 'Create one with createDataset.', ['input', 'datasetId']);
    if (dataset.status !== 'READY')
      throw new NotReady('dataset', dataset.name, dataset.status, 'Wait for its job to succeed.', [
        'input',
        'datasetId',
      ]);
    const list = dataset.columns?.find(({ role, dtype }) => role === 'FEATURE' && isListDtype(dtype));
    if (list)
      throw new InvalidInput(
        'input.datasetId',
        `the feature ${list.name} is ${list.dtype}, and the built-in trainer learns from single values; take a feature service without it`,
      );

    const key = { actor: actor.name, mutation: 'startTraining', key: input.idempotencyKey, input };
    const ids = await inTransaction(this.deps.dataSource, (manager) =>
      idempotent(manager, key, () => this.enqueue(manager, model, { ...input, parameters }, trigger, actor)),
    );
    const trainingRun = await this.deps.dataSource.manager.findOneByOrFail(TrainingRun, { id: ids.id });
    const [job] = await this.deps.jobs.find([ids.jobId]);
    return { trainingRun, job };
  }

  find(ids: readonly string[]): Promise<TrainingRun[]> {
    return this.rows().where('run.id = ANY(:ids)', { ids }).getMany();
  }

  /** Newest first. */
  list(modelId: string, args: ListArgs): Promise<Page<TrainingRun>> {
    return listPage(this.rows().where('run.modelId = :modelId', { modelId }), args);
  }

  /** The run of a model that is queued or running; there is at most one. */
  activeRun(modelId: string, manager = this.deps.dataSource.manager): Promise<TrainingRun | null> {
    return this.rows(manager)
      .where("run.modelId = :modelId AND run.status IN ('QUEUED', 'RUNNING')", { modelId })
      .getOne();
  }

  private async enqueue(
    manager: EntityManager,
    model: Model,
    { datasetId, algorithm, parameters, seed }: StartTrainingInput,
    trigger: RunTrigger,
    actor: Actor,
  ) {
    const id = crypto.randomUUID();
    const subject = `TrainingRun:${id}`;
    const job = await this.deps.jobs.enqueue<TrainingJob>(manager, {
      kind: 'TRAINING',
      subject,
      input: { trainingRunId: id },
      actor,
    });
    const run = {
      id,
      modelId: model.id,
      datasetId,
      jobId: job.id,
      algorithm,
      parameters: { ...parameters },
      seed,
      trigger,
    };
    // The unique index on unfinished runs decides between triggers that race.
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(TrainingRun)
      .values({ ...run, status: 'QUEUED', createdBy: actor.name })
      .orIgnore()
      .returning('id')
      .execute();
    if ((inserted.raw as unknown[]).length === 0)
      throw new RunInProgress(model.name, (await this.activeRun(model.id, manager))?.id ?? 'just ended');
    await recordLineage(manager, [`Dataset:${datasetId}`], subject);
    await this.deps.audit.append(manager, {
      modelId: model.id,
      actor,
      action: 'training.start',
      subject,
      details: run,
    });
    return { id, jobId: job.id };
  }

  private async train({ trainingRunId }: TrainingJob, job: JobContext): Promise<void> {
    const startedAt = performance.now();
    const run = await this.begin(trainingRunId);
    if (run.status === 'SUCCEEDED') return;
    job.progress(0.01, 'Reading the dataset');
    const dataset = await this.deps.datasets.describe(run.datasetId);
    const { algorithm, parameters, seed } = run;
    const { onnx, preprocessing, referenceProfile, evaluationReport, ...figures } = await runTrainingThread(
      { kind: 'FIT', dataset, algorithm, parameters, seed },
      {
        signal: job.signal,
        onIteration: (iteration, total) =>
          job.progress((0.9 * iteration) / total, `Tree ${iteration} of at most ${total}`),
      },
    );
    job.progress(0.95, 'Storing the model');
    const { artifacts } = this.deps;
    const result = {
      modelDigest: (await artifacts.put(onnx, 'application/onnx')).digest,
      preprocessingDigest: (await artifacts.put(preprocessing, 'application/json')).digest,
      referenceProfileDigest: (await artifacts.put(referenceProfile, 'application/json')).digest,
      evaluationReportDigest: (await artifacts.put(evaluationReport, 'application/json')).digest,
      ...figures,
      featureImportance: [...figures.featureImportance],
      durationSeconds: (performance.now() - startedAt) / 1000,
    };
    await this.finish(run, { status: 'SUCCEEDED', result }, job.actor);
  }

  /**
   * Marks a run as running, unless it has succeeded: the attempt before may have been cut off after its last step.
   * @throws Cancelled, NotReady for a run that ended otherwise, so that its job ends in the same way
   */
  private async begin(id: string): Promise<TrainingRun> {
    await this.rows()
      .update()
      .set({ status: 'RUNNING', startedAt: () => 'coalesce(started_at, now())' })
      .where("id = :id AND status IN ('QUEUED', 'RUNNING')", { id })
      .execute();
    const run = await this.deps.dataSource.manager.findOneByOrFail(TrainingRun, { id });
    if (run.status === 'CANCELLED') throw new Cancelled('The training');
    if (run.status === 'FAILED')
      throw new NotReady('training run', id, `FAILED (${run.errorMessage ?? ''})`, 'Start another one.');
    return run;
  }

  private async fail(
    { trainingRunId }: TrainingJob,
    { code, message }: { readonly code: string; readonly message: string },
    actor: ActorRef,
  ): Promise<void> {
    const [run] = await this.find([trainingRunId]);
    const status = code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
    await this.finish(run, { status, errorCode: code, errorMessage: message }, actor);
  }

  /** Ends a run that has not ended, and tells of it. */
  private async finish(
    { id, modelId }: TrainingRun,
    end: Pick<TrainingRun, 'status'> & Partial<Pick<TrainingRun, 'result' | 'errorCode' | 'errorMessage'>>,
    actor: ActorRef,
  ): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      const finished = await this.rows(manager)
        .update()
        .set({ ...end, finishedAt: () => 'now()' })
        .where("id = :id AND status IN ('QUEUED', 'RUNNING')", { id })
        .execute();
      if (finished.affected === 0) return;
      const payload = { trainingRunId: id, status: end.status };
      await recordEvent(manager, { type: 'TRAINING_RUN_FINISHED', modelId, payload, actor });
    });
  }

  private rows(manager = this.deps.dataSource.manager) {
    return manager.createQueryBuilder(TrainingRun, 'run');
  }
}
