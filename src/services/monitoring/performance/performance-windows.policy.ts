import { InvalidInput } from '../../../errors';

/** [start, end) in milliseconds since 1970. */
export interface PerformanceWindow {
  readonly start: number;
  readonly end: number;
}

const DAY_SECONDS = 86_400;
const MINIMUM_SECONDS = 60;
const MAX_WINDOWS = 10_000;

export interface WindowsInput {
  readonly from: Date;
  readonly to: Date;
  readonly windowSeconds?: number | null;
}

/**
 * The windows of a range, by time: multiples of their length since 1970 in UTC, so that days and hours are those of the
 * calendar and two requests part time alike; the first and the last are cut to
 * the range.
 * @throws InvalidInput for an empty range, a length below a minute, and too many windows
 */
export function performanceWindows({ from, to, windowSeconds }: WindowsInput): {
  readonly count: number;
  readonly windowAt: (index: number) => PerformanceWindow;
} {
  if (from >= to) throw new InvalidInput('to', 'must be later than from');
  const seconds = windowSeconds ?? DAY_SECONDS;
  if (seconds < MINIMUM_SECONDS)
    throw new InvalidInput('windowSeconds', `${seconds} is less than a minute; 3600 is an hour, 86400 a day`);
  const length = seconds * 1000;
  const origin = Math.floor(from.getTime() / length);
  const count = Math.ceil(to.getTime() / length) - origin;
  if (count > MAX_WINDOWS)
    throw new InvalidInput(
      'windowSeconds',
      `the range has ${count} windows of ${seconds} seconds; choose a length or a range that makes at most ${MAX_WINDOWS}`,
    );
  const windowAt = (index: number): PerformanceWindow => ({
    start: Math.max(from.getTime(), (origin + index) * length),
    end: Math.min(to.getTime(), (origin + index + 1) * length),
  });
  return { count, windowAt };
}
