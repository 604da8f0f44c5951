/**
 * The one thread in which DuckDB lives: results are read here, so that no query holds the server's event loop (reading a million rows on the main
 * thread held it 1.2 s).
 */
import { closeSync, fsyncSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { Column } from '../../../columns';
import { countBins } from '../../statistics';
import { isListDtype } from '../rows/feature-value';
import type { StoredColumn } from '../rows/row-slice';
import { ColumnDigest } from './column-digest';
import { appendOnDemandFeatures } from './append-on-demand-features';
import { readSlices, toPlainValue } from './column-reader';
import {
  ColumnCollector,
  describeAs,
  describedKind,
  describeLists,
  type ListCounts,
  listCountsSql,
} from './column-statistics';
import {
  type DuckDbOptions,
  type EngineRequest,
  type EngineResponse,
  type Lane,
  type Operation,
  type Operations,
  LANES,
  type SqlRow,
} from './duckdb-protocol';
import { appendRows } from './table-writer';

type Handlers = {
  [O in Operation]: (
    connection: DuckDBConnection,
    request: Operations[O]['request'],
  ) => Promise<Operations[O]['response']>;
};

const HANDLERS: Handlers = {
  async append(connection, { table, columns, slice, firstRow }) {
    await appendRows(connection, table, columns, slice, firstRow);
    return null;
  },

  async evaluate(connection, { sql, inputs, features, table }) {
    await appendOnDemandFeatures(connection, sql, inputs, features, table);
    return null;
  },

  async run(connection, { statements }) {
    for (const statement of statements) await connection.run(statement);
    return null;
  },

  async rows(connection, { sql }) {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjects().map(toPlainRow);
  },

  async publish(_connection, { from, to }) {
    syncToDisk(from);
    renameSync(from, to);
    // The rename itself must survive a power cut too, before a row in the database says that the file is there.
    syncToDisk(path.dirname(to));
    return { sizeBytes: statSync(to).size };
  },

  async describe(connection, { sql, column }) {
    const { name, dtype } = column;
    if (isListDtype(dtype)) {
      const [counts] = (await connection.runAndReadAll(listCountsSql(sql, name))).getRowObjects();
      return describeLists(name, dtype, counts as unknown as ListCounts);
    }
    return describeAs(dtype, await readColumn(connection, sql, column));
  },

  async countBins(connection, { sql, column, spec }) {
    return countBins(spec, await readColumn(connection, sql, column));
  },

  async digest(connection, { sql, columns }) {
    const digests = columns.map(() => new ColumnDigest());
    await readSlices(connection, sql, columns, (slices) => {
      slices.forEach((slice, index) => digests[index].update(slice));
    });
    return digests.map((digest) => digest.hex());
  },
};

async function readColumn(connection: DuckDBConnection, sql: string, column: StoredColumn): Promise<Column> {
  const collector = new ColumnCollector(column.name, describedKind(column.dtype));
  await readSlices(connection, sql, [column], ([slice]) => collector.add(slice));
  return collector.column();
}

function syncToDisk(target: string): void {
  const descriptor = openSync(target, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const toPlainRow = (row: Record<string, DuckDBValue>): SqlRow =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toPlainValue(value)]));

type Work = Exclude<EngineRequest, { operation: 'cancel' | 'close' }>;

/** Work in the order of its coming, one at a time on a connection of its own. */
class LaneRunner {
  private queue: Work[] = [];
  private running: Work | null = null;
  private drained = Promise.resolve();
  private connection: DuckDBConnection | null = null;
  private interrupting: NodeJS.Timeout | null = null;

  constructor(
    private readonly instance: Promise<DuckDBInstance>,
    private readonly answer: (response: EngineResponse) => void,
  ) {}

  add(work: Work): void {
    this.queue.push(work);
    if (!this.running) this.drained = this.drain();
  }

  /** Takes waiting work off the queue, interrupts running work; what is done already stays done. */
  cancel(id: number): void {
    if (this.running?.id === id) {
      this.interrupt();
    } else if (this.queue.some((work) => work.id === id)) {
      this.queue = this.queue.filter((work) => work.id !== id);
      this.answer({ id, error: 'cancelled', cancelled: true });
    }
  }

  /** A connection must not be closed under a query: that never returns. */
  async close(): Promise<void> {
    for (const { id } of this.queue.splice(0)) this.answer({ id, error: 'closed', cancelled: true });
    if (this.running) this.interrupt();
    await this.drained;
    this.connection?.closeSync();
  }

  private interrupt(): void {
    // Again and again, because an interrupt that falls between two statements has no effect.
    this.interrupting ??= setInterval(() => this.connection?.interrupt(), 20);
  }

  private async drain(): Promise<void> {
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      this.running = next;
      try {
        this.connection ??= await (await this.instance).connect();
        const handle = HANDLERS[next.operation];
        this.answer({ id: next.id, response: await handle(this.connection, next.request as never) });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.answer({ id: next.id, error: message, cancelled: this.interrupting !== null });
      }
      if (this.interrupting) clearInterval(this.interrupting);
      this.interrupting = null;
      this.running = null;
    }
  }
}

function start(options: DuckDbOptions): void {
  const port = parentPort;
  if (!port) throw new Error('This module is a worker thread');
  const instance = DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor(options.memoryLimitBytes / 2 ** 20)}MiB`,
    threads: String(options.threads),
    temp_directory: options.temporaryDirectory,
    // Nothing is fetched and nothing but our own files is read.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const lanes = Object.fromEntries(
    LANES.map((lane) => [lane, new LaneRunner(instance, (response) => port.postMessage(response))]),
  ) as Record<Lane, LaneRunner>;

  port.on('message', (message: EngineRequest) => {
    if (message.operation === 'close') {
      void Promise.all(LANES.map((lane) => lanes[lane].close()))
        .then(() => instance)
        .then((open) => open.closeSync())
        .finally(() => port.close());
    } else if (message.operation === 'cancel') {
      for (const lane of LANES) lanes[lane].cancel(message.id);
    } else {
      lanes[message.lane].add(message);
    }
  });
}

start(workerData as DuckDbOptions);
