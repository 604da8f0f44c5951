import type { JobRecord, JobStatus } from '../../entities';
import { NotFound, ShuttingDown } from '../../errors';
import type { Logger } from '../../logger';

const FINISHED: readonly JobStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

/** Follows jobs for listeners by one query a period for all of them, wherever the jobs run. */
export class JobWatch {
  private readonly watchers = new Set<JobWatcher>();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly find: (ids: readonly string[]) => Promise<JobRecord[]>,
    private readonly periodMs: number,
    private readonly logger: Logger,
  ) {}

  /** The job as it is, then whenever it has changed, at most once a period; ends after the finished job. @throws NotFound | ShuttingDown while iterating */
  watch(jobId: string): AsyncIterableIterator<JobRecord> {
    if (this.stopped) throw new ShuttingDown();
    const watcher = new JobWatcher(jobId, () => {
      this.watchers.delete(watcher);
      if (this.watchers.size > 0 || !this.timer) return;
      clearInterval(this.timer);
      this.timer = null;
    });
    this.watchers.add(watcher);
    this.timer ??= setInterval(() => void this.look([...this.watchers]), this.periodMs);
    void this.look([watcher]);
    return watcher;
  }

  /** Looks at a job now: it has just ended here. */
  poke(jobId: string): void {
    void this.look([...this.watchers].filter((watcher) => watcher.jobId === jobId));
  }

  stop(): void {
    this.stopped = true;
    for (const watcher of this.watchers) watcher.fail(new ShuttingDown());
  }

  private async look(watchers: readonly JobWatcher[]): Promise<void> {
    if (watchers.length === 0) return;
    try {
      const records = await this.find([...new Set(watchers.map(({ jobId }) => jobId))]);
      const byId = new Map(records.map((record) => [record.id, record]));
      for (const watcher of watchers) {
        const record = byId.get(watcher.jobId);
        if (record) watcher.offer(record);
        else watcher.fail(new NotFound('job', watcher.jobId));
      }
    } catch (err) {
      this.logger.warn({ err }, 'jobs could not be looked at; trying again');
    }
  }
}

interface Taker {
  resolve(result: IteratorResult<JobRecord, undefined>): void;
  reject(error: unknown): void;
}

/** One listener. It keeps only the latest state that was not taken yet, so a slow reader costs nothing. */
class JobWatcher implements AsyncIterableIterator<JobRecord> {
  private latest: JobRecord | null = null;
  private seen = '';
  private error: Error | null = null;
  private ended = false;
  private readonly takers: Taker[] = [];

  constructor(
    readonly jobId: string,
    private readonly onEnd: () => void,
  ) {}

  offer(record: JobRecord): void {
    const { status, attempt, progressRatio, progressMessage, cancelRequested } = record;
    const state = JSON.stringify([status, attempt, progressRatio, progressMessage, cancelRequested]);
    if (this.ended || state === this.seen) return;
    this.seen = state;
    const taker = this.takers.shift();
    if (taker) taker.resolve({ value: record, done: false });
    else this.latest = record;
    if (FINISHED.includes(status)) this.end();
  }

  fail(error: Error): void {
    if (this.ended) return;
    const taker = this.takers.shift();
    if (taker) taker.reject(error);
    else this.error = error;
    this.end();
  }

  async next(): Promise<IteratorResult<JobRecord, undefined>> {
    const { latest, error } = this;
    this.latest = null;
    if (latest) return { value: latest, done: false };
    this.error = null;
    if (error) throw error;
    if (this.ended) return { value: undefined, done: true };
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<JobRecord, undefined>> {
    this.latest = null;
    this.error = null;
    this.end();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<JobRecord, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const taker of this.takers.splice(0)) taker.resolve({ value: undefined, done: true });
    this.onEnd();
  }
}
