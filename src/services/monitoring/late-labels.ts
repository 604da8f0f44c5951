import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { Logger } from '../../logger';
import { inTransaction, WakeUp } from '../database';
import { systemActor } from '../identity';
import type { JobQueue } from '../jobs';
import { outcomesRecorded, type OutcomeSpan } from '../predictions';

interface Dependencies {
  readonly dataSource: DataSource;
  readonly logger: Logger;
  readonly jobs: JobQueue;
  /** How long outcomes are gathered before a report is looked at again; 30 unless told. */
  readonly debounceSeconds?: number;
  /** How long a transaction that records outcomes may take; 10 unless told. What began within it is looked at later. */
  readonly settleSeconds?: number;
}

const LOOK_EVERY_MS = 15_000;
/** Reports whose window ended longer ago are left as they are. */
const HORIZON_DAYS = 30;

/**
 * Looks for outcomes that came after the report on their predictions, by the time of their recording, and has such reports looked at again: one job
 * a report, however many outcomes come until it begins. How far it looked is kept in the database, and of several replicas one looks at a time.
 */
export class LateLabels {
  private readonly wakeUp = new WakeUp();
  private stopping = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly deps: Dependencies) {}

  /** Looks now and every few seconds. The job queue must have been started. */
  start(): void {
    this.looking = this.keepLooking();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp.ring();
    await this.looking;
  }

  /** @returns how many reports are to be looked at again */
  async look(): Promise<number> {
    const { dataSource, settleSeconds = 10 } = this.deps;
    return inTransaction(dataSource, async (manager) => {
      const [watermark] = await manager.query<{ after: Date; until: Date }[]>(
        `SELECT recorded_at AS after, greatest(recorded_at, now() - make_interval(secs => $1)) AS until FROM late_label_watermark
         FOR UPDATE SKIP LOCKED`,
        [settleSeconds],
      );
      if (!watermark) return 0;
      const spans = await outcomesRecorded(manager, watermark.after, watermark.until);
      let count = 0;
      for (const span of spans) count += await this.haveRevised(manager, span);
      await manager.query('UPDATE late_label_watermark SET recorded_at = $1', [watermark.until]);
      return count;
    });
  }

  private async haveRevised(manager: EntityManager, span: OutcomeSpan): Promise<number> {
    const { settleSeconds = 10, debounceSeconds = 30, jobs } = this.deps;
    // One that is being computed may have read its window already.
    const reports = await manager.query<{ id: string }[]>(
      `SELECT id FROM drift_reports
       WHERE model_version_id = $1 AND status <> 'FAILED' AND window_end > $2 AND window_start <= $3 AND window_end > now() - interval '${HORIZON_DAYS} days'
         AND recompute_job_id IS NULL AND coalesce(labels_read_at, created_at) - make_interval(secs => $5) < $4
       FOR UPDATE`,
      [span.modelVersionId, span.firstPredictedAt, span.lastPredictedAt, span.lastRecordedAt, settleSeconds],
    );
    const actor = systemActor('system:late-labels', randomUUID());
    for (const { id } of reports) {
      const job = await jobs.enqueue(manager, {
        kind: 'DRIFT_REPORT',
        subject: `DriftReport:${id}`,
        input: { driftReportId: id, lateLabels: true },
        actor,
        pauseSeconds: debounceSeconds,
      });
      await manager.query('UPDATE drift_reports SET recompute_job_id = $2 WHERE id = $1', [id, job.id]);
    }
    return reports.length;
  }

  private async keepLooking(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.look();
      } catch (err) {
        this.deps.logger.warn({ err }, 'late outcomes could not be looked for; trying again');
      }
      if (!this.stopping) await this.wakeUp.wait(LOOK_EVERY_MS);
    }
  }
}
