import { type QualityRule, TASK_TYPES, type TaskType } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import { checkedQualityPolicy, DEFAULT_QUALITY_POLICIES } from '../../../src/services/registry/quality-policy';
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
    segments: [],
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

  it('takes a regression exactly at the tolerance', () => {
    const policy = { minimumEvaluationRows: 1, rules: [rule({ threshold: null, maxRegression: 0.01 })] };
    const against = (auc: number) => ({
      modelVersionId: 'v',
      rowCount: 500,
      production: { auc: 0.7 },
      candidate: { auc },
    });
    expect(evaluate({ policy, baseline: against(0.69) }).passed).toBe(true);
    expect(evaluate({ policy, baseline: against(0.6899) }).passed).toBe(false);
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

  it('says where figures come from that nobody could measure here', () => {
    const policy = { minimumEvaluationRows: 1, rules: [rule({ threshold: null, maxRegression: 0.01 })] };
    const declared = {
      modelVersionId: 'v',
      declared: true,
      rowCount: 500,
      production: { auc: 0.85 },
      candidate: { auc: 0.83 },
    };
    expect(failed({ policy, baseline: declared })).toMatchObject([
      { actual: 0.83, baseline: 0.85, message: expect.stringMatching(/as declared of the same dataset/) },
    ]);
  });
});

describe('A rule for segments', () => {
  const segment = (value: string, rowCount: number, metrics: Record<string, number>) => ({
    feature: 'contract',
    value,
    rowCount,
    metrics,
  });
  const policy = { minimumEvaluationRows: 1, rules: [rule({ threshold: 0.6, segmentBy: 'contract' })] };
  const checksOf = (segments: GateInput['segments'], rules = policy.rules) =>
    evaluate({ policy: { ...policy, rules }, segments }).checks.filter(({ name }) => name === 'auc');

  it('holds each of them to the threshold, and says which one is below', () => {
    const checks = checksOf([segment('monthly', 400, { auc: 0.61 }), segment('yearly', 300, { auc: 0.59 })]);
    expect(checks).toMatchObject([
      { segment: { feature: 'contract', value: 'monthly' }, passed: true, threshold: 0.6, actual: 0.61 },
      {
        segment: { feature: 'contract', value: 'yearly' },
        passed: false,
        message: 'auc is 0.59 where contract is yearly (300 rows); the policy asks for at least 0.6.',
      },
    ]);
  });

  it('does not judge a segment by too few rows, and says so', () => {
    const few = [segment('yearly', 49, { auc: 0.1 }), segment('monthly', 50, { auc: 0.7 })];
    expect(checksOf(few)).toMatchObject([
      {
        passed: true,
        actual: 0.1,
        message: expect.stringMatching(/^Not judged where contract is yearly: 49 held-out/),
      },
      { passed: true, actual: 0.7 },
    ]);
    const fewer = [rule({ threshold: 0.6, segmentBy: 'contract', minimumSegmentRows: 49 })];
    expect(checksOf(few, fewer).map(({ passed }) => passed)).toEqual([false, true]);
  });

  it('does not pass where a segment, or all of them, were not measured', () => {
    expect(checksOf([segment('yearly', 300, {})])).toMatchObject([{ passed: false, actual: null }]);
    expect(checksOf([{ ...segment('x', 300, { auc: 0.9 }), feature: 'other' }])).toMatchObject([
      { passed: false, message: expect.stringMatching(/evaluation report/) },
    ]);
  });

  it('looks at metrics that are better lower from above', () => {
    const rules = [rule({ metric: 'logLoss', comparison: 'AT_MOST', threshold: 0.5, segmentBy: 'contract' })];
    const segments = [segment('a', 100, { logLoss: 0.5 }), segment('b', 100, { logLoss: 0.51 })];
    const { checks } = evaluate({ policy: { ...policy, rules }, segments });
    expect(checks.slice(2).map(({ passed }) => passed)).toEqual([true, false]);
  });
});

describe('A quality policy', () => {
  const check = (changes: Partial<QualityRule>, taskType: TaskType = 'BINARY_CLASSIFICATION') =>
    checkedQualityPolicy({ minimumEvaluationRows: 1, rules: [rule(changes)] }, taskType);

  it.each(TASK_TYPES)('that is the default for %s can be set, too', (taskType) => {
    const policy = DEFAULT_QUALITY_POLICIES[taskType];
    expect(checkedQualityPolicy(policy, taskType)).toBe(policy);
  });

  it.each([
    ['a metric of another task type', { metric: 'rmse' }, 'metric', /rmse.* BINARY_CLASSIFICATION; choose one of acc/],
    ['neither bound', { threshold: null }, 'threshold', /give threshold/],
    ['a negative regression', { maxRegression: -1 }, 'maxRegression', /negative/],
    ['the wrong side', { metric: 'logLoss' }, 'comparison', /use AT_MOST/],
    ['rows of segments without a feature', { minimumSegmentRows: 5 }, 'minimumSegmentRows', /segmentBy/],
    ['an unnamed feature', { segmentBy: '' }, 'segmentBy', /feature/],
    ['segments against production', { segmentBy: 'a', maxRegression: 0.1 }, 'maxRegression', /rule of its own/],
    ['segments without a bound', { segmentBy: 'a', threshold: null, maxRegression: 0.1 }, 'maxRegression', /bound/],
    ['segments of no rows', { segmentBy: 'a', minimumSegmentRows: 0 }, 'minimumSegmentRows', /at least 1/],
  ])('is refused with %s', (_what, changes, field, message) => {
    const refused = thrownBy(() => check(changes));
    expect(refused).toMatchObject({ field: ['input', 'qualityPolicy', 'rules', '0', field] });
    expect(refused.message).toMatch(message);
  });

  it('knows the metrics of every task type', () => {
    expect(() => check({ metric: 'r2' }, 'REGRESSION')).not.toThrow();
    expect(() => check({ metric: 'auc' }, 'REGRESSION')).toThrow(/rmse/);
    expect(() => check({ metric: 'f1Macro' }, 'MULTICLASS_CLASSIFICATION')).not.toThrow();
  });
});

function thrownBy(work: () => unknown): InvalidInput {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}
