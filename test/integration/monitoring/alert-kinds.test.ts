import type { AlertOutcome } from '../../../src/entities';
import type { SetAlertRuleInput } from '../../../src/services/monitoring';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { AlertedModel } from './alert-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

const alerted = (name: string) => AlertedModel.inProduction(operation, name);

/** Judges minute 0 by the rule. @returns what came of it, with its figure and its reason */
async function judged(model: AlertedModel, rule: Omit<SetAlertRuleInput, 'model' | 'name'>) {
  const { id } = await model.set(rule);
  await model.judge(0);
  const [{ outcome, value, reason, alertId }] = await model.evaluations(id);
  return { outcome, value, reason, isAlert: alertId !== null };
}

describe('A rule on volume', () => {
  it.each<[string, number, { below?: number; above?: number }, AlertOutcome, string]>([
    ['hears of none at all', 0, { below: 1 }, 'BREACHED', '0 predictions in the window, fewer than 1.'],
    ['hears of too few', 4, { below: 5, above: 9 }, 'BREACHED', '4 predictions in the window, fewer than 5.'],
    ['is content with enough', 5, { below: 5, above: 9 }, 'CLEAN', '5 predictions in the window.'],
    ['hears of too many', 10, { below: 5, above: 9 }, 'BREACHED', '10 predictions in the window, more than 9.'],
  ])('%s', async (name, count, volume, outcome, reason) => {
    const model = await alerted(name.replaceAll(' ', '-'));
    await model.serve(0, count);
    expect(await judged(model, { volume, windowSeconds: 60 })).toEqual({
      outcome,
      value: count,
      reason,
      isAlert: outcome === 'BREACHED',
    });
  });

  it('does not blame a version for the time before it came into production', async () => {
    const since = new Date();
    const model = await alerted('newcomer');
    const { id } = await model.set({ volume: { below: 1 }, windowSeconds: 3600 });
    await operation.evaluator.evaluateDue(new Date(model.zero));
    const { rows } = await operation.alertRules.evaluations(id, { first: 5 });
    expect(rows.length).toBeGreaterThan(0);
    for (const { windowStart, outcome } of rows)
      expect(outcome).toBe(windowStart < since ? 'NOT_EVALUABLE' : 'BREACHED');
  });
});

describe('A rule on latency', () => {
  const latency = (thresholdMs: number, minimumRequests = 3) => ({
    latency: { quantile: 0.9, thresholdMs, minimumRequests },
    windowSeconds: 60,
  });

  it('looks at the quantile over all requests of the window, of all replicas', async () => {
    const model = await alerted('slow');
    const seen = { modelVersionId: model.version.id };
    operation.minutesClock = () => model.at(0);
    for (let request = 0; request < 80; request++) operation.minutes.predicted(seen, 0.004, 1);
    await operation.minutes.flush();
    for (let request = 0; request < 20; request++) operation.minutes.predicted(seen, 0.4, 1);
    await operation.minutes.flush();
    const { outcome, value } = await judged(model, latency(300));
    expect(outcome).toBe('BREACHED');
    // Exactly it is 400 ms.
    expect(value).toBeGreaterThan(400 / 2 ** 0.25);
    expect(value).toBeLessThan(400 * 2 ** 0.25);
    const [alert] = await model.alerts();
    expect(alert.title).toMatch(
      /^Version 1, rule: The 0.9 quantile of the latency of 100 requests is \d+ ms, threshold 300 ms\.$/,
    );
  });

  it('says nothing of too few requests', async () => {
    const model = await alerted('idle');
    await model.serve(0, 5);
    const { outcome, reason } = await judged(model, latency(0.001));
    expect([outcome, reason]).toEqual(['NOT_EVALUABLE', '1 request answered; the rule needs 3.']);
  });
});

