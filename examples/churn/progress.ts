/** Where progress is written: process.stderr fits. */
export interface ProgressSink {
  write(text: string): unknown;
  /** Whether a line can be overwritten, so that the share done is shown while a step runs. */
  readonly isTTY?: boolean;
}

/** How a step tells what it does. */
export interface StepReport {
  /** @param ratio share done, 0 to 1 */
  progress(ratio: number, message: string): void;
  /** What the step's line ends with once it is done. */
  result(text: string): void;
}

/** A step did not succeed: names the step, and keeps what happened as `cause`. */
export class StepFailed extends Error {
  constructor(
    readonly step: string,
    cause: unknown,
  ) {
    super(`${step}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StepFailed';
  }
}

const TITLE_WIDTH = 34;
/** Moves to the start of the line and clears it (ECMA-48 EL). */
const CLEAR_LINE = '\r\u001b[2K';

/** One line per step, with the seconds since the start and those of the step; on a terminal the share done while it runs. */
export class Progress {
  readonly secondsPerStep: Record<string, number> = {};
  private readonly startedAt: number;

  constructor(
    private readonly sink: ProgressSink,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.startedAt = nowMs();
  }

  get totalSeconds(): number {
    return roundSeconds(this.nowMs() - this.startedAt);
  }

  /** Runs one step; its seconds are kept under `key`. @throws StepFailed */
  async step<T>(key: string, title: string, work: (report: StepReport) => Promise<T>): Promise<T> {
    const begin = this.nowMs();
    let result = '';
    this.live(title, '');
    try {
      return await work({
        progress: (ratio, message) => this.live(title, `${Math.round(ratio * 100)} %  ${message}`),
        result: (text) => (result = text),
      });
    } catch (error) {
      result = 'failed';
      throw new StepFailed(title, error);
    } finally {
      const seconds = roundSeconds(this.nowMs() - begin);
      this.secondsPerStep[key] = roundSeconds(1_000 * ((this.secondsPerStep[key] ?? 0) + seconds));
      this.line(`${title.padEnd(TITLE_WIDTH)} ${result}`.trimEnd() + `  (${seconds.toFixed(1)} s)`);
    }
  }

  /** A line between the steps. */
  note(text: string): void {
    this.line(text);
  }

  private line(text: string): void {
    const elapsed = this.totalSeconds.toFixed(1).padStart(6);
    this.sink.write(`${this.sink.isTTY ? CLEAR_LINE : ''}${elapsed} s  ${text}\n`);
  }

  private live(title: string, detail: string): void {
    if (this.sink.isTTY)
      this.sink.write(`${CLEAR_LINE}${' '.repeat(10)}${title.padEnd(TITLE_WIDTH)} ${detail}`.slice(0, 120));
  }
}

const roundSeconds = (ms: number): number => Math.round(ms) / 1_000;
