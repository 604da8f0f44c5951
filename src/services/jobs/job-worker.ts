import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { JobKind, JobRecord } from '../../entities';
import type { Logger } from '../../logger';
import { WakeUp, keepSession } from '../database';
import type { JobDefinition } from './job-definition';
import type { JobDelivery } from './job-delivery';
import { decideOrphan } from './job-outcome.policy';
import { JobRunner } from './job-runner';
import { type JobTable, workerLock } from './job-table';

export interface WorkerTiming {
  /** How soon a job that another replica enqueued is noticed; one's own are at once. */
  readonly pollMs: number;
  /** How soon a cancellation on another replica is noticed. */
  readonly heartbeatMs: number;
  /** A worker that is silent for so long is taken for dead. */
  readonly staleMs: number;
  readonly sweepMs: number;
  /** Between two writes of one job's progress. */
  readonly progressMs: number;
}

/** One process at work: it fetches messages, claims their jobs, shows that it lives, and brings back the jobs of workers that do not. */
export class JobWorker {
  private readonly workerId = randomUUID();
  private readonly runner: JobRunner;
  private readonly stopping = new AbortController();
  private readonly leaving = new AbortController();
  private readonly queueWakeUps = new Map<JobKind, WakeUp>();
  private readonly sweepWakeUp = new WakeUp();
  private readonly heartWakeUp = new WakeUp();
  private loops: Promise<void>[] = [];
  private heart: Promise<void> = Promise.resolve();
  private session: Promise<void> = Promise.resolve();
  private started = false;

  constructor(
    private readonly deps: {
      readonly databaseUrl: string;
      readonly logger: Logger;
      readonly table: JobTable;
      readonly delivery: JobDelivery;
      readonly definitions: ReadonlyMap<JobKind, JobDefinition>;
      readonly timing: WorkerTiming;
      readonly onEnd: (jobId: string) => void;
    },
  ) {
    const { logger, table, delivery, timing, onEnd } = deps;
    this.runner = new JobRunner({
      workerId: this.workerId,
      table,
      delivery,
      logger,
      progressMs: timing.progressMs,
      onEnd: ({ id, kind }) => {
        this.queueWakeUps.get(kind)?.ring();
        onEnd(id);
      },
    });
  }

  async start(): Promise<void> {
    const { databaseUrl, logger, definitions, timing } = this.deps;
    await new Promise<void>((resolve) => {
      const options = { databaseUrl, name: 'mooring worker', logger, signal: this.leaving.signal };
      this.session = keepSession(options, (client) => this.holdLock(client, resolve));
    });
    // Whoever holds no lock is dead: after a kill -9 its jobs go on at once, without waiting for their heartbeats to grow old.
    await this.sweep(true);
    const { signal } = this.stopping;
    this.heart = this.loop(this.heartWakeUp, timing.heartbeatMs, this.leaving.signal, () => this.beat());
    this.loops = [
      this.loop(this.sweepWakeUp, timing.sweepMs, signal, () => this.sweep(false)),
      ...[...definitions.values()].map((definition) => {
        const wakeUp = new WakeUp();
        this.queueWakeUps.set(definition.kind, wakeUp);
        return this.loop(wakeUp, timing.pollMs, signal, () => this.fetch(definition));
      }),
    ];
    this.started = true;
  }

  /** Takes no more jobs, gives those that run the grace to end, and leaves the rest to the next start. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    for (const wakeUp of [this.sweepWakeUp, ...this.queueWakeUps.values()]) wakeUp.ring();
    await Promise.all(this.loops);
    const left = await this.runner.drain(graceMs);
    if (left.length > 0) {
      this.deps.logger.warn({ jobIds: left }, 'jobs still run at shutdown; they go on after the next start');
      await this.deps.table.leaveBehind(this.workerId, left);
    }
    this.leaving.abort();
    this.heartWakeUp.ring();
    await Promise.all([this.heart, this.session]);
  }

  /** Looks for jobs now. */
  wake(): void {
    for (const wakeUp of this.queueWakeUps.values()) wakeUp.ring();
  }

