interface Forgetting {
  /** A value may give way to another one only after it was not used for so long; absent: never. */
  readonly idleMs?: number;
  /** Told of a value that gave way: what was counted under it can go. */
  readonly onForgotten?: (value: string) => void;
}

/** Bounds how many values a label has: each is a time series or several, here and in every Prometheus that scrapes. */
export class LabelLimit {
  /** When each was last used, by a clock in ms; the first has been idle for longest. */
  private readonly lastUsedAt = new Map<string, number>();

  constructor(
    private readonly capacity: number,
    private readonly forgetting: Forgetting = {},
  ) {}

  /** Whether the value may be a label: it is one already, or there is room for it. */
  admits(value: string, now = performance.now()): boolean {
    const isKnown = this.lastUsedAt.delete(value);
    if (!isKnown && this.lastUsedAt.size >= this.capacity && !this.makeRoom(now)) return false;
    this.lastUsedAt.set(value, now);
    return true;
  }

  has(value: string): boolean {
    return this.lastUsedAt.has(value);
  }

  private makeRoom(now: number): boolean {
    const { idleMs = Infinity, onForgotten } = this.forgetting;
    const [longestIdle] = this.lastUsedAt;
    if (!longestIdle || now - longestIdle[1] < idleMs) return false;
    this.lastUsedAt.delete(longestIdle[0]);
    onForgotten?.(longestIdle[0]);
    return true;
  }
}
