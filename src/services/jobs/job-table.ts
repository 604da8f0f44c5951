import { type DataSource, type EntityManager, In } from 'typeorm';
import { type ActorRef, type JobKind, JobRecord } from '../../entities';
import { inTransaction } from '../database';
import type { JobFailure } from './job-outcome.policy';

/** One attempt at a job by one worker. Every write of an attempt names it, so that a worker that was taken for dead changes nothing any more. */
export interface Attempt {
  readonly jobId: string;
  readonly workerId: string;
  readonly attempt: number;
}

const OF_ATTEMPT = `id = $1 AND worker_id = $2 AND attempt = $3 AND status = 'RUNNING'`;
const RESEND_AFTER_SECONDS = 10;
const RESEND_AT_MOST = 500;

/** The rows of `jobs` and the changes they go through, each a compare-and-set. */
export class JobTable {
  constructor(private readonly dataSource: DataSource) {}

  async insert(
    manager: EntityManager,
    job: { kind: JobKind; subject: string; input: object; actor: ActorRef },
  ): Promise<JobRecord> {
    const { kind, subject, input, actor } = job;
    const values = {
      kind,
      subject,
      input: input as Record<string, unknown>,
      actor: actor.name,
      requestId: actor.requestId,
    };
    const record = await manager.save(manager.create(JobRecord, values));
    // Read again for what the database filled in.
    return manager.findOneByOrFail(JobRecord, { id: record.id });
  }

  async find(ids: readonly string[]): Promise<JobRecord[]> {
    return this.dataSource.manager.findBy(JobRecord, { id: In([...ids]) });
  }

  /** Makes a waiting job this worker's; null when it no longer waits. */
  async claim(jobId: string, workerId: string): Promise<JobRecord | null> {
    const claimed = await this.change(
      `UPDATE jobs SET status = 'RUNNING', worker_id = $2, attempt = attempt + 1, heartbeat_at = now(), started_at = COALESCE(started_at, now()),
         progress_ratio = 0, progress_message = ''
       WHERE id = $1 AND status = 'QUEUED'`,
      [jobId, workerId],
    );
    return claimed ? this.dataSource.manager.findOneBy(JobRecord, { id: jobId }) : null;
  }

  /** Shows that the worker lives. @returns its jobs among those given, and whether they are to be cancelled; one that is missing was lost */
  async beat(
    workerId: string,
    jobIds: readonly string[],
  ): Promise<{ id: string; attempt: number; cancelRequested: boolean }[]> {
    const [rows] = await this.dataSource.query<[{ id: string; attempt: number; cancel_requested: boolean }[], number]>(
      `UPDATE jobs SET heartbeat_at = now() WHERE id = ANY ($1) AND worker_id = $2 AND status = 'RUNNING' RETURNING id, attempt, cancel_requested`,
      [jobIds, workerId],
    );
    return rows.map(({ id, attempt, cancel_requested }) => ({ id, attempt, cancelRequested: cancel_requested }));
  }

  async progress(by: Attempt, ratio: number, message: string): Promise<void> {
    await this.change(`UPDATE jobs SET progress_ratio = $4, progress_message = $5 WHERE ${OF_ATTEMPT}`, [
      ...key(by),
      ratio,
      message,
    ]);
  }

  async succeed(by: Attempt): Promise<void> {
    await this.change(
      `UPDATE jobs SET status = 'SUCCEEDED', progress_ratio = 1, finished_at = now() WHERE ${OF_ATTEMPT}`,
      key(by),
    );
  }

  async end(by: Attempt, status: 'FAILED' | 'CANCELLED', { code, message, problems }: JobFailure): Promise<void> {
    await this.change(
      `UPDATE jobs SET status = $4, error_code = $5, error_message = $6, error_problems = $7, finished_at = now() WHERE ${OF_ATTEMPT}`,
      [...key(by), status, code, message, problems ? JSON.stringify(problems) : null],
    );
  }

