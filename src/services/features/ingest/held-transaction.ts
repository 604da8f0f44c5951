import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../../database';

/** Transactions under way of a data source, and who waits for one to end. */
interface Held {
  count: number;
  readonly waiting: (() => void)[];
}

const HELD = new WeakMap<DataSource, Held>();
const POOL_SIZE = 10;

/**
 * Does work in a transaction that waits for what goes on outside of the database: it is not forgotten, however long that takes. Such work needs other
 * connections beside, so at most half of the pool is given to these transactions, and the others wait in line. Never nested.
 * @throws what the signal was aborted for, while it waits in line
 */
export async function inHeldTransaction<T>(
  dataSource: DataSource,
  signal: AbortSignal | undefined,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const held = HELD.get(dataSource) ?? { count: 0, waiting: [] };
  HELD.set(dataSource, held);
  const most = Math.max(1, Math.floor((dataSource.options.poolSize ?? POOL_SIZE) / 2));
  if (held.count >= most) await turnOf(held, signal);
  else held.count++;
  try {
    return await inTransaction(dataSource, async (manager) => {
      await manager.query('SET LOCAL idle_in_transaction_session_timeout = 0');
      return work(manager);
    });
  } finally {
    // Handed on, or given back.
    const next = held.waiting.shift();
    if (next) next();
    else held.count--;
  }
}

function turnOf({ waiting }: Held, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const turn = () => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(turn), 1);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', leave, { once: true });
    waiting.push(turn);
  });
}
