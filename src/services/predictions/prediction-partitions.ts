import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource, QueryFailedError } from 'typeorm';
import type { Logger } from '../../logger';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import type { Actor } from '../identity';

const DAY_MS = 86_400_000;
/** Weeks beyond the present one. Upkeep runs every hour; when it has not for as long as this, the log makes the partition that it needs. */
const WEEKS_AHEAD = 4;
const ATTEMPTS = 5;
const PAUSE_MS = 100;

/** Makes the partitions of these moments, each a week of predictions and outcomes, where they are missing. */
export async function makePartitions(dataSource: DataSource, moments: readonly Date[]): Promise<void> {
  await patiently(() => dataSource.query('SELECT make_prediction_partitions($1::timestamptz[])', [moments]));
}

/** A week that was dropped, as drop_prediction_partition tells of it. */
interface DroppedWeek {
  readonly week_start: Date;
  readonly week_end: Date;
  readonly prediction_count: number;
  readonly outcome_count: number;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly logger: Logger;
  readonly retentionDays: number;
}

/** Keeps the partitions of the prediction log: those of the coming weeks are there, those older than the retention are not. */
export class PredictionRetention {
  constructor(private readonly deps: Dependencies) {}

  /** A week goes when the last of its predictions is older than the retention, so that what is younger is always there. */
  async keepUp(actor: Actor, now = new Date()): Promise<void> {
    const weeks = Array.from({ length: WEEKS_AHEAD + 1 }, (_, week) => new Date(now.getTime() + week * 7 * DAY_MS));
    await makePartitions(this.deps.dataSource, weeks);
    while (await patiently(() => this.dropOldest(keptSince(this.deps.retentionDays, now), actor)));
  }

  /** One week per transaction: the lock on the whole log is held for moments. */
  private dropOldest(before: Date, actor: Actor): Promise<boolean> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const [dropped] = await manager.query<DroppedWeek[]>('SELECT * FROM drop_prediction_partition($1)', [before]);
      if (!dropped) return false;
      const details = {
        from: dropped.week_start.toISOString(),
        to: dropped.week_end.toISOString(),
        predictionCount: dropped.prediction_count,
        outcomeCount: dropped.outcome_count,
      };
      await this.deps.audit.append(manager, {
        modelId: null,
        actor,
        action: 'prediction.expire',
        subject: `PredictionPartition:${details.from.slice(0, 10)}`,
        details,
      });
      this.deps.logger.info(details, 'predictions and outcomes older than the retention were dropped');
      return true;
    });
  }
}

/** The moment since which every prediction is kept. */
export const keptSince = (retentionDays: number, now: Date): Date => new Date(now.getTime() - retentionDays * DAY_MS);

/** Partitions need a moment without a long transaction on their tables: the functions give up after 5 s, lest others wait behind them. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isLockTimeout(error)) throw error;
      await sleep(PAUSE_MS * attempt);
    }
  }
}

const isLockTimeout = (error: unknown): boolean =>
  error instanceof QueryFailedError && (error.driverError as { code?: string }).code === '55P03';
