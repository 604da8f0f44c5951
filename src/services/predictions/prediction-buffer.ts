import { setTimeout as sleep } from 'node:timers/promises';
import type { Prediction } from '../../entities';
import { Overloaded } from '../../errors';
import type { Logger } from '../../logger';
import { isDataFault, MAX_ROWS_PER_WRITE, takeRequests } from './write-requests';

/** Told how the buffer fares; the server keeps metrics by it. */
export interface PredictionBufferObserver {
  /** How many answered predictions are not in the log yet. */
  predictionsBuffered(rowCount: number): void;
  /** So many answered predictions will never be in the log. */
  predictionsLost(rowCount: number): void;
}

/** How answers may run ahead of the log: at most so many rows are lost by a crash. */
export interface FastMode {
  /** Most rows that are answered and not yet committed; at least what one request may have. */
  readonly bufferRows: number;
  /** Longest time until the write of a row begins, while the database takes writes. */
  readonly flushMs: number;
  readonly logger: Logger;
  readonly observer: PredictionBufferObserver;
}

interface Store {
  write(rows: readonly Prediction[]): Promise<void>;
  /** Those of the rows that are not there. */
  unwritten(rows: readonly Prediction[]): Promise<readonly Prediction[]>;
}

interface Request {
  readonly rows: readonly Prediction[];
}

/** Pauses between attempts while the database is away. */
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;
/** How long a shutdown waits for a database that is away. */
const CLOSING_MS = 5000;

/** The predictions that fast mode has answered and not yet written. */
export class PredictionBuffer {
  private readonly waiting: Request[] = [];
  /** Rows that wait or are being written. */
  private rowCount = 0;
  private timer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> | null = null;
  private closeBy = Infinity;

  constructor(
    private readonly store: Store,
    private readonly mode: FastMode,
  ) {}

  /** @throws Overloaded when the rows would be more than a crash may lose; none is taken then */
  add(rows: readonly Prediction[]): void {
    const { bufferRows, flushMs } = this.mode;
    if (this.rowCount + rows.length > bufferRows) throw new Overloaded(flushMs);
    this.waiting.push({ rows });
    this.count(rows.length);
    if (this.flushing) return;
    if (this.rowCount >= MAX_ROWS_PER_WRITE) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), flushMs);
  }

  /** Writes what waits. A database that stays away for 5 s costs the rows; they are counted and logged. */
  async close(): Promise<void> {
    this.closeBy = Date.now() + CLOSING_MS;
    if (this.waiting.length > 0) this.flush();
    await this.flushing;
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.flushing ??= this.writeWaiting();
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const requests = takeRequests(this.waiting, MAX_ROWS_PER_WRITE);
      await this.writeTogether(requests);
      this.count(-rowCountOf(requests));
    }
    this.flushing = null;
  }

  private async writeTogether(requests: readonly Request[]): Promise<void> {
    let rows: readonly Prediction[] = requests.flatMap((request) => request.rows);
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
      try {
        if (retryMs > FIRST_RETRY_MS) rows = await this.store.unwritten(rows);
        if (rows.length > 0) await this.store.write(rows);
        return;
      } catch (error) {
        // Each request is then written by itself, so that only the one at fault is lost.
        if (isDataFault(error) && requests.length > 1) {
          for (const request of requests) await this.writeTogether([request]);
          return;
        }
        if (isDataFault(error) || Date.now() + retryMs > this.closeBy) {
          this.lose(rows, error);
          return;
        }
        this.mode.logger.warn({ err: error, rowCount: this.rowCount }, 'predictions wait: the log cannot be written');
        await sleep(retryMs);
      }
    }
  }

  private lose(rows: readonly Prediction[], error: unknown): void {
    this.mode.observer.predictionsLost(rows.length);
    this.mode.logger.error(
      { err: error, rowCount: rows.length, firstId: rows[0].id },
      'predictions that were answered are not in the log and are lost',
    );
  }

  private count(change: number): void {
    this.rowCount += change;
    this.mode.observer.predictionsBuffered(this.rowCount);
  }
}

const rowCountOf = (requests: readonly Request[]): number => requests.reduce((sum, { rows }) => sum + rows.length, 0);
