import type { EventType } from '../../entities';
import { ListenerTooSlow } from '../../errors';
import { eventCursor } from './event-cursor';
import type { MooringEvent } from './mooring-event';

export interface EventFilter {
  readonly types: readonly EventType[];
  /** Only events of this model; absent or null: of all and of none. */
  readonly modelId?: string | null;
  /** A finer condition; it must be quick, since it runs for every event. */
  readonly filter?: (event: MooringEvent) => boolean;
}

interface Taker {
  resolve(result: IteratorResult<MooringEvent, undefined>): void;
  reject(error: unknown): void;
}

/**
 * One listener's events: a bounded queue between the stream, which offers events in order, and whoever iterates. It is not a generator, because a
 * generator that waits inside `next` cannot be returned from.
 */
export class EventSubscription implements AsyncIterableIterator<MooringEvent> {
  private queue: MooringEvent[] = [];
  private readonly takers: Taker[] = [];
  private error: Error | null = null;
  private notifyEmpty: (() => void) | null = null;
  private lastTaken: number;
  /** No more events will be taken: returned from, or failed. */
  ended = false;

  /**
   * @param position sequence through which events have been offered; what is not after it is not offered again
   * @param capacity events that may wait to be taken
   * @param onEnd called once when nobody will take events any more
   */
  constructor(
    readonly wanted: EventFilter,
    public position: number,
    private readonly capacity: number,
    private readonly onEnd: (subscription: EventSubscription) => void,
  ) {
    this.lastTaken = position;
  }

  /** Hands over an event or queues it; one too many ends this listener. */
  offer(event: MooringEvent): void {
    if (this.ended || event.sequence <= this.position) return;
    this.position = event.sequence;
    try {
      if (!this.wants(event)) return;
    } catch (error) {
      // A condition that throws is its own listener's trouble, not that of all.
      this.fail(error as Error);
      return;
    }
    const taker = this.takers.shift();
    if (taker) {
      this.lastTaken = event.sequence;
      taker.resolve({ value: event, done: false });
    } else if (this.queue.length < this.capacity) {
      this.queue.push(event);
    } else {
      this.fail(new ListenerTooSlow(eventCursor(this.lastTaken)));
    }
  }

  /** Ends the listener with an error. What was queued is dropped: its cursor has not passed it, so it can be had again. */
  fail(error: Error): void {
    if (this.ended) return;
    const taker = this.takers.shift();
    if (taker) taker.reject(error);
    else this.error = error;
    this.end();
  }

  /** Resolves when everything offered so far was taken, or nobody takes any more. For one waiter at a time. */
  async emptied(): Promise<void> {
    if (this.ended || this.queue.length === 0) return;
    await new Promise<void>((resolve) => (this.notifyEmpty = resolve));
  }

  async next(): Promise<IteratorResult<MooringEvent, undefined>> {
    const event = this.queue.shift();
    if (event) {
      this.lastTaken = event.sequence;
      if (this.queue.length === 0) this.notifyEmpty?.();
      return { value: event, done: false };
    }
    if (this.error) {
      const error = this.error;
      this.error = null;
      throw error;
    }
    if (this.ended) return { value: undefined, done: true };
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<MooringEvent, undefined>> {
    this.error = null;
    this.end();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<MooringEvent, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private wants(event: MooringEvent): boolean {
    const { types, modelId = null, filter } = this.wanted;
    return types.includes(event.type) && (modelId === null || event.modelId === modelId) && (filter?.(event) ?? true);
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.queue = [];
    for (const taker of this.takers.splice(0)) taker.resolve({ value: undefined, done: true });
    this.notifyEmpty?.();
    this.onEnd(this);
  }
}
