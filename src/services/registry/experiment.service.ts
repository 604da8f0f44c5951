import type { DataSource, EntityManager } from 'typeorm';
import { type ActorRef, type JobRecord, Model, ModelExperiment, ModelVersion } from '../../entities';
import { InvalidInput, NotFound } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize, systemActor } from '../identity';
import type { JobContext, JobQueue } from '../jobs';
import { nextAttempt } from './import-retry.policy';
import type { MlflowClient, RunWithExperiment } from './mlflow-client';
import { lockModel, modelByName, versionBySelector } from './selector';
import { TrackingProblem } from './tracking-problem';
import { checkedRun, type RunReference } from './tracking-target.policy';

export interface LinkExperimentInput extends RunReference {
  readonly model: string;
  readonly version: number;
}

interface ImportJob {
  readonly experimentId: string;
}

const AT_ONCE = 4;
const RESUME_AT_MOST = 500;
const UPKEEP = 'system:experiment-import';

/**
 * MLflow runs that versions came from, and what is imported from there. Linking never waits for MLflow: the import is a job. Each attempt is a job of
 * its own, and only the one that the link names may change it.
 */
export class ExperimentService {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly jobs: JobQueue;
      readonly mlflow: Pick<MlflowClient, 'run'>;
    },
  ) {
    deps.jobs.define<ImportJob>('EXPERIMENT_IMPORT', (input, job) => this.import(input, job), {
      onFailed: (input, { message }, job) => this.noteFault(input, message, job),
      concurrency: AT_ONCE,
    });
  }

  /**
   * Notes which MLflow run a version came from, and has it imported. The same run again is answered with the link that is there.
   * @throws NotFound, InvalidInput
   */
  async link(input: LinkExperimentInput, actor: Actor): Promise<ModelExperiment> {
    authorize(actor, 'model.update');
    const run = checkedRun(input, 'input');
    return inTransaction(this.deps.dataSource, async (manager) => {
      await lockModel(manager, (await modelByName(manager, input.model)).id);
      const { modelVersion } = await versionBySelector(manager, { model: input.model, version: input.version });
      const { trackingUri, runId } = run;
      const former = await manager.findOneBy(ModelExperiment, { modelVersionId: modelVersion.id, trackingUri, runId });
      if (former && former.experimentId !== run.experimentId) {
        throw new InvalidInput(
          'input.experimentId',
          `this run is linked already, as one of experiment ${former.experimentId}`,
        );
      }
      return former ?? this.add(manager, modelVersion, run, actor);
    });
  }

  /** Links a version in the transaction that made it, under the lock of its model. The run must have been checked. */
  async add(
    manager: EntityManager,
    { id: modelVersionId, modelId }: ModelVersion,
    run: RunReference,
    actor: Actor,
  ): Promise<ModelExperiment> {
    const id = crypto.randomUUID();
    const job = await this.enqueue(manager, id, actor);
    const link = { modelVersionId, ...run };
    await manager.insert(ModelExperiment, { id, ...link, jobId: job.id, createdBy: actor.name });
    await this.deps.audit.append(manager, {
      modelId,
      actor,
      action: 'version.linkExperiment',
      subject: `ModelVersion:${modelVersionId}`,
      details: link,
    });
    return manager.findOneByOrFail(ModelExperiment, { id });
  }

  /**
   * Imports a run anew, or for a link that waits: now. What was imported before stays until then.
   * @throws NotFound, also when the version or its model was deleted
   */
  async importAnew(id: string, actor: Actor): Promise<{ experiment: ModelExperiment; job: JobRecord }> {
    authorize(actor, 'model.update');
    const jobId = await inTransaction(this.deps.dataSource, async (manager) => {
      const found = await this.liveLink(manager, id);
      if (!found) throw new NotFound('link to an experiment', id, 'Make one with linkExperiment.', ['input', 'id']);
      await lockModel(manager, found.modelId);
      const job = await this.enqueue(manager, id, actor);
      await manager.update(
        ModelExperiment,
        { id },
        { status: 'PENDING', attempts: 0, lastError: null, nextAttemptAt: () => 'now()', jobId: job.id },
      );
      await this.deps.audit.append(manager, {
        modelId: found.modelId,
        actor,
        action: 'experiment.requestImport',
        subject: `ModelExperiment:${id}`,
        details: { runId: found.link.runId },
      });
      return job.id;
    });
    const [job] = await this.deps.jobs.find([jobId]);
    return { experiment: await this.deps.dataSource.manager.findOneByOrFail(ModelExperiment, { id }), job };
  }

  /** Makes the jobs of imports that are due and have none; to be called once an hour, and by any number of servers. @returns how many it made */
  async resume(): Promise<number> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      // Locked rows alone would not do: the jobs that another server has just made are not in the snapshot that found the rows.
      const [{ alone }] = await manager.query<[{ alone: boolean }]>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('mooring:experiment-import', 0)) AS alone`,
      );
      if (!alone) return 0;
      const due = await liveLinks(manager)
        .andWhere("link.status = 'PENDING' AND link.nextAttemptAt <= now()")
        .andWhere(
          `NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = link.job_id AND jobs.status IN ('QUEUED', 'RUNNING'))`,
        )
        .orderBy('link.nextAttemptAt')
        .limit(RESUME_AT_MOST)
        .setLock('pessimistic_write', undefined, ['link'])
        .setOnLocked('skip_locked')
        .getMany();
      const actor = systemActor(UPKEEP, crypto.randomUUID());
      for (const { id } of due) {
        const job = await this.enqueue(manager, id, actor);
        await manager.update(ModelExperiment, { id }, { jobId: job.id });
      }
      return due.length;
    });
  }

  private async import({ experimentId }: ImportJob, job: JobContext): Promise<void> {
    const found = await this.liveLink(this.deps.dataSource.manager, experimentId);
    // Another job has taken its place; or the version was deleted, and the upkeep goes on when it has been restored.
    if (found?.link.status !== 'PENDING' || found.link.jobId !== job.jobId) return;
    try {
      const run = await this.deps.mlflow.run(found.link, job.signal);
      await this.store(found.modelId, experimentId, run, job);
    } catch (error) {
      if (!(error instanceof TrackingProblem)) throw error;
      await this.noteProblem(experimentId, error, job);
    }
  }

  private async store(modelId: string, id: string, run: RunWithExperiment, job: JobContext): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      await lockModel(manager, modelId);
      const link = await this.lockLink(manager, id, job);
      if (!link) return;
      await manager.update(
        ModelExperiment,
        { id },
        {
          ...run,
          status: 'IMPORTED',
          attempts: link.attempts + 1,
          lastError: null,
          nextAttemptAt: null,
          importedAt: () => 'now()',
        },
      );
      await this.deps.audit.append(manager, {
        modelId,
        actor: job.actor,
        action: 'experiment.import',
        subject: `ModelExperiment:${id}`,
        details: {
          runId: link.runId,
          metrics: run.metrics.length,
          params: run.params.length,
          tags: Object.keys(run.tags).length,
        },
      });
    });
  }

  /** A lasting problem ends the import; for any other the next attempt is made ready in the same transaction. */
  private async noteProblem(id: string, { message, lasting }: TrackingProblem, job: JobContext): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      const link = await this.lockLink(manager, id, job);
      if (!link) return;
      const attempts = link.attempts + 1;
      const told = { attempts, lastError: message };
      if (lasting) {
        await manager.update(ModelExperiment, { id }, { ...told, status: 'FAILED', nextAttemptAt: null });
        return;
      }
      const { pauseSeconds, by } = nextAttempt(attempts);
      const next = by === 'JOB' ? await this.enqueue(manager, id, job.actor, pauseSeconds) : null;
      const nextAttemptAt = () => `now() + make_interval(secs => ${pauseSeconds})`;
      await manager.update(ModelExperiment, { id }, { ...told, jobId: next?.id ?? null, nextAttemptAt });
    });
  }

  /** Faults of our own, and cancelled attempts: the upkeep tries again. */
  private async noteFault({ experimentId }: ImportJob, message: string, job: JobContext): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      if (await this.lockLink(manager, experimentId, job))
        await manager.update(ModelExperiment, { id: experimentId }, { lastError: message });
    });
  }

  private enqueue(manager: EntityManager, id: string, { name, requestId }: ActorRef, pauseSeconds = 0) {
    return this.deps.jobs.enqueue<ImportJob>(manager, {
      kind: 'EXPERIMENT_IMPORT',
      subject: `ModelExperiment:${id}`,
      input: { experimentId: id },
      actor: { name, requestId },
      pauseSeconds,
    });
  }

  /** The link, locked, if this job is still the one that may change it. */
  private lockLink(manager: EntityManager, id: string, { jobId }: JobContext): Promise<ModelExperiment | null> {
    return manager
      .createQueryBuilder(ModelExperiment, 'link')
      .setLock('pessimistic_write')
      .where("link.id = :id AND link.jobId = :jobId AND link.status = 'PENDING'", { id, jobId })
      .getOne();
  }

  /** A link whose version and model are not deleted. */
  private async liveLink(
    manager: EntityManager,
    id: string,
  ): Promise<{ link: ModelExperiment; modelId: string } | null> {
    const link = await liveLinks(manager).andWhere('link.id = :id', { id }).getOne();
    if (!link) return null;
    const { modelId } = await manager.findOneByOrFail(ModelVersion, { id: link.modelVersionId });
    return { link, modelId };
  }
}

const liveLinks = (manager: EntityManager) =>
  manager
    .createQueryBuilder(ModelExperiment, 'link')
    .innerJoin(ModelVersion, 'version', 'version.id = link.modelVersionId AND version.deletedAt IS NULL')
    .innerJoin(Model, 'model', 'model.id = version.modelId AND model.deletedAt IS NULL')
    .where('true');
