/** How an attempt ended. */
export interface Attempt {
  /** null: there was no answer. */
  readonly status: number | null;
  /** The answer's Retry-After, as it came. */
  readonly retryAfter: string | null;
  readonly error: string | null;
}

export type DeliveryOutcome =
  { readonly kind: 'DELIVERED' } | { readonly kind: 'RETRY'; readonly at: Date } | { readonly kind: 'FAILED' };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Before the second, third … attempt: over two days in all, so that a receiver may be down for a night. */
export const RETRY_PAUSES_MS = [
  5_000,
  30_000,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
];
const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS;

/**
 * What follows from an attempt. Only 2xx is a delivery; anything else is tried again, for what a receiver answers while it is being deployed can be
 * any error. 410 Gone is a receiver's word for "never again".
 * @param attempt 1 for the first
 * @param random in [0, 1), spreads the attempts that a fault of the receiver has brought together
 */
export function outcomeOf(
  { status, retryAfter }: Attempt,
  attempt: number,
  now: Date,
  random: number,
): DeliveryOutcome {
  if (status !== null && status >= 200 && status < 300) return { kind: 'DELIVERED' };
  const pause = RETRY_PAUSES_MS[attempt - 1];
  if (status === 410 || pause === undefined) return { kind: 'FAILED' };
  const asked = retryAfterMs(retryAfter, now);
  const spread = pause * (0.8 + 0.4 * random);
  return { kind: 'RETRY', at: new Date(now.getTime() + Math.max(spread, asked)) };
}

/** RFC 9110: seconds, or a date. 0 for what is neither, or past; at most a day. */
function retryAfterMs(text: string | null, now: Date): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS) : 0;
}