describe('A rule on performance', () => {
  const performance = (changes: { threshold: number; minimumLabels?: number; metric?: string }) => ({
    performance: {
      metric: 'auc',
      comparison: 'AT_LEAST' as const,
      minimumLabels: 50,
      labelDelaySeconds: 0,
      ...changes,
    },
    windowSeconds: 60,
  });
  /** Judges 400 predictions of minute 0, of which so many have an outcome. */
  async function judgedAt0(name: string, rule: ReturnType<typeof performance>, labelled: number) {
    const model = await alerted(name);
    await operation.predictWindow(name, 400, { labelled });
    const { dataSource } = operation;
    const moved = [model.model.id, model.at(0.5)];
    await dataSource.query(
      'UPDATE prediction_outcomes SET predicted_at = $2 WHERE prediction_id IN (SELECT id FROM predictions WHERE model_id = $1)',
      moved,
    );
    await dataSource.query('UPDATE predictions SET predicted_at = $2 WHERE model_id = $1', moved);
    return { ...(await judged(model, rule)), alerts: (await model.alerts()).length };
  }

  it('is broken where the whole confidence interval lies on the wrong side', async () => {
    const good = await judgedAt0('good', performance({ threshold: 0.5 }), 400);
    expect(good).toMatchObject({ outcome: 'CLEAN', alerts: 0 });
    const { value } = good;
    // A little more than it is: within its interval, which no window of 400 can tell from it.
    const near = await judgedAt0('near', performance({ threshold: (value ?? 0) + 0.01 }), 400);
    expect(near.outcome).toBe('CLEAN');
    const far = await judgedAt0('far', performance({ threshold: 0.999 }), 400);
    expect(far).toMatchObject({ outcome: 'BREACHED', alerts: 1 });
    expect(far.reason).toMatch(
      /^auc is 0\.\d+ over 400 outcomes \(95 % interval 0\.\d+ to 0\.\d+\), shall be at least 0\.999\.$/,
    );
  });

  it('says nothing of too few outcomes, or of none', async () => {
    const few = await judgedAt0('few', performance({ threshold: 0.999, metric: 'accuracy' }), 10);
    expect([few.outcome, few.reason]).toEqual(['NOT_EVALUABLE', '10 outcomes known; the rule needs 50.']);
    const none = await judgedAt0('none', performance({ threshold: 0.999 }), 0);
    expect(none.outcome).toBe('NOT_EVALUABLE');
  });
});

describe('A rule on quality', () => {
  it('hears of failed rules of the views behind the model, by their severity, and leads to the report', async () => {
    const { features } = operation;
    await features.defineSubscribers();
    const fields = [{ name: 'minutes', dtype: 'DOUBLE' }] as const;
    const qualityRules = [{ kind: 'ROW_COUNT', severity: 'WARN', minimum: 1 }] as const;
    await features.views.apply({ name: 'calls_view', entity: 'subscriber', fields, qualityRules }, ENGINEER);
    await features.services.apply({ name: 'calls_features', features: [{ view: 'calls_view' }] }, ENGINEER);
    const [version] = await operation.dataSource.query<{ id: string }[]>(
      'SELECT v.id FROM feature_service_versions v JOIN feature_services s ON s.id = v.feature_service_id WHERE s.name = $1',
      ['calls_features'],
    );
    const model = await AlertedModel.inProduction(operation, 'fed', { featureServiceVersionId: version?.id });
    const rules = { windowSeconds: 60 };
    const warn = await model.set({ ...rules, name: 'any', quality: { severity: 'WARN' } });
    const block = await model.set({ ...rules, name: 'blocking', quality: { severity: 'BLOCK' } });
    const report = await features.quality.run('calls_view', ENGINEER);
    const at = [report.id, model.at(0.5)];
    await operation.dataSource.query('UPDATE feature_quality_reports SET created_at = $2 WHERE id = $1', at);
    await model.judge(1);
    const of = async (id: string) => (await model.evaluations(id)).map(({ outcome, value }) => [outcome, value]);
    expect(await of(block.id)).toEqual([
      ['CLEAN', 0],
      ['NOT_EVALUABLE', null],
    ]);
    expect(await of(warn.id)).toEqual([
      ['BREACHED', 1],
      ['NOT_EVALUABLE', null],
    ]);
    const found = { kind: 'QUALITY', ruleId: warn.id, featureQualityReportId: report.id };
    const title = expect.stringContaining('Version 1, any: View calls_view: ') as unknown;
    expect(await model.alerts()).toMatchObject([{ ...found, title }]);
  });
});
