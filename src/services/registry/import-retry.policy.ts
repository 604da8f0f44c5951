const PAUSES_SECONDS = [5, 30, 180, 900];
const HOUR_SECONDS = 3600;
const LONGEST_PAUSE_SECONDS = 24 * HOUR_SECONDS;

/** When an import is tried again. */
export interface NextAttempt {
  readonly pauseSeconds: number;
  /** Short pauses wait in the job queue. From an hour on the hourly upkeep makes the job, so that a dead server does not fill the queue. */
  readonly by: 'JOB' | 'UPKEEP';
}

/**
 * After an attempt that failed: 5 s, 30 s, 3 min, 15 min, then from an hour on twice as long each time, up to a day. It is never given up.
 * @param attempts that have failed so far, from 1
 */
export function nextAttempt(attempts: number): NextAttempt {
  const short = PAUSES_SECONDS[attempts - 1];
  if (short !== undefined) return { pauseSeconds: short, by: 'JOB' };
  const doublings = Math.min(attempts - PAUSES_SECONDS.length - 1, 10);
  return { pauseSeconds: Math.min(HOUR_SECONDS * 2 ** doublings, LONGEST_PAUSE_SECONDS), by: 'UPKEEP' };
}
