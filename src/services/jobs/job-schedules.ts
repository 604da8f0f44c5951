import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import {
  type ActorRef,
  type JobKind,
  type JobRecord,
  Schedule,
  type ScheduleDecision,
  ScheduleRun,
} from '../../entities';
import { DomainError } from '../../errors';
import type { Logger } from '../../logger';
import { firstPages, inTransaction, type KeysetOrder, type ListArgs, listPage, type Page, WakeUp } from '../database';
import { nextRun } from './schedule.policy';

/**
 * Makes the job of a schedule in the given transaction, or says why there is nothing to do. It is not tried again where it throws a DomainError: the
 * history says why.
 */
type StartJob = (
  manager: EntityManager,
  subject: string,
  actor: ActorRef,
) => Promise<Pick<JobRecord, 'id'> | { readonly skipped: string }>;

/** What a schedule is of; there is at most one of each. */
export interface ScheduleKey {
  readonly kind: JobKind;
  /** In the style of global ids: 'Dataset:<uuid>'. */
  readonly subject: string;
}

export interface ScheduleRecord extends Schedule {
  readonly lastRun: ScheduleRun | null;
}

interface Decision {
  readonly decision: ScheduleDecision;
  readonly reason: string;
  readonly jobId: string | null;
}

/** Runs that are kept of one schedule. */
const KEPT_RUNS = 100;
const POLL_MS = 5000;
const LAST_DUE_FIRST: KeysetOrder = { by: ['dueAt', 'id'], direction: 'DESC' };
const ACTOR_NAME = 'system:schedule';

/**
 * Jobs that are made by the clock. A schedule is a row that says when it is due next; whoever finds it due makes the job and moves the row on in one
 * transaction, under the row's lock, so that of many replicas one does. What was missed is made up for once. Nothing is made while the former job of
 * the schedule waits or runs.
 */
