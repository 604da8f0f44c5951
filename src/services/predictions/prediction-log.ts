import type { DataSource } from 'typeorm';
import { Prediction } from '../../entities';
import { ShuttingDown } from '../../errors';
import { type FastMode, PredictionBuffer } from './prediction-buffer';
import { makePartitions } from './prediction-partitions';
import type { PredictionProfiler } from './prediction-profiler';
import { isDataFault, isPartitionMissing, MAX_ROWS_PER_WRITE, takeRequests } from './write-requests';

/** The predictions of one request. */
interface Append {
  readonly rows: readonly Prediction[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Dependencies {
  readonly dataSource: DataSource;
  /** Answers do not wait for the commit; null or absent: they do. */
  readonly fast?: FastMode | null;
  /** Counts for the live profiles; without it nothing is counted. */
  readonly profiler?: PredictionProfiler;
}

/**
 * The log of served predictions. In durable mode an answer is given only once its row is committed, so an acknowledged prediction is never lost; what
 * arrives while one write is under way goes into the next, so that under load one statement carries the rows of many requests. In fast mode rows wait
 * in a bounded buffer, and that bound is what a crash may lose.
 */
export class PredictionLog {
  private readonly waiting: Append[] = [];
  private writing: Promise<void> | null = null;
  private closed = false;
  private readonly buffer: PredictionBuffer | null;

  /** Of the table, and the properties that they hold. */
  private readonly columns: { readonly names: readonly string[]; readonly properties: readonly (keyof Prediction)[] };

  constructor(private readonly deps: Dependencies) {
    const { columns } = deps.dataSource.getMetadata(Prediction);
    this.columns = {
      names: columns.map(({ databaseName }) => databaseName),
      properties: columns.map(({ propertyName }) => propertyName as keyof Prediction),
    };
    const store = { write: (rows: readonly Prediction[]) => this.store(rows), unwritten: this.unwritten.bind(this) };
    this.buffer = deps.fast ? new PredictionBuffer(store, deps.fast) : null;
  }

  /**
   * Durable: resolves when all rows are committed; when it rejects, none is. Fast: resolves at once.
   * @throws ShuttingDown; Overloaded in fast mode, when the buffer is full
   */
  async append(rows: readonly Prediction[]): Promise<void> {
    if (this.closed) throw new ShuttingDown();
    if (rows.length === 0) return;
    if (this.buffer) {
      this.buffer.add(rows);
      return;
    }
    const written = new Promise<void>((resolve, reject) => this.waiting.push({ rows, resolve, reject }));
    this.writing ??= this.writeWaiting();
    await written;
  }

  /** Rows whose write has not begun. */
  get waitingRows(): number {
    return this.waiting.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** Takes no more rows and resolves when those that wait are written. */
  async close(): Promise<void> {
    this.closed = true;
    await this.writing;
    await this.buffer?.close();
  }

  private async writeWaiting(): Promise<void> {
    // A turn of the event loop first: it gathers the rows of all requests that arrived together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.writeTogether(takeRequests(this.waiting, MAX_ROWS_PER_WRITE));
    this.writing = null;
  }

  private async writeTogether(appends: readonly Append[]): Promise<void> {
    try {
      await this.store(appends.flatMap(({ rows }) => rows));
      for (const { resolve } of appends) resolve();
    } catch (error) {
      // A row that PostgreSQL refuses fails the statement for all. Each request is then written by itself, so that only the one at fault fails.
      if (appends.length > 1 && isDataFault(error)) for (const append of appends) await this.writeTogether([append]);
      else for (const { reject } of appends) reject(error);
    }
  }

  /** Writes rows for which there may be no partition, when upkeep has not run for weeks: it is made now. */
  private async store(rows: readonly Prediction[]): Promise<void> {
    try {
      await this.write(rows);
    } catch (error) {
      if (!isPartitionMissing(error)) throw error;
      await makePartitions(
        this.deps.dataSource,
        rows.map(({ predictedAt }) => predictedAt),
      );
      await this.write(rows);
    }
  }

  /** The one place where rows are written, all or none. */
  private async write(rows: readonly Prediction[]): Promise<void> {
    const { names, properties } = this.columns;
    const records = rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[properties[index]]])));
    const deltas = (await this.deps.profiler?.deltasOf(rows)) ?? [];
    // One JSON parameter instead of 16 per row: PostgreSQL allows 65,535 parameters a statement, and parsing them costs more than the insert.
    await this.deps.dataSource.query(
      // Rows and what they add to the live profiles in one statement: both are there, or neither.
      `WITH profiled AS (
         INSERT INTO prediction_profile_deltas (model_version_id, minute, row_count, counts)
         SELECT * FROM unnest($2::uuid[], $3::timestamptz[], $4::integer[], $5::bytea[])
       )
       INSERT INTO predictions (${names.join(', ')})
       SELECT ${names.join(', ')} FROM jsonb_populate_recordset(NULL::predictions, $1::jsonb)`,
      [
        JSON.stringify(records),
        deltas.map(({ modelVersionId }) => modelVersionId),
        deltas.map(({ minute }) => minute),
        deltas.map(({ rowCount }) => rowCount),
        deltas.map(({ counts }) => counts),
      ],
    );
  }

  /** Those that are not in the log: a write whose end was not heard may have been committed. */
  private async unwritten(rows: readonly Prediction[]): Promise<readonly Prediction[]> {
    const times = rows.map(({ predictedAt }) => predictedAt.getTime()).sort((a, b) => a - b);
    const found = await this.deps.dataSource.query<{ id: string }[]>(
      'SELECT id FROM predictions WHERE id = ANY($1::uuid[]) AND predicted_at BETWEEN $2 AND $3',
      [rows.map(({ id }) => id), new Date(times[0]), new Date(times[times.length - 1])],
    );
    const written = new Set(found.map(({ id }) => id));
    return rows.filter(({ id }) => !written.has(id));
  }
}
