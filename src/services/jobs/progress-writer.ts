import type { Logger } from '../../logger';

/** Writes the latest progress of a job at most once per period, however often it is told. */
export class ProgressWriter {
  private latest: { ratio: number; message: string } | null = null;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();
  private writtenAt = -Infinity;

  constructor(
    private readonly write: (ratio: number, message: string) => Promise<void>,
    private readonly periodMs: number,
    private readonly logger: Logger,
  ) {}

  /** @param ratio 0 to 1; what lies outside is taken for the nearer end */
  report(ratio: number, message: string): void {
    this.latest = { ratio: Math.min(1, Math.max(0, ratio || 0)), message };
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.writtenAt + this.periodMs - performance.now()));
  }

  /** Writes what is left and waits for it. */
  async close(): Promise<void> {
    this.flush();
    await this.writing;
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.latest) return;
    const { ratio, message } = this.latest;
    this.latest = null;
    this.writtenAt = performance.now();
    this.writing = this.writing
      .then(() => this.write(ratio, message))
      .catch((err: unknown) => this.logger.warn({ err }, 'the progress of a job could not be written'));
  }
}
