export interface WindowSchedule {
  readonly windowSeconds: number;
  /** How long after its end a window is complete. */
  readonly settleSeconds: number;
  /** How many are made up for at most, the latest ones. */
  readonly atMost: number;
  /** Windows that ended by then are none of the rule's, or of the version's. */
  readonly since: Date;
  /** The end of the last window that was judged; null: none was. */
  readonly lastEnd: Date | null;
}

export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The windows that are complete and not judged yet, oldest first. Windows do not overlap and lie alike for everybody: they begin at multiples of their
 * length since 1970 (UTC). After a time without a server only the latest are made up for.
 */
export function dueWindows(schedule: WindowSchedule, now: Date): Window[] {
  const { windowSeconds, settleSeconds, atMost, since, lastEnd } = schedule;
  const length = windowSeconds * 1000;
  const floor = (time: number): number => Math.floor(time / length) * length;
  const newest = floor(now.getTime() - settleSeconds * 1000);
  const oldest = Math.max(
    newest - (atMost - 1) * length,
    floor(since.getTime()) + length,
    lastEnd === null ? -Infinity : floor(lastEnd.getTime()) + length,
  );
  const windows: Window[] = [];
  for (let end = oldest; end <= newest; end += length)
    windows.push({ from: new Date(end - length), to: new Date(end) });
  return windows;
}
