const DAY_MS = 86_400_000;
/**
 * Standard Webhooks recommends to stop sending where deliveries fail "consistently over a long period", and gives no figure. Five days are more than
 * twice what one delivery takes with all its attempts, and longer than a long weekend.
 */
export const FAILING_FOR_GOOD_MS = 5 * DAY_MS;

/** A delivery that was given up. */
export interface GivenUp {
  /** Of the last answer; null: there was none. */
  readonly status: number | null;
  readonly error: string | null;
  /** The first failed attempt since the last that succeeded, of any delivery to the webhook; null: this is it. */
  readonly failingSince: Date | null;
}

/**
 * Why a webhook is to be switched off after a delivery was given up; null: it is not. It takes a delivery that was tried to its end, so that one
 * failure before a quiet week and one after it are no such reason.
 */
export function disablingReason({ status, error, failingSince }: GivenUp, now: Date): string | null {
  if (status === 410) return 'The receiver answered 410 Gone: it wants no more messages.';
  if (failingSince === null || now.getTime() - failingSince.getTime() < FAILING_FOR_GOOD_MS) return null;
  return `Every attempt since ${failingSince.toISOString()} has failed; the last one: ${error ?? 'unknown'}.`;
}
