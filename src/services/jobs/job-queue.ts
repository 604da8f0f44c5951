import type { DataSource, EntityManager } from 'typeorm';
import type { ActorRef, JobKind, JobRecord } from '../../entities';
import { NotFound } from '../../errors';
import type { Logger } from '../../logger';
import { CommitSignal, inTransaction } from '../database';
import type { JobContext, JobDefinition, JobOptions } from './job-definition';
import { JobDelivery } from './job-delivery';
import { JobTable } from './job-table';
import { JobWatch } from './job-watch';
import { JobWorker, type WorkerTiming } from './job-worker';

const TIMING: WorkerTiming = { pollMs: 500, heartbeatMs: 2000, staleMs: 15_000, sweepMs: 5000, progressMs: 1000 };

interface NewJob<I> {
  readonly kind: JobKind;
  /** What it is for, in the style of global ids: 'Dataset:<uuid>'. */
  readonly subject: string;
  /** What the handler gets; JSON values. */
  readonly input: I;
  /** Who asks for it. */
  readonly actor: ActorRef;
  /** Until it may begin; none unless told. */
  readonly pauseSeconds?: number;
}

export interface JobQueueDeps {
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly logger: Logger;
  /** The audit trail, as far as it is needed here: it lives on the same floor, so the container hands it in. */
  readonly audit: {
    append(
      manager: EntityManager,
      entry: { modelId: null; actor: ActorRef; action: string; subject: string; details: Record<string, unknown> },
    ): Promise<void>;
  };
  /** How long handlers may take to end when the server stops. */
  readonly shutdownGraceSeconds: number;
  /** For tests. */
  readonly timing?: Partial<WorkerTiming>;
}

const JOBS_ENQUEUED = new CommitSignal('mooring.jobsEnqueued');

/**
 * Long work. A job is a row of `jobs`, made in the transaction of the change that wants it; pg-boss carries the message that it waits; one worker
 * claims the row, shows by a heartbeat that it lives, and writes how it ended. A job whose process dies is run again: handlers run at least once.
 */
export class JobQueue {
  private readonly definitions = new Map<JobKind, JobDefinition>();
  private readonly table: JobTable;
  private readonly delivery: JobDelivery;
  private readonly watcher: JobWatch;
  private readonly worker: JobWorker;
  private unsubscribe: () => void = () => undefined;

  constructor(private readonly deps: JobQueueDeps) {
    const { dataSource, databaseUrl, logger } = deps;
    const timing = { ...TIMING, ...deps.timing };
    this.table = new JobTable(dataSource);
    this.delivery = new JobDelivery(databaseUrl, logger);
    this.watcher = new JobWatch((ids) => this.find(ids), timing.progressMs, logger);
    const { table, delivery, definitions } = this;
    const onEnd = (jobId: string) => this.watcher.poke(jobId);
    this.worker = new JobWorker({ databaseUrl, logger, table, delivery, definitions, timing, onEnd });
  }

  /**
   * Says how jobs of a kind are done; before start.
   * @param handle runs at least once per job. A DomainError fails the job at once; anything else is logged, masked and tried again, three attempts
   *   in all.
   */
  define<I extends object>(
    kind: JobKind,
    handle: (input: I, job: JobContext) => Promise<void>,
    options: JobOptions<I> = {},
  ): void {
    const { onFailed = async () => undefined, concurrency = 1 } = options;
    // The row gives back what enqueue<I> put into it.
    this.definitions.set(kind, { kind, handle, onFailed, concurrency } as JobDefinition);
  }

  /** Brings back the jobs of a process that died, then works. Takes 30 ms, the first start, which installs pg-boss, 100 ms. */
  async start(): Promise<void> {
    await this.delivery.start([...this.definitions.keys()]);
    await this.worker.start();
    this.unsubscribe = JOBS_ENQUEUED.listen(this.deps.dataSource, () => this.worker.wake());
  }

  /** Tells handlers to stop and gives them the grace; jobs that they leave undone are done after the next start. */
  async stop(): Promise<void> {
    this.unsubscribe();
    this.watcher.stop();
    await this.worker.stop(this.deps.shutdownGraceSeconds * 1000);
    await this.delivery.stop();
  }

  /** Makes a job in the caller's transaction: it will be done if and only if that commits. The queue must have been started. */
  async enqueue<I extends object>(manager: EntityManager, job: NewJob<I>): Promise<JobRecord> {
    if (!this.definitions.has(job.kind)) throw new Error(`No handler is defined for jobs of kind ${job.kind}.`);
    const record = await this.table.insert(manager, job);
    if (!(await this.delivery.send(manager, record.kind, record.id, job.pauseSeconds)))
      throw new Error(
        `There is no queue for jobs of kind ${job.kind}: the job queue has never been started on this database.`,
      );
    JOBS_ENQUEUED.raise(manager);
    return record;
  }

  /**
   * Cancels a job: a waiting one at once, a running one as soon as its handler gives way, which may be on another replica. A finished job stays as
   * it is. Whether the actor may is asked above: policies live on a higher floor.
   * @throws NotFound
   */
  async cancel(jobId: string, actor: ActorRef): Promise<JobRecord> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      if (!(await this.table.requestCancel(manager, jobId))) return;
      const entry = { modelId: null, actor, action: 'job.cancel', subject: `Job:${jobId}`, details: {} };
      await this.deps.audit.append(manager, entry);
    });
    await this.worker.cancel(await this.get(jobId));
    return this.get(jobId);
  }

  /** The jobs with these ids, in any order, without those that do not exist. */
  async find(ids: readonly string[]): Promise<JobRecord[]> {
    return this.table.find(ids);
  }

  /**
   * The job as it is, then whenever it has changed, at most once a second; ends after the finished job, wherever it runs.
   * @throws NotFound | ShuttingDown while iterating
   */
  watch(jobId: string): AsyncIterableIterator<JobRecord> {
    return this.watcher.watch(jobId);
  }

  /** Waits for a job to finish, in whatever way. @throws NotFound | ShuttingDown */
  async wait(jobId: string): Promise<JobRecord> {
    for await (const record of this.watch(jobId)) if (record.finishedAt) return record;
    return this.get(jobId);
  }

  private async get(jobId: string): Promise<JobRecord> {
    const [record] = await this.find([jobId]);
    if (!record) throw new NotFound('job', jobId);
    return record;
  }
}
