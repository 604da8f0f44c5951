import type { RetrainingRules, TriggerDecision } from '../../entities';

export interface TriggerSituation {
  readonly rules: RetrainingRules | null;
  readonly paused: boolean;
  /** When a trigger of this model last fired. */
  readonly lastFiredAt: Date | null;
  readonly runInProgress: boolean;
  /** Whether the drifted version is still the one in production. */
  readonly isProduction: boolean;
  readonly now: Date;
}

/** Whether drift of a version shall retrain its model. Every answer has its reason, because every evaluation is kept. */
export function decideOnDrift(situation: TriggerSituation): {
  decision: Exclude<TriggerDecision, 'FAILED'>;
  reason: string;
} {
  const { rules, lastFiredAt, now } = situation;
  const skip = (reason: string) => ({ decision: 'SKIPPED' as const, reason });

  if (!rules) return skip('The model has no retraining policy. Set one with setRetrainingPolicy.');
  if (!rules.onDrift) return skip('The policy does not retrain on drift.');
  if (situation.paused) return skip('Retraining is paused. Resume it with resumeRetraining.');
  if (!situation.isProduction) return skip('The version that drifted is not in production any more.');
  if (situation.runInProgress) return skip('A training run of this model is in progress.');
  if (lastFiredAt) {
    const readyAt = new Date(lastFiredAt.getTime() + rules.cooldownSeconds * 1000);
    if (now < readyAt) return skip(`In cooldown until ${readyAt.toISOString()}.`);
  }
  return { decision: 'FIRED', reason: 'Drift was detected.' };
}