  /**
   * Puts a running job back in the queue.
   * @param counts whether the attempt counts against the bound
   * @param send sends its message, in the same transaction
   */
  async requeue(by: Attempt, counts: boolean, send: (manager: EntityManager) => Promise<unknown>): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const requeued = await this.change(
        `UPDATE jobs SET status = 'QUEUED', worker_id = NULL, heartbeat_at = NULL, attempt = attempt - $4::int WHERE ${OF_ATTEMPT}`,
        [...key(by), counts ? 0 : 1],
        manager,
      );
      if (requeued) await send(manager);
    });
  }

  /** Makes attempts that a stopping worker leaves behind not count. They stay RUNNING until their process is gone, so none runs twice. */
  async leaveBehind(workerId: string, jobIds: readonly string[]): Promise<void> {
    await this.change(
      `UPDATE jobs SET attempt = attempt - 1 WHERE id = ANY ($1) AND worker_id = $2 AND status = 'RUNNING'`,
      [jobIds, workerId],
    );
  }

  /**
   * Running jobs whose worker is gone.
   * @param among.running what runs here, whatever its heartbeat says
   * @param among.staleMs a heartbeat older than this is none
   * @param among.byLock also those whose worker holds no lock any more, however fresh the heartbeat: a killed process frees it at once
   */
  async orphans(among: {
    readonly kinds: readonly JobKind[];
    readonly running: readonly string[];
    readonly staleMs: number;
    readonly byLock: boolean;
  }): Promise<JobRecord[]> {
    return this.dataSource.manager
      .createQueryBuilder(JobRecord, 'job')
      .where(`job.status = 'RUNNING' AND job.kind = ANY (:kinds) AND job.id <> ALL (:running)`, among)
      .andWhere(
        `(job.heartbeat_at < now() - make_interval(secs => :staleMs / 1000.0)
          OR :byLock AND pg_try_advisory_xact_lock(${workerLock('job.worker_id')}))`,
        among,
      )
      .getMany();
  }

  /** Makes a dead worker's job this worker's, to end it. */
  async takeOver(dead: Attempt, workerId: string): Promise<boolean> {
    return this.change(`UPDATE jobs SET worker_id = $4, heartbeat_at = now() WHERE ${OF_ATTEMPT}`, [
      ...key(dead),
      workerId,
    ]);
  }

  /** Jobs that have waited for a while, the oldest first: their message may have been lost with a process that had fetched it. */
  async waiting(kinds: readonly JobKind[]): Promise<{ id: string; kind: JobKind }[]> {
    return this.dataSource.query(
      `SELECT id, kind FROM jobs WHERE status = 'QUEUED' AND kind = ANY ($1) AND created_at < now() - make_interval(secs => ${RESEND_AFTER_SECONDS})
       ORDER BY created_at LIMIT ${RESEND_AT_MOST}`,
      [kinds],
    );
  }

  /** @returns whether it is new that the job is to be cancelled: it is not finished, and nobody had asked before */
  async requestCancel(manager: EntityManager, jobId: string): Promise<boolean> {
    return this.change(
      `UPDATE jobs SET cancel_requested = true WHERE id = $1 AND status IN ('QUEUED', 'RUNNING') AND NOT cancel_requested`,
      [jobId],
      manager,
    );
  }

  private async change(
    sql: string,
    parameters: unknown[],
    manager: EntityManager = this.dataSource.manager,
  ): Promise<boolean> {
    const [, count] = await manager.query<[unknown[], number]>(sql, parameters);
    return count > 0;
  }
}

/** The advisory lock that a worker holds while it lives, as SQL over an expression for its id. */
export const workerLock = (workerId: string): string => `hashtextextended('mooring:worker:' || ${workerId}, 0)`;

const key = ({ jobId, workerId, attempt }: Attempt): [string, string, number] => [jobId, workerId, attempt];
