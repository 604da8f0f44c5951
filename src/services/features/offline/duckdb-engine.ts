import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { Cancelled, DomainError, ShuttingDown } from '../../../errors';
import { workerFile } from '../../../worker-file';
import type { DuckDbOptions, EngineRequest, EngineResponse, Lane, Operation, Operations } from './duckdb-protocol';

export interface CallOptions {
  readonly lane?: Lane;
  /** Aborting it interrupts the query. */
  readonly signal?: AbortSignal;
  /** Buffers in the request that the worker takes over. */
  readonly transfer?: ArrayBuffer[];
}

interface Pending {
  readonly resolve: (response: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The worker gives its memory back when nothing asked for it this long: after a dataset of 160,000 rows that is 130 MB. Long enough for the idle
 * collector to come first: as its database closes, DuckDB has the allocator return what is free in the whole process, 75 MB of it V8's former buffers.
 */
const IDLE_MS = 30_000;
const GIBIBYTE = 2 ** 30;

export const defaultDuckDbOptions = (): DuckDbOptions => ({
  // Of the 1 to 2 GB that DuckDB wants for a join of 10 million rows, a server takes no more than a quarter of the machine.
  memoryLimitBytes: Math.max(GIBIBYTE / 2, Math.min(4 * GIBIBYTE, availableMemory() / 4)),
  // One processor stays with the event loop.
  threads: Math.max(1, os.availableParallelism() - 1),
  temporaryDirectory: path.join(os.tmpdir(), `mooring-duckdb-${randomUUID()}`),
});

/** DuckDB, in a worker thread that starts with the first call and ends when it has been idle for a while. */
export class DuckDbEngine {
  private worker: Worker | null = null;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private holders = 0;
  private idleTimer: NodeJS.Timeout | null = null;
  private readonly options: DuckDbOptions;

  constructor(
    options: Partial<DuckDbOptions> = {},
    private readonly idleMs = IDLE_MS,
  ) {
    this.options = { ...defaultDuckDbOptions(), ...options };
  }

  /**
   * @throws what the signal was aborted for (Cancelled where it does not say), ShuttingDown when the engine is closed, Error with DuckDB's message
   *   when the query fails
   */
  async call<O extends Operation>(
    operation: O,
    request: Operations[O]['request'],
    { lane = 'long', signal, transfer = [] }: CallOptions = {},
  ): Promise<Operations[O]['response']> {
    if (signal?.aborted) throw reasonOf(signal);
    return this.holding(async () => {
      const worker = this.running();
      const id = ++this.lastId;
      const cancel = () => this.send(worker, { operation: 'cancel', id });
      try {
        return await new Promise<Operations[O]['response']>((resolve, reject) => {
          this.pending.set(id, { resolve, reject });
          signal?.addEventListener('abort', cancel, { once: true });
          this.send(worker, { id, lane, operation, request } as EngineRequest, transfer);
        });
      } catch (error) {
        throw signal?.aborted && error instanceof ShuttingDown ? reasonOf(signal) : error;
      } finally {
        this.pending.delete(id);
        signal?.removeEventListener('abort', cancel);
      }
    });
  }

  /** Does work that keeps tables between its calls: meanwhile the worker does not end for idleness. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    if (this.idleTimer) clearTimeout(this.idleTimer);
    this.holders++;
    try {
      return await work();
    } finally {
      if (--this.holders === 0) this.rest();
    }
  }

  /** Ends the worker; what is under way fails. A later call starts another one. */
  async close(): Promise<void> {
    if (this.idleTimer) clearTimeout(this.idleTimer);
    const { worker } = this;
    if (!worker) return;
    this.worker = null;
    worker.ref();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.send(worker, { operation: 'close' });
    await ended;
    await rm(this.options.temporaryDirectory, { recursive: true, force: true });
  }

  private running(): Worker {
    if (this.worker) {
      this.worker.ref();
      return this.worker;
    }
    const worker = new Worker(workerFile(__dirname, 'duckdb.worker'), { workerData: this.options });
    this.worker = worker;
    worker.on('message', (message: EngineResponse) => this.settle(message));
    worker.on('error', (error) => this.lose(worker, error));
    worker.on('exit', () => this.lose(worker, new Error('The DuckDB thread ended')));
    return worker;
  }

  private send(worker: Worker, message: EngineRequest, transfer: ArrayBuffer[] = []): void {
    worker.postMessage(message, transfer);
  }

  private settle(message: EngineResponse): void {
    const waiting = this.pending.get(message.id);
    if (!waiting) return;
    if ('response' in message) waiting.resolve(message.response as never);
    else waiting.reject(message.cancelled ? new ShuttingDown() : new Error(message.error));
  }

  private lose(worker: Worker, error: Error): void {
    if (this.worker === worker) this.worker = null;
    else if (this.worker) return;
    for (const { reject } of this.pending.values()) reject(error);
  }

  /** Neither an idle worker nor its timer keeps the process from ending. */
  private rest(): void {
    this.worker?.unref();
    this.idleTimer = setTimeout(() => void this.close(), this.idleMs).unref();
  }
}

/** Jobs abort for being cancelled or because the server stops, and the difference decides whether they are run again. */
const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof DomainError ? reason : new Cancelled('The query');

/** What this process may use: the container's limit where there is one. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}
