import { QueryFailedError } from 'typeorm';

/** One statement's worth. */
export const MAX_ROWS_PER_WRITE = 1000;

/** Takes from the front as many whole requests as fit into one write, and at least one. */
export function takeRequests<Request extends { readonly rows: readonly unknown[] }>(
  waiting: Request[],
  maxRows: number,
): Request[] {
  let rowCount = 0;
  let count = 0;
  do {
    rowCount += waiting[count].rows.length;
    count++;
  } while (count < waiting.length && rowCount + waiting[count].rows.length <= maxRows);
  return waiting.splice(0, count);
}

interface DriverError {
  readonly code?: string;
  readonly constraint?: string;
}

const driverErrorOf = (error: unknown): DriverError | null =>
  error instanceof QueryFailedError ? (error.driverError as DriverError) : null;

/** SQLSTATE classes 22 and 23: the data cannot be stored. Anything else (the database is away) would meet every request alike. */
export const isDataFault = (error: unknown): boolean => /^2[23]/.test(driverErrorOf(error)?.code ?? '');

/** PostgreSQL reports it as a violated check, without the name of a constraint. */
export function isPartitionMissing(error: unknown): boolean {
  const { code, constraint } = driverErrorOf(error) ?? {};
  return code === '23514' && constraint === undefined;
}
