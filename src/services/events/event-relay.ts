import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Logger } from '../../logger';
import { WakeUp, keepSession } from '../database';
import { EVENTS_RECORDED } from './record-event';

/** Listeners of every replica LISTEN here; only relays notify. */
export const EVENTS_CHANNEL = 'mooring_events';
/** Any fixed number: it names the lock that makes one relay of all replicas the active one. */
const RELAY_LOCK = 7_246_837;
const BATCH_SIZE = 500;
/** Also the time over which notifications are coalesced: at most a hundred a second. */
const BUSY_PAUSE_MS = 10;
const FIRST_IDLE_PAUSE_MS = 25;
const LONGEST_IDLE_PAUSE_MS = 500;
/** How often a replica that is not the relay tries to become it. */
const STANDBY_PAUSE_MS = 500;
/** The holder asks something every half second; one that is silent for so long hangs, and PostgreSQL ends its session: with the standby's pause, fail-over within 5 s. */
const IDLE_TIMEOUT_MS = 4000;
const PRUNE_EVERY_MS = 10 * 60_000;
/** In one go, which takes .1 s: new events wait while the relay prunes. */
const PRUNE_AT_MOST = 100_000;

/**
 * Gives the committed events of the outbox their gap-free sequence and tells the listeners, in one replica at a time. Serial ids are no such
 * sequence: they are taken before they are committed, so a reader that goes by them skips what commits late.
 *
 * Whoever holds the advisory lock of a session is the relay, and it writes on that very connection: a relay that lost its lock cannot write.
 */
export class EventRelay {
  private readonly wakeUp = new WakeUp();
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly databaseUrl: string;
      readonly logger: Logger;
      /** How long events are kept. */
      readonly retentionHours: number;
    },
  ) {}

  start(): void {
    const { dataSource, databaseUrl, logger } = this.deps;
    this.unsubscribe = EVENTS_RECORDED.listen(dataSource, () => this.wakeUp.ring());
    const { signal } = this.stopping;
    this.running = keepSession(
      { databaseUrl, name: 'mooring relay', logger, signal, idleTimeoutMs: IDLE_TIMEOUT_MS },
      (client) => this.live(client),
    );
  }

  /** What is not relayed yet stays in the outbox, for another replica or the next start. */
  async stop(): Promise<void> {
    this.unsubscribe();
    this.stopping.abort();
    this.wakeUp.ring();
    await this.running;
  }

  private async live(client: Client): Promise<void> {
    while (!(await this.becomeRelay(client))) {
      // Not the wake-up: a standby must not ask for the lock at every commit of its own.
      await sleep(STANDBY_PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
    }
    let pauseMs = FIRST_IDLE_PAUSE_MS;
    let prunedAt = -Infinity;
    while (!this.stopping.signal.aborted) {
      if (performance.now() - prunedAt > PRUNE_EVERY_MS) {
        await this.prune(client);
        prunedAt = performance.now();
      }
      const count = await relayBatch(client);
      if (count === BATCH_SIZE) continue;
      pauseMs = count > 0 ? FIRST_IDLE_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_IDLE_PAUSE_MS);
      if (count > 0) await sleep(BUSY_PAUSE_MS);
      else await this.wakeUp.wait(pauseMs);
    }
  }

  private async becomeRelay(client: Client): Promise<boolean> {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [RELAY_LOCK]);
    return rows[0]?.held ?? false;
  }

  /** Forgets events past retention, but none that a durable consumer has yet to handle: the server may have been off for longer than that. */
  private async prune(client: Client): Promise<void> {
    await client.query(
      `WITH young AS (
         SELECT o.sequence FROM outbox_events o, event_sequence s
         WHERE o.sequence > s.pruned_through AND o.occurred_at >= now() - make_interval(hours => $1) ORDER BY o.sequence LIMIT 1
       ), boundary AS (
         UPDATE event_sequence
         SET pruned_through = GREATEST(pruned_through, LEAST(
           COALESCE((SELECT sequence - 1 FROM young), last_sequence), (SELECT min(last_sequence) FROM event_consumers),
           pruned_through + ${PRUNE_AT_MOST}))
         RETURNING pruned_through
       )
       DELETE FROM outbox_events USING boundary WHERE sequence <= boundary.pruned_through`,
      [this.deps.retentionHours],
    );
  }
}

/** One statement, so one transaction: the batch gets the next sequences, or nothing happens. The notification follows its commit. */
async function relayBatch(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number; last: string | number | null }>(
    `WITH waiting AS (
       SELECT id, row_number() OVER (ORDER BY id) AS place FROM outbox_events WHERE sequence IS NULL ORDER BY id LIMIT ${BATCH_SIZE}
     ), head AS (
       UPDATE event_sequence SET last_sequence = last_sequence + (SELECT count(*) FROM waiting)
       WHERE EXISTS (SELECT FROM waiting) RETURNING last_sequence
     ), relayed AS (
       UPDATE outbox_events event SET sequence = head.last_sequence - (SELECT count(*) FROM waiting) + waiting.place
       FROM waiting, head WHERE event.id = waiting.id RETURNING event.id
     )
     SELECT count(*)::int AS count, (SELECT last_sequence FROM head) AS last FROM relayed`,
  );
  const { count, last } = rows[0] ?? { count: 0, last: null };
  if (count > 0) await client.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, String(last)]);
  return count;
}
