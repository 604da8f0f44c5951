import type { DriftResult, FeatureDrift, MonitoringRules } from '../../../src/entities';
import { analyseDrift } from '../../../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../../../src/services/monitoring/monitoring-policy.service';
import { windowOf } from '../../support/drift-windows';
import { referenceOf, type Subscriber, subscribers } from '../../support/subscribers';

const profile = referenceOf(subscribers(2000, 'reference'));

const analyse = (rows: readonly Subscriber[], rules: Partial<MonitoringRules> = {}) =>
  analyseDrift(profile, windowOf(profile, rows, 0), { ...DEFAULT_MONITORING_RULES, ...rules }, 0.5);

const changed = (
  rows: readonly Subscriber[],
  change: (row: Subscriber, index: number) => Partial<Subscriber['features']>,
) => rows.map((row, index) => ({ ...row, features: { ...row.features, ...change(row, index) } }));

function featureOf({ features }: Omit<DriftResult, 'alertId'>, name: string): FeatureDrift {
  const found = features.find(({ feature }) => feature === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

const shifted = subscribers(1500, 'shifted', { minutes: 15 });
/** Two of the three features: minutes much, calls less. */
const twoShifted = changed(shifted, ({ features }, index) => ({ calls: index % 3 === 0 ? '4' : features.calls }));

describe('Verdicts on features', () => {
  it('are sorted by contribution, and the contributions add up to 1', () => {
    const { result } = analyse(twoShifted);
    expect(result.features.map(({ feature }) => feature)).toEqual(['minutes', 'calls', 'plan']);
    const contributions = result.features.map(({ contribution }) => contribution ?? NaN);
    expect(contributions[0]).toBeGreaterThan(contributions[1]);
    expect(contributions[1]).toBeGreaterThan(0.05);
    expect(contributions[2]).toBeLessThan(0.05);
    expect(contributions.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('come with every usual figure, χ² and Wasserstein beside KL', () => {
    const minutes = featureOf(analyse(shifted).result, 'minutes');
    // 15 minutes are three quarters of a standard deviation.
    expect(minutes.wassersteinDistance).toBeGreaterThan(0.65);
    expect(minutes.wassersteinDistance).toBeLessThan(0.85);
    expect(minutes.chiSquarePValue).toBeLessThan(1e-20);
    expect((minutes.jsDistance ?? 0) ** 2).toBeCloseTo(minutes.jsDivergence ?? NaN, 12);
    expect(minutes.hellingerDistance).toBeGreaterThan(0.1);
    expect(featureOf(analyse(shifted).result, 'plan').wassersteinDistance).toBeNull();
  });

  it('say why: DRIFT and NO_DRIFT by effect and corrected p', () => {
    const { result } = analyse(shifted);
    expect(featureOf(result, 'minutes').reason).toMatch(
      /^KL divergence 0\.\d+ reaches the threshold 0\.1, and is more than chance \(corrected p = \S+, level 0\.0125\)\.$/,
    );
    expect(featureOf(result, 'plan').reason).toMatch(/^KL divergence \S+ is below the threshold 0\.1\.$/);
    expect(result.prediction.reason).toMatch(/^Jensen–Shannon distance 0\.\d+ reaches the threshold 0\.1/);
  });

  it('say why and how many rows it takes: INSUFFICIENT_DATA', () => {
    const few = featureOf(analyse(subscribers(150, 'few')).result, 'minutes');
    expect(few).toMatchObject({ verdict: 'INSUFFICIENT_DATA', currentRowsNeeded: expect.any(Number) });
    expect(few.reason).toBe('The window has 150 rows; the policy asks for 200.');
    const strict = featureOf(analyse(subscribers(250, 'noisy'), { klThreshold: 0.05 }).result, 'minutes');
    const needed = strict.currentRowsNeeded ?? 0;
    expect(needed).toBeGreaterThan(250);
    expect(strict.verdict).toBe('INSUFFICIENT_DATA');
    expect(strict.reason).toMatch(
      new RegExp(
        `^Chance alone can reach a KL divergence of .* over the threshold 0.05: the window has 250 rows, and it takes ${needed}\\.$`,
      ),
    );
    const enough = featureOf(analyse(subscribers(needed, 'enough'), { klThreshold: 0.05 }).result, 'minutes');
    expect(enough.verdict).toBe('NO_DRIFT');
    const never = featureOf(analyse(subscribers(5000, 'never'), { klThreshold: 0.001 }).result, 'minutes');
    expect(never.currentRowsNeeded).toBeNull();
    expect(never.reason).toMatch(/the reference has only 2000 rows, and no window is large enough\.$/);
    const none = featureOf(analyse([]).result, 'minutes');
    expect(none).toMatchObject({ verdict: 'EMPTY', reason: 'The window has no rows.', currentRowsNeeded: 200 });
  });

  it('use Holm: once one feature has drifted the others are held to less', () => {
    const { result } = analyse(twoShifted);
    const [minutes, calls, plan] = result.features;
    expect([minutes.verdict, calls.verdict, plan.verdict]).toEqual(['DRIFT', 'DRIFT', 'NO_DRIFT']);
    // The largest p of three is multiplied by one, where Bonferroni multiplies by three.
    const bonferroni = 3 * (plan.chiSquarePValue ?? NaN);
    expect(plan.pValue).toBeLessThan(Math.min(1, bonferroni));
  });

  it('hold single features to thresholds of their own', () => {
    const featureThresholds = [{ feature: 'minutes', klThreshold: 3 }];
    const { result } = analyse(shifted, { featureThresholds });
    expect(featureOf(result, 'minutes')).toMatchObject({ verdict: 'NO_DRIFT', threshold: 3 });
    expect(featureOf(result, 'calls').threshold).toBe(0.1);
  });
});

describe('The verdict on the features together', () => {
  it('is DRIFT from one feature on, or from the share that the policy asks for', () => {
    const quiet = { jsThreshold: 0.8 };
    const verdictAt = (driftedShare: number | null, rows = shifted) => {
      const { verdict, result } = analyse(rows, { ...quiet, driftedShare });
      expect(result.dataset).toMatchObject({ featureCount: 3, driftedShareNeeded: driftedShare, verdict });
      return [verdict, result.dataset?.driftedFeatureCount];
    };
    expect(verdictAt(null)).toEqual(['DRIFT', 1]);
    expect(verdictAt(0.3)).toEqual(['DRIFT', 1]);
    expect(verdictAt(0.5)).toEqual(['NO_DRIFT', 1]);
    expect(verdictAt(0.5, twoShifted)).toEqual(['DRIFT', 2]);
    expect(verdictAt(1, twoShifted)).toEqual(['NO_DRIFT', 2]);
  });

  it('is INSUFFICIENT_DATA where the undecided features could make up the share', () => {
    const strict = { jsThreshold: 0.8, klThreshold: 0.05 };
    const rows = subscribers(250, 'noisy');
    // Only minutes has so many bins that 250 rows are too few.
    expect(analyse(rows, strict).verdict).toBe('INSUFFICIENT_DATA');
    expect(analyse(rows, { ...strict, driftedShare: 0.3 }).verdict).toBe('INSUFFICIENT_DATA');
    expect(analyse(rows, { ...strict, driftedShare: 0.6 }).verdict).toBe('NO_DRIFT');
  });

  it('leaves predictions to alarm alone', () => {
    const { verdict, result } = analyse(shifted, { driftedShare: 1 });
    expect([verdict, result.dataset?.verdict, result.prediction.verdict]).toEqual(['DRIFT', 'NO_DRIFT', 'DRIFT']);
  });
});
