import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { EventType } from '../../entities';
import type { Logger } from '../../logger';
import { WakeUp, keepSession } from '../database';
import { readEvents } from './event-rows';
import type { EventStream } from './event-stream';
import type { MooringEvent } from './mooring-event';

const PAGE_SIZE = 100;
const LOOK_EVERY_MS = 2000;
/** How often a replica tries to take over a consumer that another one serves. */
const STANDBY_PAUSE_MS = 1000;
/** Pauses before the second, third … attempt at one event; after the last attempt it is skipped, or it would stop all that follow. */
const RETRY_PAUSES_MS = [200, 1000, 5000, 10_000];

interface Consumer {
  readonly name: string;
  readonly types: readonly EventType[];
  readonly handle: (event: MooringEvent) => Promise<void>;
  readonly wakeUp: WakeUp;
}

/**
 * Listeners inside the server that must not miss an event, such as the drift trigger. Each keeps in the database how far it got, is served by one
 * replica at a time, and gets every event since it was first added, in order, at least once: a handler has to bear a repetition.
 */
export class EventConsumers {
  private readonly consumers: Consumer[] = [];
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly databaseUrl: string;
      readonly stream: EventStream;
      readonly logger: Logger;
      /** For tests. */
      readonly retryPausesMs?: readonly number[];
    },
  ) {}

  /**
   * Adds a consumer; before start.
   * @param name its offset is kept under it: renamed, it starts from the present. One that is given up needs its row in event_consumers deleted by
   *   a migration, since events are kept until every consumer has handled them.
   * @param handle tried again with growing pauses when it rejects; an event that keeps failing is logged with all its fields and skipped
   */
  add(name: string, types: readonly EventType[], handle: (event: MooringEvent) => Promise<void>): void {
    this.consumers.push({ name, types, handle, wakeUp: new WakeUp() });
  }

  /** Consumers that are new begin with the next event. */
  async start(): Promise<void> {
    const { dataSource, databaseUrl, logger } = this.deps;
    if (this.consumers.length === 0) return;
    await dataSource.query(
      `INSERT INTO event_consumers (name, last_sequence) SELECT unnest($1::text[]), last_sequence FROM event_sequence ON CONFLICT DO NOTHING`,
      [this.consumers.map(({ name }) => name)],
    );
    const { signal } = this.stopping;
    this.running = keepSession({ databaseUrl, name: 'mooring consumers', logger, signal }, (client) =>
      this.live(client),
    );
  }

  /** Waits for the handlers that run. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const { wakeUp } of this.consumers) wakeUp.ring();
    await this.running;
  }

  private async live(client: Client): Promise<void> {
    // All of them end before the session is made anew, so that a handler never runs beside itself in one process.
    const ends = await Promise.allSettled(this.consumers.map((consumer) => this.serve(client, consumer)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async serve(client: Client, consumer: Consumer): Promise<void> {
    const { signal } = this.stopping;
    while (!(await takeLock(client, consumer.name))) {
      await sleep(STANDBY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    const unsubscribe = this.deps.stream.onAdvance(() => consumer.wakeUp.ring());
    try {
      while (!signal.aborted) {
        if (!(await this.handlePage(client, consumer))) await consumer.wakeUp.wait(LOOK_EVERY_MS);
      }
    } finally {
      unsubscribe();
    }
  }

  /** @returns whether there was anything, and so may be more */
  private async handlePage(client: Client, { name, types, handle }: Consumer): Promise<boolean> {
    const stored = await client.query<{ last_sequence: string | number }>(
      'SELECT last_sequence FROM event_consumers WHERE name = $1',
      [name],
    );
    const after = Number(stored.rows[0]?.last_sequence);
    const save = (sequence: number) =>
      client.query('UPDATE event_consumers SET last_sequence = $2 WHERE name = $1', [name, sequence]);
    const run = (sql: string, parameters: unknown[]) =>
      client.query(sql, parameters).then(({ rows }) => rows as unknown[]);
    const page = await readEvents(run, { after, types, modelId: null, limit: PAGE_SIZE });
    for (const event of page.events) {
      if (!(await this.handleWithRetries(name, event, handle))) return false;
      await save(event.sequence);
    }
    // Past what it does not listen to, or such events would be kept for ever on its account.
    if (page.through > (page.events.at(-1)?.sequence ?? after)) await save(page.through);
    return page.events.length > 0;
  }

  /** @returns false when the server stops before the event is dealt with; it comes again at the next start */
  private async handleWithRetries(
    name: string,
    event: MooringEvent,
    handle: (event: MooringEvent) => Promise<void>,
  ): Promise<boolean> {
    const { signal } = this.stopping;
    const { logger, retryPausesMs = RETRY_PAUSES_MS } = this.deps;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await handle(event);
        return true;
      } catch (err) {
        const pauseMs = retryPausesMs[attempt - 1];
        if (pauseMs === undefined) {
          logger.error({ err, consumer: name, event }, 'an event was skipped: its handler failed every time');
          return true;
        }
        logger.warn(
          { err, consumer: name, sequence: event.sequence, attempt },
          'an event could not be handled; trying again',
        );
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }
}

async function takeLock(client: Client, consumer: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
    [`mooring:consumer:${consumer}`],
  );
  return rows[0]?.held ?? false;
}
