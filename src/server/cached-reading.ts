import { setTimeout as sleep } from 'node:timers/promises';

interface CachedReadingOptions {
  /** How old an answer may be. Two Prometheus servers, and all metrics of one scrape, share it. */
  readonly keepMs: number;
  /** A reading that takes longer has failed. */
  readonly timeoutMs: number;
  readonly onFailed: () => void;
}

/** Something that is read when Prometheus asks. It is read once for everybody who asks within a few seconds, and failing it harms nothing else. */
export class CachedReading<Value> {
  private latest: { readonly value: Promise<Value | null>; readonly at: number } | null = null;
  private isAwaited = false;
  private isUnderWay = false;

  constructor(
    private readonly read: () => Promise<Value>,
    private readonly options: CachedReadingOptions,
  ) {}

  /** @returns null when it could not be read: no figure is better than an old one that looks new */
  get(now = performance.now()): Promise<Value | null> {
    if (this.latest === null || (!this.isAwaited && now - this.latest.at >= this.options.keepMs)) {
      this.latest = { value: this.readInTime(), at: now };
    }
    return this.latest.value;
  }

  private async readInTime(): Promise<Value | null> {
    const { timeoutMs, onFailed } = this.options;
    const timer = new AbortController();
    this.isAwaited = true;
    try {
      // One that hangs holds a connection to the database; a second one would take the next.
      if (this.isUnderWay) throw new Error('the former reading has not ended');
      const late = sleep(timeoutMs, undefined, { signal: timer.signal, ref: false }).then(() => {
        throw new Error(`no answer within ${timeoutMs} ms`);
      });
      return await Promise.race([this.readOnce(), late]);
    } catch {
      onFailed();
      return null;
    } finally {
      this.isAwaited = false;
      timer.abort();
    }
  }

  private async readOnce(): Promise<Value> {
    this.isUnderWay = true;
    try {
      return await this.read();
    } finally {
      this.isUnderWay = false;
    }
  }
}
