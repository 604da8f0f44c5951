import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../../logger';

/** Seconds after which PostgreSQL takes a peer that no longer answers for gone, and frees its locks: 1 + 2 × 1. */
const KEEP_ALIVE = '-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2';
const QUERY_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** A session that lasted this long was a good one: the next failure starts with a short pause again. */
const STEADY_AFTER_MS = 5000;

interface SessionOptions {
  readonly databaseUrl: string;
  /** Shown as application_name in pg_stat_activity. */
  readonly name: string;
  readonly logger: Logger;
  /** Ends the keeping of it; `live` has to watch it too. */
  readonly signal: AbortSignal;
  /** PostgreSQL ends the session, and frees its locks, when it asks nothing for so long: the guard against a process that hangs while it holds them. */
  readonly idleTimeoutMs?: number;
}

/**
 * Keeps one connection outside the pool, for what lives and dies with a session: LISTEN and advisory locks. Whenever it is lost, or `live` throws,
 * it is made again after a pause that grows to two seconds, and `live` starts anew on it.
 * @param live what is done on the connection until the signal aborts; a query on a lost connection rejects, and must not be caught there
 */
export async function keepSession(options: SessionOptions, live: (client: Client) => Promise<void>): Promise<void> {
  const { signal, logger, name } = options;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const client = openClient(options);
    try {
      await client.connect();
      await live(client);
    } catch (err) {
      if (!signal.aborted) logger.warn({ err, session: name }, 'database session lost; connecting again');
    } finally {
      await close(client);
    }
    if (performance.now() - startedAt > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
    // Rejects when aborted, which is then what was wanted.
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

function openClient({ databaseUrl, name, idleTimeoutMs = 0 }: SessionOptions): Client {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: name,
    options: `${KEEP_ALIVE} -c idle_session_timeout=${idleTimeoutMs}`,
    keepAlive: true,
    keepAliveInitialDelayMillis: 1000,
    connectionTimeoutMillis: 5000,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  // The next query rejects with it; without a listener the event would end the process.
  client.on('error', () => undefined);
  return client;
}

/** A dead peer does not answer the farewell, so it is not waited for. */
async function close(client: Client): Promise<void> {
  const given = new AbortController();
  await Promise.race([
    client.end().catch(() => undefined),
    sleep(1000, undefined, { signal: given.signal }).catch(() => undefined),
  ]);
  given.abort();
}
