import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { inTransaction } from '../../database';
import { inHeldTransaction } from './held-transaction';
import { OFFLINE_FILES_LOCK } from './manifest';

/** Advisory locks by version of a view. Two keys of 32 bits are apart from the one key of 64 that other locks have. */
const REWRITING = 730_602_156;
const READING = 730_602_157;
/** PostgreSQL cancels statements after 30 s, and work that waits is to be cancelled too: so it asks again and again. */
const ASK_AGAIN_MS = 100;
/** Ingests that begin wait as long behind one that asks for all of the batches to be in. */
const BLOCK_AT_MOST_MS = 5000;

/**
 * Does work in a transaction that is the only one to replace files of a version of a view, over all replicas. The sweep at start spares what a holder
 * of this lock is writing.
 */
export function whileRewriting<T>(
  dataSource: DataSource,
  viewVersionId: string,
  signal: AbortSignal | undefined,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return inHeldTransaction(dataSource, signal, async (manager) => {
    await askFor(manager, 'pg_try_advisory_xact_lock', REWRITING, viewVersionId, signal);
    return work(manager);
  });
}

/** Takes that lock for the transaction if nobody has it. */
export const tryRewriting = (manager: EntityManager, viewVersionId: string): Promise<boolean> =>
  tryLock(manager, 'pg_try_advisory_xact_lock', REWRITING, viewVersionId);

/**
 * Does work that copies rows of versions of views to where they last (the online store, a dataset, a report). An erasure waits for it before it looks
 * there, so that nothing is brought back. Never nested: a second one within would wait for the erasure that waits for the first.
 * @param work may ask `check` whether the lock is still held, and must end if that throws
 */
export function whileReading<T>(
  dataSource: DataSource,
  viewVersionIds: readonly string[],
  signal: AbortSignal | undefined,
  work: (check: () => Promise<unknown>) => Promise<T>,
): Promise<T> {
  return inHeldTransaction(dataSource, signal, async (manager) => {
    for (const id of new Set(viewVersionIds)) {
      await askFor(manager, 'pg_try_advisory_xact_lock_shared', READING, id, signal);
    }
    return work(() => manager.query('SELECT 1'));
  });
}

/** Does work when nobody reads a version of a view by {@link whileReading}, and keeps new readers waiting until it is done. */
export function whileNobodyReads<T>(
  dataSource: DataSource,
  viewVersionId: string,
  signal: AbortSignal | undefined,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return inHeldTransaction(dataSource, signal, async (manager) => {
    await askFor(manager, 'pg_try_advisory_xact_lock', READING, viewVersionId, signal);
    return work(manager);
  });
}

/** The same if nobody reads it now. @returns null where somebody does */
export function ifNobodyReads<T>(
  dataSource: DataSource,
  viewVersionId: string,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T | null> {
  return inHeldTransaction(dataSource, undefined, async (manager) =>
    (await tryLock(manager, 'pg_try_advisory_xact_lock', READING, viewVersionId)) ? work(manager) : null,
  );
}

/**
 * Waits until every batch that is being written now is committed or given up. Batches that begin meanwhile come after: else a steady stream of them
 * would be waited for without end.
 */
export async function untilBatchesAreIn(dataSource: DataSource, signal: AbortSignal | undefined): Promise<void> {
  for (let isDone = false; !isDone;) {
    signal?.throwIfAborted();
    isDone = await inTransaction(dataSource, async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = ${BLOCK_AT_MOST_MS}`);
      await manager.query('SELECT pg_advisory_xact_lock($1)', [OFFLINE_FILES_LOCK]);
      return true;
    }).catch((error: unknown) => {
      if (isLockTimeout(error)) return false;
      throw error;
    });
  }
}

const isLockTimeout = (error: unknown): boolean =>
  error instanceof QueryFailedError && (error.driverError as { code?: string }).code === '55P03';

type TryLock = 'pg_try_advisory_xact_lock' | 'pg_try_advisory_xact_lock_shared';

async function askFor(
  manager: EntityManager,
  lock: TryLock,
  space: number,
  viewVersionId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (!(await tryLock(manager, lock, space, viewVersionId))) {
    signal?.throwIfAborted();
    await sleep(ASK_AGAIN_MS);
  }
}

async function tryLock(manager: EntityManager, lock: TryLock, space: number, viewVersionId: string): Promise<boolean> {
  const [{ locked }] = await manager.query<{ locked: boolean }[]>(
    `SELECT ${lock}($1::integer, hashtext($2)) AS locked`,
    [space, viewVersionId],
  );
  return locked;
}
