import type { MooringEvent } from './mooring-event';

/** The last events in memory, without a gap, so that a listener who was away briefly joins without asking the database. */
export class RecentEvents {
  private events: MooringEvent[] = [];

  /**
   * @param capacity how many are kept at least; a tidy-up at twice as many keeps `add` cheap
   * @param head sequence of the newest event, whether it is kept or not
   */
  constructor(
    private readonly capacity: number,
    public head: number,
  ) {}

  /** @param event the one after `head` */
  add(event: MooringEvent): void {
    this.events.push(event);
    this.head = event.sequence;
    if (this.events.length >= 2 * this.capacity) this.events = this.events.slice(-this.capacity);
  }

  /** Forgets everything and goes on after a sequence: what lay between was pruned unseen. */
  skipTo(sequence: number): void {
    this.events = [];
    this.head = sequence;
  }

  /** At most `capacity` events after a sequence, up to the head, or null when it lies too far back. Empty when nothing followed. */
  after(sequence: number): MooringEvent[] | null {
    const missed = this.head - sequence;
    if (missed <= 0) return [];
    return missed > Math.min(this.capacity, this.events.length) ? null : this.events.slice(-missed);
  }
}