export class JobSchedules {
  private readonly starts = new Map<JobKind, StartJob>();
  private readonly wakeUp = new WakeUp();
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();
  private readonly now: () => Date;

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly logger: Logger;
      /** For tests. */
      readonly now?: () => Date;
      readonly pollMs?: number;
    },
  ) {
    this.now = deps.now ?? (() => new Date());
  }

  /** Says how the jobs of schedules of a kind are made; before start. */
  define(kind: JobKind, start: StartJob): void {
    this.starts.set(kind, start);
  }

  /** Looks for schedules that are due, now and every few seconds. The job queue must have been started. */
  start(): void {
    this.looking = this.look();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp.ring();
    await this.looking;
  }

  /**
   * Sets a schedule in the caller's transaction. Where it is the same already, its next time stays.
   * @param cron see checkedCron, which must have let it pass; null for none
   */
  async set(manager: EntityManager, key: ScheduleKey, cron: string | null): Promise<void> {
    if (cron === null) {
      await manager.delete(Schedule, key);
      return;
    }
    await manager.query(
      `INSERT INTO schedules AS stored (kind, subject, cron, next_run_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (kind, subject) DO UPDATE SET cron = excluded.cron, next_run_at = excluded.next_run_at WHERE stored.cron <> excluded.cron`,
      [key.kind, key.subject, cron, nextRun(cron, this.now())],
    );
  }

  /** Schedules of a kind with their last run, in any order, without those that do not exist. */
  async find(
    kind: JobKind,
    subjects: readonly string[],
    manager: EntityManager = this.deps.dataSource.manager,
  ): Promise<ScheduleRecord[]> {
    const schedules = await manager
      .createQueryBuilder(Schedule, 'schedule')
      .where('schedule.kind = :kind AND schedule.subject = ANY(:subjects)', { kind, subjects })
      .getMany();
    const last = await manager
      .createQueryBuilder(ScheduleRun, 'run')
      .distinctOn(['run.scheduleId'])
      .where('run.scheduleId = ANY(:ids)', { ids: schedules.map(({ id }) => id) })
      .orderBy('run.scheduleId')
      .addOrderBy('run.dueAt', 'DESC')
      .getMany();
    const byId = new Map(last.map((run) => [run.scheduleId, run]));
    return schedules.map((schedule) => ({ ...schedule, lastRun: byId.get(schedule.id) ?? null }));
  }

  /** What a schedule did, newest first; the last hundred are kept. */
  runs(scheduleId: string, args: ListArgs): Promise<Page<ScheduleRun>> {
    return listPage(this.runRows().where('run.scheduleId = :scheduleId', { scheduleId }), args, LAST_DUE_FIRST);
  }

  /** The first pages of what schedules did, in the order of the ids. */
  firstRuns(scheduleIds: readonly string[], first: number): Promise<Page<ScheduleRun>[]> {
    return firstPages(this.runRows(), { of: 'scheduleId', ids: scheduleIds }, first, LAST_DUE_FIRST);
  }

  private runRows() {
    return this.deps.dataSource.manager.createQueryBuilder(ScheduleRun, 'run');
  }

  /**
   * Makes the jobs of all schedules that are due. A fault leaves its schedule due, for the next look, and keeps no other one from its time.
   * @returns how many schedules were decided upon here
   */
  async fireDue(): Promise<number> {
    const faulty: string[] = [];
    for (let count = 0; ; count++) {
      if (!(await this.fireNext(faulty))) return count - faulty.length;
    }
  }

  private async look(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.fireDue();
      } catch (err) {
        this.deps.logger.warn({ err }, 'the schedules could not be looked at; trying again');
      }
      if (!this.stopping.signal.aborted) await this.wakeUp.wait(this.deps.pollMs ?? POLL_MS);
    }
  }

  /** @returns whether one was due */
  private async fireNext(faulty: string[]): Promise<boolean> {
    let found: Schedule | null = null;
    try {
      await inTransaction(this.deps.dataSource, async (manager) => {
        const now = this.now();
        found = await this.claim(manager, now, faulty);
        if (found) await this.fire(manager, found, now);
      });
    } catch (err) {
      // Set in the transaction's work, which the compiler does not see.
      const schedule = found as Schedule | null;
      if (!schedule) throw err;
      this.deps.logger.error({ err, ...schedule }, 'a schedule could not make its job; it stays due');
      faulty.push(schedule.id);
    }
    return found !== null;
  }

  /** A schedule that is due, locked for the rest of the transaction; what another replica has locked is that one's. */
  private claim(manager: EntityManager, now: Date, faulty: readonly string[]): Promise<Schedule | null> {
    return manager
      .createQueryBuilder(Schedule, 'schedule')
      .where('schedule.nextRunAt <= :now AND schedule.kind = ANY(:kinds) AND schedule.id <> ALL(:faulty)', {
        now,
        kinds: [...this.starts.keys()],
        faulty,
      })
      .orderBy('schedule.nextRunAt')
      .limit(1)
      .setLock('pessimistic_write')
      .setOnLocked('skip_locked')
      .getOne();
  }

  private async fire(manager: EntityManager, schedule: Schedule, now: Date): Promise<void> {
    const { id: scheduleId, nextRunAt: dueAt, cron } = schedule;
    const decided = await this.decide(manager, schedule);
    await manager.insert(ScheduleRun, { scheduleId, dueAt, ...decided });
    // From now on: times that were missed are not made up for one by one.
    await manager.update(Schedule, { id: scheduleId }, { nextRunAt: nextRun(cron, now) });
    await manager.query(
      `DELETE FROM schedule_runs WHERE schedule_id = $1 AND due_at <
         (SELECT due_at FROM schedule_runs WHERE schedule_id = $1 ORDER BY due_at DESC OFFSET ${KEPT_RUNS - 1} LIMIT 1)`,
      [scheduleId],
    );
  }

  private async decide(manager: EntityManager, { id, kind, subject }: Schedule): Promise<Decision> {
    const [former] = await manager.query<{ id: string; status: string }[]>(
      `SELECT job.id, job.status FROM schedule_runs run JOIN jobs job ON job.id = run.job_id
       WHERE run.schedule_id = $1 ORDER BY run.due_at DESC LIMIT 1`,
      [id],
    );
    if (former?.status === 'QUEUED' || former?.status === 'RUNNING') {
      const reason = `The job before this one is still ${former.status}.`;
      return { decision: 'SKIPPED', reason, jobId: null };
    }
    const start = this.starts.get(kind);
    if (!start) throw new Error(`Nothing is defined for schedules of kind ${kind}.`);
    await manager.query('SAVEPOINT scheduled_job');
    try {
      const job = await start(manager, subject, { name: ACTOR_NAME, requestId: randomUUID() });
      if ('skipped' in job) return { decision: 'SKIPPED', reason: job.skipped, jobId: null };
      return { decision: 'STARTED', reason: '', jobId: job.id };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await manager.query('ROLLBACK TO SAVEPOINT scheduled_job');
      return { decision: 'FAILED', reason: error.message, jobId: null };
    }
  }
}
