import type { MonitoringRules } from '../../../src/entities';
import { analyseDrift, type CurrentWindow, driftCauses } from '../../../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../../../src/services/monitoring/monitoring-policy.service';
import { countBins } from '../../../src/services/statistics';
import { windowOf as countedWindow } from '../../support/drift-windows';
import { referenceOf, type Subscriber, subscribers, tableOf } from '../../support/subscribers';

const profile = referenceOf(subscribers(2000, 'reference'));

const windowOf = (rows: readonly Subscriber[], labelled = rows.length): CurrentWindow =>
  countedWindow(profile, rows, labelled);

const analyse = (window: CurrentWindow, rules: Partial<MonitoringRules> = {}) =>
  analyseDrift(profile, window, { ...DEFAULT_MONITORING_RULES, ...rules }, 0.5);

const without = (rows: readonly Subscriber[], lost: Partial<Subscriber['features']>): Subscriber[] =>
  rows.map((row) => ({ ...row, features: { ...row.features, ...lost } }));

describe('The analysis of a window', () => {
  it('finds no drift where nothing has changed, and measures the model on what is labelled', () => {
    const { verdict, result } = analyse(windowOf(subscribers(1500, 'same')));
    expect(verdict).toBe('NO_DRIFT');
    expect(result.concept.verdict).toBe('NO_DRIFT');
    expect(result).toMatchObject({ referenceRowCount: 2000, currentRowCount: 1500, labelledRowCount: 1500 });
    expect(result.performance.auc).toBeGreaterThan(0.75);
    expect(driftCauses(result)).toEqual([]);
  });

  it('tells a shift of the features from a change of the concept', () => {
    const { verdict, result } = analyse(windowOf(subscribers(1500, 'shifted', { minutes: 15 })));
    expect(verdict).toBe('DRIFT');
    expect(result.features.map(({ feature, verdict: found }) => [feature, found])).toEqual([
      ['minutes', 'DRIFT'],
      ...result.features.slice(1).map(({ feature }) => [feature, 'NO_DRIFT']),
    ]);
    expect(result.prediction.verdict).toBe('DRIFT');
    expect(result.concept.verdict).toBe('NO_DRIFT');
    expect(driftCauses(result)).toEqual([
      expect.stringMatching(/^Prediction drift: Jensen–Shannon distance 0\.\d{3}, threshold 0\.1\.$/),
      expect.stringMatching(/^Data drift in minutes: KL divergence 0\.\d{3}, threshold 0\.1\.$/),
    ]);
  });

  it('tells a change of the concept from a shift of the features, and names it first', () => {
    const { verdict, result } = analyse(windowOf(subscribers(1500, 'changed', { logit: 1 })));
    expect(verdict).toBe('DRIFT');
    expect(result.features.every((feature) => feature.verdict === 'NO_DRIFT')).toBe(true);
    expect(result.prediction.verdict).toBe('NO_DRIFT');
    expect(result.concept.verdict).toBe('DRIFT');
    expect(result.concept.calibrationZ).toBeGreaterThan(3);
    expect(driftCauses(result)).toEqual([expect.stringMatching(/^Concept drift: .* z = \d+\.\d{3}\)\.$/)]);
  });

  it('never takes a window that is too small for one without drift', () => {
    for (const rowCount of [0, 1, 150, 199]) {
      const { verdict, result } = analyse(windowOf(subscribers(rowCount, 'few', { minutes: 60 }), 0));
      expect(verdict).toBe('INSUFFICIENT_DATA');
      expect(result.concept.verdict).toBe('INSUFFICIENT_LABELS');
    }
  });

  it('believes the labels of a window that is too small for a verdict on its features', () => {
    const { verdict, result } = analyse(windowOf(subscribers(150, 'few and wrong', { logit: 2 })));
    expect(result.prediction.verdict).toBe('INSUFFICIENT_DATA');
    expect([verdict, result.concept.verdict]).toEqual(['DRIFT', 'DRIFT']);
  });

  it('says INSUFFICIENT_LABELS with too few labels, and with too few of the rows labelled, and measures nothing then', () => {
    const rows = subscribers(1500, 'unlabelled', { logit: 2 });
    for (const labelled of [0, 99, 700]) {
      const { verdict, result } = analyse(windowOf(rows, labelled));
      expect([verdict, result.concept.verdict]).toEqual(['NO_DRIFT', 'INSUFFICIENT_LABELS']);
      expect(result.concept).toMatchObject({ ksStatistic: null, calibrationZ: null, labelledRowCount: labelled });
      expect(result.performance).toEqual({});
    }
  });

  it('takes values that have vanished for drift of their feature', () => {
    const { verdict, result } = analyse(windowOf(without(subscribers(1500, 'broken'), { plan: null })));
    expect(verdict).toBe('DRIFT');
    const plan = result.features.find(({ feature }) => feature === 'plan');
    expect(plan).toMatchObject({ verdict: 'DRIFT', nullRatioReference: 0, nullRatioCurrent: 1 });
    expect(driftCauses(result)).toEqual([expect.stringMatching(/^Data drift in plan: KL divergence \d/)]);
  });

  it('calls a feature EMPTY that has no values now and had none before', () => {
    const unused = without(subscribers(2000, 'unused'), { plan: null });
    const emptyProfile = referenceOf(unused);
    const window = windowOf(unused);
    const features = emptyProfile.features.map(({ bins }, index) => countBins(bins, tableOf(unused).columns[index]));
    const { verdict, result } = analyseDrift(emptyProfile, { ...window, features }, DEFAULT_MONITORING_RULES, 0.5);
    const plan = result.features.find(({ feature }) => feature === 'plan');
    expect([verdict, plan?.verdict]).toEqual(['NO_DRIFT', 'EMPTY']);
    expect(plan).toMatchObject({ klDivergence: null, pValue: null, contribution: 0, currentRowsNeeded: null });
    expect(plan?.reason).toBe('The window has no value of it, and the reference had none or hardly any.');
  });

  it('holds effects against the thresholds of the policy', () => {
    const window = windowOf(subscribers(1500, 'shifted', { minutes: 15 }));
    const generous = analyse(window, { klThreshold: 2, jsThreshold: 0.8 });
    expect(generous.verdict).toBe('NO_DRIFT');
    expect(generous.result.features[0].threshold).toBe(2);
  });

  it('gives histograms whose shares add up to 1, with nulls as the last bin', () => {
    const { result } = analyse(windowOf(subscribers(500, 'pictured')));
    for (const { histogram, nullRatioCurrent } of result.features) {
      expect(histogram.bins).toHaveLength(histogram.current.length);
      expect(histogram.bins.at(-1)).toBe('(null)');
      expect(histogram.current.at(-1)).toBe(nullRatioCurrent);
      for (const shares of [histogram.reference, histogram.current])
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    }
  });
});
