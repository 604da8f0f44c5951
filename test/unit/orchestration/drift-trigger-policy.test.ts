import { decideOnDrift, type TriggerSituation } from '../../../src/services/orchestration/drift-trigger.policy';

const now = new Date('2026-03-01T12:00:00Z');

const decide = (changes: Partial<TriggerSituation>) =>
  decideOnDrift({
    rules: {
      onDrift: true,
      cooldownSeconds: 3600,
      lookbackSeconds: null,
      promotion: { automatic: true, metric: 'logLoss', minimumImprovement: 0, minimumHeldOutRows: 100 },
    },
    paused: false,
    lastFiredAt: null,
    runInProgress: false,
    isProduction: true,
    now,
    ...changes,
  });

describe('The drift trigger', () => {
  it('fires for a drifted production version', () => {
    expect(decide({}).decision).toBe('FIRED');
  });

  it.each<[string, Partial<TriggerSituation>, RegExp]>([
    ['there is no policy', { rules: null }, /no retraining policy/],
    ['retraining is paused', { paused: true }, /paused/],
    ['the version has left production', { isProduction: false }, /not in production/],
    ['a run is in progress', { runInProgress: true }, /in progress/],
    [
      'it fired within the cooldown',
      { lastFiredAt: new Date('2026-03-01T11:00:01Z') },
      /cooldown until 2026-03-01T12:00:01/,
    ],
  ])('skips and says why when %s', (_, changes, reason) => {
    expect(decide(changes)).toEqual({ decision: 'SKIPPED', reason: expect.stringMatching(reason) as string });
  });

  it('fires again at the very end of the cooldown', () => {
    expect(decide({ lastFiredAt: new Date('2026-03-01T11:00:00Z') }).decision).toBe('FIRED');
  });
});
