import { InvalidInput } from '../../errors';

/** How a detector did on a stream whose changes are known. Positions count rows, or whatever the alarms are numbered by. */
export interface DetectionScore {
  /** Mean distance from a change to the first alarm about it, over the changes that were found; null where none was. */
  readonly meanDelay: number | null;
  /** In the order of the changes; null for one that was missed. */
  readonly delays: readonly (number | null)[];
  readonly missed: number;
  /** Alarms that follow no change within the window. A second alarm about the same change is none. */
  readonly falseAlarms: number;
}

/**
 * Scores alarms against true changes: a change is found by the first alarm in [change, change + window), at most until the next change.
 * @param alarms positions in any order
 * @param changes positions in any order
 * @param window how late an alarm may be and still be about the change, above 0
 * @throws InvalidInput when the window is not above 0 or a position is not finite.   Source: the measures of River and of Bifet & Gavaldà 2007.
 */
export function scoreDetections(alarms: readonly number[], changes: readonly number[], window: number): DetectionScore {
  if (!(window > 0)) throw new InvalidInput('window', `${window} is not above 0.`);
  if (![...alarms, ...changes].every(Number.isFinite))
    throw new InvalidInput('alarms', 'a position is not a finite number.');
  const times = alarms.toSorted((a, b) => a - b);
  const truths = changes.toSorted((a, b) => a - b);
  const belongsTo = (alarm: number): number =>
    truths.findLastIndex((change) => change <= alarm && alarm < change + window);
  const delays = truths.map((change, index) => {
    const first = times.find((alarm) => belongsTo(alarm) === index);
    return first === undefined ? null : first - change;
  });
  const found = delays.filter((delay) => delay !== null);
  return {
    meanDelay: found.length === 0 ? null : found.reduce((sum, delay) => sum + delay, 0) / found.length,
    delays,
    missed: delays.length - found.length,
    falseAlarms: times.filter((alarm) => belongsTo(alarm) < 0).length,
  };
}
