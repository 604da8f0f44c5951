import type { DataSource, EntityManager } from 'typeorm';
import type { Logger } from '../../../logger';
import { LATENCY_BUCKET_COUNT, latencyBucket } from './latency-buckets.math';

/** What was served, added up over a time and over all replicas. */
export interface ServingFigures {
  /** Rows that have a prediction. */
  readonly predictionCount: number;
  /** Rows that were asked for and have none. */
  readonly errorCount: number;
  /** Requests by the bucket of their latency. */
  readonly latencyCounts: readonly number[];
}

interface Minute {
  readonly modelVersionId: string;
  readonly minute: number;
  predictionCount: number;
  errorCount: number;
  readonly latencyCounts: number[];
}

const FLUSH_MS = 10_000;
const MINUTE_MS = 60_000;
/** Minutes that wait while the database is away: an hour of 100 versions. */
const MAX_WAITING = 6000;

/**
 * Counts what this process serves by version and minute, and adds it to the minutes of all replicas every ten seconds. A process that is killed loses
 * what it has not added yet: the log of predictions is the record, these are figures for alerts.
 */
export class ServingMinutes {
  private waiting = new Map<string, Minute>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly logger: Logger;
      /** For tests. */
      readonly now?: () => Date;
    },
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Adds what is left. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Told by serving of every answered request. */
  predicted({ modelVersionId }: { readonly modelVersionId: string }, seconds: number, rowCount: number): void {
    const minute = this.minuteOf(modelVersionId);
    minute.predictionCount += rowCount;
    minute.latencyCounts[latencyBucket(seconds * 1000)]++;
  }

  /** Told by serving of rows that have no prediction. Those that no version was to answer are nobody's. */
  failed({ modelVersionId }: { readonly modelVersionId: string | null }, rowCount: number): void {
    if (modelVersionId !== null) this.minuteOf(modelVersionId).errorCount += rowCount;
  }

  /** Adds what was counted to the table. What cannot be written waits for the next time. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.write());
    return this.flushing;
  }

  private minuteOf(modelVersionId: string): Minute {
    const now = this.deps.now?.() ?? new Date();
    return this.entry(modelVersionId, Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  }

  private entry(modelVersionId: string, minute: number): Minute {
    const key = `${modelVersionId} ${minute}`;
    const known = this.waiting.get(key);
    if (known) return known;
    const latencyCounts = new Array<number>(LATENCY_BUCKET_COUNT).fill(0);
    const made: Minute = { modelVersionId, minute, predictionCount: 0, errorCount: 0, latencyCounts };
    this.waiting.set(key, made);
    return made;
  }

  private async write(): Promise<void> {
    if (this.waiting.size === 0) return;
    // In one order, so that two replicas that add to the same rows wait for each other and not in a circle.
    const taken = [...this.waiting.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, minute]) => minute);
    this.waiting = new Map();
    const rows = taken.map(({ modelVersionId, minute, predictionCount, errorCount, latencyCounts }) => ({
      model_version_id: modelVersionId,
      minute: new Date(minute),
      prediction_count: predictionCount,
      error_count: errorCount,
      latency_counts: latencyCounts,
    }));
    try {
      await this.deps.dataSource.query(
        `INSERT INTO serving_minutes AS kept
         SELECT (jsonb_populate_record(NULL::serving_minutes, given)).* FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list (given, place) ORDER BY place
         ON CONFLICT (model_version_id, minute) DO UPDATE SET
           prediction_count = kept.prediction_count + excluded.prediction_count, error_count = kept.error_count + excluded.error_count,
           latency_counts = ARRAY(SELECT a + b FROM unnest(kept.latency_counts, excluded.latency_counts) WITH ORDINALITY AS pair (a, b, place) ORDER BY place)`,
        [JSON.stringify(rows)],
      );
    } catch (error) {
      this.deps.logger.warn({ err: error }, 'the minutes of serving could not be written; they are tried again');
      this.putBack(taken);
    }
  }

  private putBack(minutes: readonly Minute[]): void {
    for (const { modelVersionId, minute, predictionCount, errorCount, latencyCounts } of minutes.slice(-MAX_WAITING)) {
      const entry = this.entry(modelVersionId, minute);
      entry.predictionCount += predictionCount;
      entry.errorCount += errorCount;
      latencyCounts.forEach((count, bucket) => (entry.latencyCounts[bucket] += count));
    }
  }
}

/** What a version served in [from, to), by all replicas; from and to on the minute. */
export async function readServing(
  manager: EntityManager,
  modelVersionId: string,
  from: Date,
  to: Date,
): Promise<ServingFigures> {
  const of = [modelVersionId, from, to];
  const minutes = 'FROM serving_minutes WHERE model_version_id = $1 AND minute >= $2 AND minute < $3';
  const [sums] = await manager.query<[{ predictions: string; errors: string }]>(
    `SELECT coalesce(sum(prediction_count), 0) AS predictions, coalesce(sum(error_count), 0) AS errors ${minutes}`,
    of,
  );
  const buckets = await manager.query<{ place: string; count: string }[]>(
    `SELECT place, sum(count) AS count FROM (SELECT latency_counts ${minutes}) AS minute, unnest(latency_counts) WITH ORDINALITY AS bucket (count, place)
     GROUP BY place`,
    of,
  );
  const latencyCounts = new Array<number>(LATENCY_BUCKET_COUNT).fill(0);
  for (const { place, count } of buckets) latencyCounts[Number(place) - 1] = Number(count);
  return { predictionCount: Number(sums.predictions), errorCount: Number(sums.errors), latencyCounts };
}
