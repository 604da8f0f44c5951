import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { ReportWindowKind } from '../../entities';
import { InvalidInput } from '../../errors';
import { firstPredictedAt, newestSpan } from '../predictions';

/** How a window is asked for: by exactly one of a time range, a number of rows, and the last report. */
export interface WindowInput {
  readonly from?: Date | null;
  readonly to?: Date | null;
  /** The newest so many PRIMARY predictions. */
  readonly lastRows?: number | null;
  /** From the end of the version's last READY report; the first time from its first prediction. */
  readonly sinceLast?: boolean | null;
}

/** A window as it is kept with its report. */
export interface ReportWindow {
  readonly windowKind: ReportWindowKind;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly windowRowLimit: number | null;
  /** Predictions of the first millisecond up to this one are not in it. */
  readonly windowAfterId: string | null;
}

const MAX_LAST_ROWS = 10_000_000;

/**
 * Checks how a window is asked for, without looking at predictions.
 * @throws InvalidInput
 */
export function checkWindow({ from, to, lastRows, sinceLast }: WindowInput): void {
  const ways = [from != null || to != null, lastRows != null, sinceLast === true].filter(Boolean).length;
  if (ways !== 1)
    throw new InvalidInput('input.from', 'give exactly one of from with to, lastRows, and sinceLast: true');
  if (lastRows != null && (!Number.isInteger(lastRows) || lastRows < 1 || lastRows > MAX_LAST_ROWS))
    throw new InvalidInput('input.lastRows', `${lastRows} is not a whole number from 1 to ${MAX_LAST_ROWS}`);
  if (lastRows != null || sinceLast === true) return;
  if (from == null || to == null)
    throw new InvalidInput(from == null ? 'input.from' : 'input.to', 'is missing; a time range has both ends');
  if (from >= to) throw new InvalidInput('input.to', 'must be later than from');
}

/** The window of a checked input as it is now, or the reason why there is nothing to report on. A time range is taken as it is. */
export async function resolveWindow(
  manager: EntityManager,
  modelVersionId: string,
  { from, to, lastRows }: WindowInput,
  now: Date,
): Promise<ReportWindow | { readonly nothing: string }> {
  if (from != null && to != null) return timeRange(from, to);
  if (lastRows != null) {
    const span = await newestSpan(manager, modelVersionId, lastRows);
    if (span === null) return { nothing: 'The version has made no PRIMARY prediction yet.' };
    return {
      windowKind: 'LAST_ROWS',
      windowStart: span.from,
      windowEnd: span.to,
      windowRowLimit: lastRows,
      windowAfterId: span.afterId,
    };
  }
  const [{ last }] = await manager.query<[{ last: Date | null }]>(
    `SELECT max(window_end) AS last FROM drift_reports WHERE model_version_id = $1 AND status = 'READY'`,
    [modelVersionId],
  );
  const first = await firstPredictedAt(manager, modelVersionId, last ?? new Date(0), now);
  if (first === null) {
    const since = last ? ` since ${last.toISOString()}, where its last report ends` : ' yet';
    return { nothing: `The version has made no PRIMARY prediction${since}.` };
  }
  return { ...timeRange(last ?? first, now), windowKind: 'SINCE_LAST' };
}

export const timeRange = (from: Date, to: Date): ReportWindow => ({
  windowKind: 'TIME_RANGE',
  windowStart: from,
  windowEnd: to,
  windowRowLimit: null,
  windowAfterId: null,
});

/** A prediction is in the log at most this long after it was made, give or take a slow commit. */
const SETTLE_MS = 1000;

/** What was predicted before the end of a window that goes to the present may not be committed yet, and the next report begins where this one ends. */
export async function settled(
  { windowKind, windowEnd }: Pick<ReportWindow, 'windowKind' | 'windowEnd'>,
  signal: AbortSignal,
): Promise<void> {
  const pauseMs = windowEnd.getTime() + SETTLE_MS - Date.now();
  if (windowKind === 'SINCE_LAST' && pauseMs > 0) await sleep(Math.min(pauseMs, SETTLE_MS), undefined, { signal });
}