  /** Ends a job that is to be cancelled: it is told to stop if it runs here, and claimed for that if it waits. */
  async cancel({ id, kind }: JobRecord): Promise<void> {
    this.runner.stop(id, 'CANCEL');
    const definition = this.deps.definitions.get(kind);
    const claimed = this.started && definition && (await this.deps.table.claim(id, this.workerId));
    if (claimed) await this.runner.start(claimed, definition);
  }

  /** The lock tells other workers that this one lives. */
  private async holdLock(client: Client, onHeld: () => void): Promise<void> {
    await client.query(`SELECT pg_advisory_lock(${workerLock('$1')})`, [this.workerId]);
    onHeld();
    const { signal } = this.leaving;
    await new Promise<void>((resolve) => {
      // It may have been told to leave while it waited for the lock, and that event does not come again.
      if (signal.aborted) resolve();
      client.once('end', resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (!signal.aborted) throw new Error('The connection that holds the lock of this worker was lost.');
  }

  /** Does the work again and again until the signal, at once while it says that there is more. */
  private async loop(
    wakeUp: WakeUp,
    periodMs: number,
    signal: AbortSignal,
    work: () => Promise<unknown>,
  ): Promise<void> {
    while (!signal.aborted) {
      let more: unknown = false;
      try {
        more = await work();
      } catch (err) {
        this.deps.logger.warn({ err }, 'the job queue could not reach the database; trying again');
      }
      if (more !== true && !signal.aborted) await wakeUp.wait(periodMs);
    }
  }

  /** @returns whether there may be more to fetch */
  private async fetch(definition: JobDefinition): Promise<boolean> {
    const { table, delivery } = this.deps;
    const { kind, concurrency } = definition;
    const free = concurrency - this.runner.running(kind).length;
    if (free <= 0) return false;
    const messages = await delivery.fetch(kind, free);
    for (const { id, jobId } of messages) {
      const claimed = await table.claim(jobId, this.workerId);
      if (claimed) void this.runner.start(claimed, definition);
      await delivery.acknowledge(kind, id);
    }
    return messages.length === free;
  }

  private async beat(): Promise<void> {
    const running = this.runner.running();
    if (running.length === 0) return;
    const ours = await this.deps.table.beat(
      this.workerId,
      running.map(({ jobId }) => jobId),
    );
    for (const { jobId, attempt } of running) {
      const row = ours.find((one) => one.id === jobId && one.attempt === attempt);
      if (!row) this.runner.stop(jobId, 'LOST');
      else if (row.cancelRequested) this.runner.stop(jobId, 'CANCEL');
    }
  }

  /** Brings back the jobs of dead workers, and sends messages that got lost. */
  private async sweep(byLock: boolean): Promise<void> {
    const { table, delivery, definitions, timing } = this.deps;
    const kinds = [...definitions.keys()];
    const running = this.runner.running().map(({ jobId }) => jobId);
    for (const record of await table.orphans({ kinds, running, staleMs: timing.staleMs, byLock })) {
      await this.recover(record);
    }
    await delivery.resend(await table.waiting(kinds));
  }

  private async recover(record: JobRecord): Promise<void> {
    const { table, delivery, logger, definitions } = this.deps;
    const { id, kind, attempt, workerId, requestId } = record;
    const dead = { jobId: id, workerId: workerId ?? '', attempt };
    const outcome = decideOrphan(attempt);
    logger.warn({ jobId: id, kind, attempt, requestId, outcome: outcome.kind }, 'the worker of a job is gone');
    if (outcome.kind === 'RETRY') {
      await table.requeue(dead, true, (manager) => delivery.send(manager, kind, id));
    } else {
      const definition = definitions.get(kind);
      if (definition && (await table.takeOver(dead, this.workerId)))
        await this.runner.bury(record, definition, outcome.failure);
    }
  }
}
