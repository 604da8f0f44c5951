import { setTimeout as sleep } from 'node:timers/promises';
import type { JobKind, JobRecord } from '../../entities';
import { Cancelled, ShuttingDown } from '../../errors';
import type { Logger } from '../../logger';
import type { JobContext, JobDefinition } from './job-definition';
import type { JobDelivery } from './job-delivery';
import { decideOutcome, type JobFailure, type JobOutcome, type StopReason } from './job-outcome.policy';
import type { Attempt, JobTable } from './job-table';
import { ProgressWriter } from './progress-writer';

/** Pauses between tries to write how an attempt ended, while the database is away. After them the job counts as orphaned and runs again. */
const WRITE_PAUSES_MS = [200, 1000, 5000];

interface Run {
  readonly record: JobRecord;
  readonly definition: JobDefinition;
  readonly by: Attempt;
  readonly controller: AbortController;
  stopReason: StopReason | null;
}

/** Runs claimed jobs in this process and writes how they end. */
export class JobRunner {
  private readonly runs = new Map<string, Run>();
  private readonly ends = new Map<string, Promise<void>>();

  constructor(
    private readonly deps: {
      readonly workerId: string;
      readonly table: JobTable;
      readonly delivery: JobDelivery;
      readonly logger: Logger;
      readonly progressMs: number;
      /** Called when an attempt is over and written. */
      readonly onEnd: (record: JobRecord) => void;
    },
  ) {}

  /** Starts an attempt at a job that this worker has claimed. @returns its end; it does not reject */
  start(record: JobRecord, definition: JobDefinition): Promise<void> {
    const by = { jobId: record.id, workerId: this.deps.workerId, attempt: record.attempt };
    const run: Run = { record, definition, by, controller: new AbortController(), stopReason: null };
    this.runs.set(record.id, run);
    if (record.cancelRequested) this.stop(record.id, 'CANCEL');
    const end = this.work(run).finally(() => {
      this.runs.delete(record.id);
      this.ends.delete(record.id);
      this.deps.onEnd(record);
    });
    this.ends.set(record.id, end);
    return end;
  }

  /** Ends a job without running it: its worker died too often. The worker must have taken it over. */
  async bury(record: JobRecord, definition: JobDefinition, failure: JobFailure): Promise<void> {
    const by = { jobId: record.id, workerId: this.deps.workerId, attempt: record.attempt };
    const run: Run = { record, definition, by, controller: new AbortController(), stopReason: null };
    await this.settle(
      run,
      this.contextOf(run, () => undefined),
      { kind: 'END', status: 'FAILED', failure },
    );
    this.deps.onEnd(record);
  }

  /** Tells a running job to stop; the first reason holds. Does nothing for a job that does not run here. */
  stop(jobId: string, reason: StopReason): void {
    const run = this.runs.get(jobId);
    if (!run || run.stopReason) return;
    run.stopReason = reason;
    run.controller.abort(
      reason === 'CANCEL'
        ? new Cancelled('The job')
        : reason === 'SHUTDOWN'
          ? new ShuttingDown()
          : new Error('Another worker took this job over.'),
    );
  }

  running(kind?: JobKind): Attempt[] {
    return [...this.runs.values()].filter(({ record }) => !kind || record.kind === kind).map(({ by }) => by);
  }

  /** Stops all and waits for them, but not for ever. @returns those that still run */
  async drain(graceMs: number): Promise<string[]> {
    for (const id of this.runs.keys()) this.stop(id, 'SHUTDOWN');
    const timer = new AbortController();
    await Promise.race([
      Promise.all(this.ends.values()),
      sleep(graceMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    return [...this.runs.keys()];
  }

  private async work(run: Run): Promise<void> {
    const { record, definition, by, controller } = run;
    const { table, logger, progressMs } = this.deps;
    const progress = new ProgressWriter((ratio, message) => table.progress(by, ratio, message), progressMs, logger);
    const context = this.contextOf(run, (ratio, message) => progress.report(ratio, message));
    let outcome: JobOutcome | null = null;
    try {
      controller.signal.throwIfAborted();
      await definition.handle(record.input, context);
    } catch (err) {
      outcome = decideOutcome(err, run.stopReason, record.attempt, record.requestId);
      this.log(run, outcome, err);
    }
    await progress.close();
    await this.settle(run, context, outcome);
  }

  /** Does what was decided, with patience for a database that is away. @param outcome null: it succeeded */
  private async settle(run: Run, context: JobContext, outcome: JobOutcome | null): Promise<void> {
    if (outcome?.kind === 'END') await this.tellSubject(run, context, outcome.failure);
    for (let attempt = 0; ; attempt++) {
      try {
        await this.write(run, outcome);
        return;
      } catch (err) {
        const pauseMs = WRITE_PAUSES_MS[attempt];
        this.deps.logger.error({ err, ...named(run) }, 'the end of a job could not be written');
        if (pauseMs === undefined) return;
        await sleep(pauseMs);
      }
    }
  }

  private async tellSubject(run: Run, context: JobContext, failure: JobFailure): Promise<void> {
    try {
      await run.definition.onFailed(run.record.input, failure, context);
    } catch (err) {
      this.deps.logger.error({ err, ...named(run) }, 'the end of a job could not be told to its subject');
    }
  }

  private async write({ record, by }: Run, outcome: JobOutcome | null): Promise<void> {
    const { table, delivery } = this.deps;
    const send = (pauseSeconds: number) => (manager: Parameters<JobDelivery['send']>[0]) =>
      delivery.send(manager, record.kind, record.id, pauseSeconds);
    switch (outcome?.kind) {
      case undefined:
        return table.succeed(by);
      case 'END':
        return table.end(by, outcome.status, outcome.failure);
      case 'RETRY':
        return table.requeue(by, true, send(outcome.pauseSeconds));
      case 'RELEASE':
        return table.requeue(by, false, send(0));
      case 'NONE':
        return;
    }
  }

  private contextOf({ record, by, controller }: Run, progress: JobContext['progress']): JobContext {
    return {
      jobId: record.id,
      attempt: by.attempt,
      actor: { name: record.actor, requestId: record.requestId },
      signal: controller.signal,
      progress,
    };
  }

  private log(run: Run, outcome: JobOutcome, err: unknown): void {
    const { logger } = this.deps;
    if (outcome.kind === 'RETRY') logger.warn({ err, ...named(run) }, 'a job failed; trying again');
    else if (outcome.kind === 'END' && outcome.failure.code === 'INTERNAL_SERVER_ERROR')
      logger.error({ err, ...named(run) }, 'a job failed');
    else logger.info({ reason: String(err), ...named(run) }, 'a job ended early');
  }
}

const named = ({ record, by }: Run) => ({
  jobId: record.id,
  kind: record.kind,
  subject: record.subject,
  attempt: by.attempt,
  requestId: record.requestId,
});
