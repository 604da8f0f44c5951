import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { EventType } from '../../entities';
import { CursorExpired, CursorInvalid, DomainError, ShuttingDown } from '../../errors';
import type { Logger } from '../../logger';
import { WakeUp, keepSession } from '../database';
import { eventCursor, parseEventCursor } from './event-cursor';
import { EVENTS_CHANNEL } from './event-relay';
import { type EventPage, type RunSql, readEvents } from './event-rows';
import { type EventFilter, EventSubscription } from './event-subscription';
import type { MooringEvent } from './mooring-event';
import { RecentEvents } from './recent-events';

const LARGEST_PAGE = 200;
/** A notification that got lost with a dying connection is made up for by looking every so often. */
const LOOK_EVERY_MS = 2000;
const RETRY_REPLAY_MS = 500;

/**
 * The relayed events as this process hears them: one connection LISTENs and reads what is new, once for all listeners. A listener that resumes is
 * first fed from memory or from the table, then from here; which of them an event comes from cannot be told, since both go by sequence.
 */
export class EventStream {
  private readonly wakeUp = new WakeUp();
  private readonly stopping = new AbortController();
  private readonly subscriptions = new Set<EventSubscription>();
  /** Those of them that are up to date and get new events as they come. */
  private readonly live = new Set<EventSubscription>();
  private readonly advanceListeners = new Set<() => void>();
  private readonly recent: RecentEvents;
  private readonly pageSize: number;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly databaseUrl: string;
      readonly logger: Logger;
      /** Events that may wait for a slow listener; one more ends it. */
      readonly subscriberQueueSize: number;
    },
  ) {
    this.recent = new RecentEvents(deps.subscriberQueueSize, 0);
    // Half a queue at a time, with a turn of the event loop between: a burst must not end listeners that had no chance to read.
    this.pageSize = Math.max(1, Math.min(LARGEST_PAGE, Math.floor(deps.subscriberQueueSize / 2)));
  }

  /** Resolves when it listens; 'now' is from then on. */
  async start(): Promise<void> {
    const { databaseUrl, logger } = this.deps;
    const { signal } = this.stopping;
    const page = await this.readPage({ after: Number.MAX_SAFE_INTEGER, types: null, modelId: null, limit: 0 });
    this.recent.skipTo(page.lastSequence);
    await new Promise<void>((resolve) => {
      this.running = keepSession({ databaseUrl, name: 'mooring events', logger, signal }, (client) =>
        this.listen(client, resolve),
      );
    });
  }

  /** Tells every listener that the server shuts down, and where it can resume it knows by its last cursor. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const subscription of this.subscriptions) subscription.fail(new ShuttingDown());
    this.wakeUp.ring();
    await this.running;
  }

  /**
   * The events that fit, in order, each once, until the iterator is returned from.
   * @param options.after null: from now on; a cursor: what followed it, then what comes
   * @throws CursorInvalid at once for a malformed cursor; while iterating CursorInvalid for one from the future, CursorExpired for one older than
   *   what is kept, ListenerTooSlow when more events wait than the queue holds, ShuttingDown
   */
  subscribe(options: EventFilter & { readonly after: string | null }): AsyncIterableIterator<MooringEvent> {
    if (this.stopping.signal.aborted) throw new ShuttingDown();
    const position = options.after === null ? this.recent.head : parseEventCursor(options.after);
    const subscription = new EventSubscription(options, position, this.deps.subscriberQueueSize, (ended) => {
      this.subscriptions.delete(ended);
      this.live.delete(ended);
    });
    this.subscriptions.add(subscription);
    if (position > this.recent.head || !this.join(subscription)) void this.replay(subscription);
    return subscription;
  }

  /**
   * A page of what is kept.
   * @param query.after null: from the oldest
   * @throws CursorInvalid | CursorExpired
   */
  async list(query: {
    readonly after: string | null;
    readonly types: readonly EventType[] | null;
    readonly first: number;
  }): Promise<MooringEvent[]> {
    const after = query.after === null ? 0 : parseEventCursor(query.after);
    const page = await this.readPage({ after, types: query.types, modelId: null, limit: query.first });
    if (query.after !== null) refuseOutside(after, page);
    return page.events;
  }

  /**
   * Calls back whenever there are new events, for those inside the server that read them from the table themselves.
   * @returns stops it
   */
  onAdvance(listener: () => void): () => void {
    this.advanceListeners.add(listener);
    return () => {
      this.advanceListeners.delete(listener);
    };
  }

  private async listen(client: Client, onListening: () => void): Promise<void> {
    client.on('notification', () => this.wakeUp.ring());
    client.on('end', () => this.wakeUp.ring());
    await client.query(`LISTEN ${EVENTS_CHANNEL}`);
    onListening();
    while (!this.stopping.signal.aborted) {
      await this.advance((sql, parameters) => client.query(sql, parameters).then(({ rows }) => rows as unknown[]));
      await this.wakeUp.wait(LOOK_EVERY_MS);
    }
  }

  /** Reads what is new and hands it to the live listeners. */
  private async advance(run: RunSql): Promise<void> {
    for (;;) {
      const query = { after: this.recent.head, types: null, modelId: null, limit: this.pageSize };
      const page = await readEvents(run, query);
      if (page.prunedThrough > this.recent.head) {
        // Cut off for longer than retention: what the listeners missed is gone.
        for (const subscription of this.live) subscription.fail(new CursorExpired(eventCursor(page.prunedThrough)));
        this.recent.skipTo(page.prunedThrough);
        continue;
      }
      for (const event of page.events) {
        this.recent.add(event);
        for (const subscription of this.live) subscription.offer(event);
      }
      if (page.events.length > 0) for (const listener of this.advanceListeners) listener();
      if (page.events.length < this.pageSize) return;
      await setImmediate();
    }
  }

  /** Feeds a listener from the table, a page whenever its queue is empty, until it is near enough to join the live ones. */
  private async replay(subscription: EventSubscription): Promise<void> {
    const { types, modelId = null } = subscription.wanted;
    while (!subscription.ended) {
      try {
        const query = { after: subscription.position, types, modelId, limit: this.pageSize };
        const page = await this.readPage(query);
        refuseOutside(subscription.position, page);
        for (const event of page.events) subscription.offer(event);
        subscription.position = page.through;
        await subscription.emptied();
        if (this.join(subscription)) return;
      } catch (error) {
        if (error instanceof DomainError) {
          subscription.fail(error);
        } else {
          // The database is away for a moment; that is not the listener's fault.
          this.deps.logger.warn({ err: error }, 'events could not be replayed; trying again');
          await sleep(RETRY_REPLAY_MS);
        }
      }
    }
  }

  /** Makes a listener with an empty queue live if memory reaches back to where it stands. Without an await, so nothing can come between. */
  private join(subscription: EventSubscription): boolean {
    const missed = this.recent.after(subscription.position);
    if (!missed || subscription.ended) return false;
    for (const event of missed) subscription.offer(event);
    if (!subscription.ended) this.live.add(subscription);
    return true;
  }

  private readPage(query: Parameters<typeof readEvents>[1]): Promise<EventPage> {
    return readEvents((sql, parameters) => this.deps.dataSource.query(sql, parameters), query);
  }
}

function refuseOutside(position: number, page: EventPage): void {
  if (position > page.lastSequence) throw new CursorInvalid(eventCursor(position));
  if (position < page.prunedThrough) throw new CursorExpired(eventCursor(page.prunedThrough));
}
