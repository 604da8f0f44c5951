import { type DataSource, QueryFailedError } from 'typeorm';
import { Prediction } from '../../entities';
import { ShuttingDown } from '../../errors';

/** The predictions of one request. */
interface Append {
  readonly rows: readonly Prediction[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_ROWS_PER_WRITE = 1000;

/**
 * The log of served predictions. An answer is given only once its row is committed, so an acknowledged prediction is never lost; what arrives
 * while one write is under way goes into the next, so that under load one statement carries the rows of many requests.
 */
export class PredictionLog {
  private readonly waiting: Append[] = [];
  private writing: Promise<void> | null = null;
  private closed = false;

  /** Of the table, and the properties that they hold. */
  private readonly columns: { readonly names: readonly string[]; readonly properties: readonly (keyof Prediction)[] };

  constructor(private readonly deps: { readonly dataSource: DataSource }) {
    const { columns } = deps.dataSource.getMetadata(Prediction);
    this.columns = {
      names: columns.map(({ databaseName }) => databaseName),
      properties: columns.map(({ propertyName }) => propertyName as keyof Prediction),
    };
  }

  /**
   * Resolves when all rows are committed; when it rejects, none is.
   * @throws ShuttingDown
   */
  async append(rows: readonly Prediction[]): Promise<void> {
    if (this.closed) throw new ShuttingDown();
    if (rows.length === 0) return;
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
  }

  private async writeWaiting(): Promise<void> {
    // A turn of the event loop first: it gathers the rows of all requests that arrived together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.writeTogether(this.takeNext());
    this.writing = null;
  }

  /** As many whole requests as fit into one statement, and at least one. */
  private takeNext(): Append[] {
    let rowCount = 0;
    let count = 0;
    do {
      rowCount += this.waiting[count].rows.length;
      count++;
    } while (count < this.waiting.length && rowCount + this.waiting[count].rows.length <= MAX_ROWS_PER_WRITE);
    return this.waiting.splice(0, count);
  }

  private async writeTogether(appends: readonly Append[]): Promise<void> {
    try {
      await this.write(appends.flatMap(({ rows }) => rows));
      for (const { resolve } of appends) resolve();
    } catch (error) {
      // A row that PostgreSQL refuses fails the statement for all. Each request is then written by itself, so that only the one at fault fails.
      if (appends.length > 1 && isDataFault(error)) for (const append of appends) await this.writeTogether([append]);
      else for (const { reject } of appends) reject(error);
    }
  }

  private async write(rows: readonly Prediction[]): Promise<void> {
    const { names, properties } = this.columns;
    const records = rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[properties[index]]])));
    // One JSON parameter instead of 16 per row: PostgreSQL allows 65,535 parameters a statement, and parsing them costs more than the insert.
    await this.deps.dataSource.query(
      `INSERT INTO predictions (${names.join(', ')})
       SELECT ${names.join(', ')} FROM jsonb_populate_recordset(NULL::predictions, $1::jsonb)`,
      [JSON.stringify(records)],
    );
  }
}

/** SQLSTATE classes 22 and 23: the data cannot be stored. Anything else (the database is away) would meet every request alike. */
function isDataFault(error: unknown): boolean {
  return error instanceof QueryFailedError && /^2[23]/.test((error.driverError as { code?: string }).code ?? '');
}
