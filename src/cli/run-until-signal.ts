import { constants } from 'node:os';
import type { Logger } from '../logger';

/** npm passes Ctrl-C on to a process that the terminal has already told, so a second signal counts only after a moment. */
const ECHO_MS = 300;

export interface Lifetime {
  /** Aborted when it is time to end. */
  readonly signal: AbortSignal;
  /** What to do then; the last one first. */
  onStop(stop: () => Promise<void>): void;
}

/**
 * Runs a command that has something to stop. SIGINT and SIGTERM ask it to end, a second one ends the process at once. An error that nobody caught
 * ends it in order, too: what the process believes is no longer to be trusted.
 * @param run returns the exit code, also after a signal: a server that was asked to end has not failed, a story that was cut off has
 */
export async function runUntilSignal(logger: Logger, run: (lifetime: Lifetime) => Promise<number>): Promise<number> {
  const ending = new AbortController();
  const stops: (() => Promise<void>)[] = [];
  let signalCode: number | null = null;
  let firstSignalAt = 0;

  const onSignal = (signal: NodeJS.Signals) => {
    if (signalCode === null) {
      // A server that was asked to end and did has not failed.
      signalCode = 0;
      firstSignalAt = performance.now();
      logger.info({ signal }, 'stopping; once more to stop at once');
      ending.abort();
    } else if (performance.now() - firstSignalAt > ECHO_MS) {
      // Exit listeners still tell the embedded PostgreSQL to end.
      process.exit(128 + constants.signals[signal]);
    }
  };
  const onFault = (error: unknown) => {
    logger.fatal({ err: error }, 'an error that nobody caught; stopping');
    signalCode = 1;
    ending.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);

  try {
    const code = await run({ signal: ending.signal, onStop: (stop) => stops.unshift(stop) });
    return signalCode || code;
  } catch (error) {
    // What breaks because everything is being stopped is not news.
    if (signalCode === null) throw error;
    return signalCode;
  } finally {
    for (const stop of stops) await stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.off('uncaughtException', onFault).off('unhandledRejection', onFault);
  }
}

/** Resolves when it is time to end. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
