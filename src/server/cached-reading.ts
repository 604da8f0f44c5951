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

  constructor(
    private readonly read: () => Promise<Value>,
    private readonly options: CachedReadingOptions,
  ) {}

  /** @returns null when it could not be read: no figure is better than an old one that looks new */
  get(now = performance.now()): Promise<Value | null> {
    if (this.latest === null || now - this.latest.at >= this.options.keepMs) {
      this.latest = { value: this.readInTime(), at: now };
    }
    return this.latest.value;
  }

  private async readInTime(): Promise<Value | null> {
    const { timeoutMs, onFailed } = this.options;
    const timer = new AbortController();
    try {
      const late = sleep(timeoutMs, undefined, { signal: timer.signal, ref: false }).then(() => {
        throw new Error(`no answer within ${timeoutMs} ms`);
      });
      return await Promise.race([this.read(), late]);
    } catch {
      onFailed();
      return null;
    } finally {
      timer.abort();
    }
  }
}
