import type { AlertOutcome } from '../../../entities';

/** A window that was judged. */
export interface JudgedWindow {
  readonly outcome: AlertOutcome;
  /** When what it judged was known: the end of the window, or of the report. */
  readonly observedAt: Date;
}

/** The newest alert of a rule and a version. */
export type AlertState =
  | { readonly status: 'NONE' }
  | { readonly status: 'OPEN' }
  | { readonly status: 'RESOLVED'; readonly resolvedAt: Date };

export interface Confirmation {
  /** So many windows … */
  readonly required: number;
  /** … of the last so many that could be judged. */
  readonly outOf: number;
  readonly reopenWithinSeconds: number;
  readonly autoResolve: boolean;
}

export type AlertStep = 'RAISE' | 'REPEAT' | 'REOPEN' | 'RESOLVE' | 'NOTHING';

/**
 * What a window that was just judged means for the alert of its rule and version.
 *
 * A window that could not be judged neither confirms nor clears: it is passed over. While an alert is open, a breach repeats it, and `outOf` clean
 * windows in a row resolve it where the rule says so. After it was resolved, one breach within the grace reopens it, since it had been confirmed;
 * otherwise windows that were known by then are settled, and a new alert needs `required` new ones.
 * @param windows newest first, the one that was just judged at their head; at least the last `outOf` that could be judged
 */
export function nextStep(windows: readonly JudgedWindow[], state: AlertState, rule: Confirmation): AlertStep {
  const newest = windows[0] as JudgedWindow | undefined;
  if (newest === undefined || newest.outcome === 'NOT_EVALUABLE') return 'NOTHING';
  const judged = windows.filter(({ outcome }) => outcome !== 'NOT_EVALUABLE');
  const isBreached = newest.outcome === 'BREACHED';

  if (state.status === 'OPEN') {
    if (isBreached) return 'REPEAT';
    const last = judged.slice(0, rule.outOf);
    const isClear = last.length === rule.outOf && last.every(({ outcome }) => outcome === 'CLEAN');
    return rule.autoResolve && isClear ? 'RESOLVE' : 'NOTHING';
  }
  if (!isBreached) return 'NOTHING';

  const settledAt = state.status === 'RESOLVED' ? state.resolvedAt.getTime() : -Infinity;
  const age = newest.observedAt.getTime() - settledAt;
  if (age <= 0) return 'NOTHING';
  if (age <= rule.reopenWithinSeconds * 1000) return 'REOPEN';
  const breaches = judged
    .slice(0, rule.outOf)
    .filter(({ outcome, observedAt }) => outcome === 'BREACHED' && observedAt.getTime() > settledAt);
  return breaches.length >= rule.required ? 'RAISE' : 'NOTHING';
}
