import type { QualityRule } from '../../../src/entities';
import { evaluateGate, type GateInput } from '../../../src/services/registry/quality-gate.policy';

const rule = (changes: Partial<QualityRule> = {}): QualityRule => ({
  metric: 'auc',
  comparison: 'AT_LEAST',
  threshold: 0.8,
  maxRegression: null,
  ...changes,
});

const evaluate = (changes: Partial<GateInput>) =>
  evaluateGate({
    policy: { minimumEvaluationRows: 100, rules: [rule()] },
    metrics: { auc: 0.84 },
    evaluationRows: 1000,
    dataQualityPassed: true,
    baseline: null,
    ...changes,
  });

const failed = (changes: Partial<GateInput>) => evaluate(changes).checks.filter((check) => !check.passed);

describe('The quality gate', () => {
  it('passes a candidate that meets data and model rules, and shows every check', () => {
    const gate = evaluate({});
    expect(gate.passed).toBe(true);
    expect(gate.checks.map((check) => check.name)).toEqual(['dataQuality', 'evaluationRows', 'auc']);
  });

  it('rejects on a failed blocking data rule as on a failed metric', () => {
    expect(failed({ dataQualityPassed: false })).toMatchObject([{ kind: 'DATA', name: 'dataQuality' }]);
  });

  it('rejects when there are too few held-out rows to judge by', () => {
    expect(failed({ evaluationRows: 99 })).toMatchObject([{ name: 'evaluationRows', threshold: 100, actual: 99 }]);
  });

  it('takes a figure exactly at the threshold', () => {
    expect(evaluate({ metrics: { auc: 0.8 } }).passed).toBe(true);
    expect(failed({ metrics: { auc: 0.7999 } })).toMatchObject([{ name: 'auc', threshold: 0.8, actual: 0.7999 }]);
  });

  it('rejects a metric that was not measured, whichever way the rule points', () => {
    expect(failed({ metrics: {} })).toMatchObject([{ name: 'auc', actual: null }]);
    const atMost = {
      minimumEvaluationRows: 1,
      rules: [rule({ metric: 'logLoss', comparison: 'AT_MOST', threshold: 0.5 })],
    };
    expect(failed({ policy: atMost, metrics: {} })).toMatchObject([{ name: 'logLoss', actual: null }]);
  });

  it('compares with production on the same rows, in the direction of the metric', () => {
    const policy = {
      minimumEvaluationRows: 1,
      rules: [rule({ metric: 'logLoss', comparison: 'AT_MOST', threshold: null, maxRegression: 0.01 })],
    };
    const against = (candidate: number) => ({
      modelVersionId: 'v',
      rowCount: 500,
      production: { logLoss: 0.415 },
      candidate: { logLoss: candidate },
    });
    expect(evaluate({ policy, baseline: against(0.42) }).passed).toBe(true);
    expect(failed({ policy, baseline: against(0.43) })).toMatchObject([{ actual: 0.43, baseline: 0.415 }]);
  });

  it('does not pass a comparison that had no rows to be made on', () => {
    const policy = { minimumEvaluationRows: 1, rules: [rule({ threshold: null, maxRegression: 0.01 })] };
    expect(
      failed({ policy, baseline: { modelVersionId: 'v', rowCount: 0, production: {}, candidate: {} } }),
    ).toMatchObject([{ name: 'auc', actual: null, baseline: null }]);
  });

  it('does not ask for a comparison when there is no production version', () => {
    const policy = { minimumEvaluationRows: 1, rules: [rule({ threshold: null, maxRegression: 0 })] };
    expect(evaluate({ policy }).checks.map((check) => check.name)).toEqual(['dataQuality', 'evaluationRows']);
  });
});
