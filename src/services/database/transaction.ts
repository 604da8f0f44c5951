import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager, QueryFailedError, type DataSource } from 'typeorm';

export interface TransactionOptions {
  /** READ COMMITTED when absent. */
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
}

/** With pauses of 5, 10, 20, … ms on average this is about 1.5 s, longer than a queue that a pool of connections can form on one row. */
const ATTEMPTS = 10;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;
/** serialization_failure and deadlock_detected: PostgreSQL rolled back one of two transactions, and trying again is right. */
const CONFLICTS = ['40001', '40P01'];

/**
 * Runs the work in one transaction: all of it is committed, or none. Given the manager of a transaction, the work joins that one. Conflicts with
 * other transactions are tried again, so the work may run several times: it must have no effect outside of the database.
 * @param source the data source, or the manager that an outer inTransaction gave to its work
 * @throws what the work throws, after rolling back; the last conflict when every attempt met one
 */
export async function inTransaction<T>(
  source: DataSource | EntityManager,
  work: (manager: EntityManager) => Promise<T>,
  { isolation }: TransactionOptions = {},
): Promise<T> {
  if (source instanceof EntityManager && source.queryRunner?.isTransactionActive) {
    if (isolation) throw new Error(`A nested transaction cannot choose ${isolation}: the outer one has begun`);
    return work(source);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await (isolation ? source.transaction(isolation, work) : source.transaction(work));
    } catch (error) {
      if (attempt === ATTEMPTS || !isConflict(error)) throw error;
      await sleep(pauseMs(attempt, Math.random()));
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof QueryFailedError && CONFLICTS.includes((error.driverError as { code?: string }).code ?? '');
}

/**
 * Grows exponentially, with full jitter, so that transactions that met once do not meet again.
 * @param attempt 1 after the first failure
 * @param random in [0, 1)
 */
export function pauseMs(attempt: number, random: number): number {
  return random * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}
