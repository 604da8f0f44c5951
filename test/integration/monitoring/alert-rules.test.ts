import { AlertEvaluation } from '../../../src/entities';
import { Forbidden, InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import type { SetAlertRuleInput } from '../../../src/services/monitoring';
import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { AlertedModel } from './alert-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

const alerted = (name: string) => AlertedModel.inProduction(operation, name);
const ERRORS = { errorRatio: { threshold: 0.1, minimumRows: 10 }, windowSeconds: 60 } as const;
const outcomes = (evaluations: AlertEvaluation[]) => evaluations.map(({ outcome }) => outcome);

describe('A rule on the error ratio', () => {
  it('raises an alert with the figure, its window, its rule and its version, and counts on it while it is open', async () => {
    const model = await alerted('failing');
    const rule = await model.set(ERRORS);
    await model.serve(0, 80, 20);
    await model.serve(1, 50, 50);
    await model.judge(1);
    const [alert, ...others] = await model.alerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      kind: 'ERROR_RATIO',
      severity: 'WARNING',
      status: 'OPEN',
      occurrences: 2,
      ruleId: rule.id,
      modelVersionId: model.version.id,
      driftReportId: null,
      title: 'Version 1, rule: 50 of 100 rows had no prediction: a ratio of 0.5, threshold 0.1.',
      details: {
        value: 0.5,
        threshold: 0.1,
        windowStart: model.at(1).toISOString(),
        windowEnd: model.at(2).toISOString(),
      },
    });
    expect(await model.told()).toEqual(['RAISED', 'RECURRED']);
    expect(await model.evaluations(rule.id)).toMatchObject([
      { outcome: 'BREACHED', value: 0.2, windowStart: model.at(0), alertId: alert.id },
      { outcome: 'BREACHED', value: 0.5, windowStart: model.at(1), alertId: alert.id },
    ]);
    const walk = { start: `Alert:${alert.id}`, direction: 'UPSTREAM', depth: 1, first: 10 } as const;
    const [edge] = await operation.dataSource.query<{ from_node: string }[]>(
      'SELECT from_node FROM lineage_edges WHERE to_node = $1',
      [walk.start],
    );
    expect(edge?.from_node).toBe(`ModelVersion:${model.version.id}`);
  });

  it('says nothing of a window with too few rows, and nothing twice of any', async () => {
    const model = await alerted('seldom');
    const rule = await model.set(ERRORS);
    await model.serve(0, 0, 9);
    await model.serve(1, 10);
    await Promise.all([model.judge(1), model.judge(1), model.judge(1)]);
    await model.judge(1);
    const evaluations = await model.evaluations(rule.id);
    expect(outcomes(evaluations)).toEqual(['NOT_EVALUABLE', 'CLEAN']);
    expect(evaluations[0]).toMatchObject({ value: null, reason: '9 rows asked for; the rule needs 10.' });
    expect(await model.alerts()).toEqual([]);
  });

  it('is confirmed by k of n windows that could be judged', async () => {
    const model = await alerted('confirmed');
    const rule = await model.set({ ...ERRORS, confirmation: { required: 2, of: 3 } });
    for (const [minute, bad] of [0, 50, 0, 50].entries()) {
      expect(await model.alerts()).toEqual([]);
      await model.serve(minute, 50, bad);
      await model.judge(minute);
    }
    expect(await model.alerts()).toMatchObject([{ occurrences: 1, status: 'OPEN' }]);
    expect(outcomes(await model.evaluations(rule.id))).toEqual(['CLEAN', 'BREACHED', 'CLEAN', 'BREACHED']);
  });

  it('is resolved by clean windows where it says so, and reopened within its grace, as the same alert', async () => {
    const model = await alerted('returning');
    const rule = await model.set({
      ...ERRORS,
      autoResolve: true,
      reopenWithinSeconds: 30 * 86_400,
      severity: 'CRITICAL',
    });
    for (const [minute, bad] of [50, 0].entries()) {
      await model.serve(minute, 50, bad);
      await model.judge(minute);
    }
    const [resolved] = await model.alerts();
    expect(resolved).toMatchObject({ status: 'RESOLVED', resolvedBy: 'system:alert-rules', severity: 'CRITICAL' });
    await model.serve(2, 50, 50);
    await model.judge(2);
    expect(await model.alerts()).toMatchObject([{ id: resolved.id, status: 'OPEN', occurrences: 2, resolvedBy: null }]);
    expect(await model.told()).toEqual(['RAISED', 'RESOLVED', 'REOPENED']);
    const last = (await model.evaluations(rule.id)).map(({ alertId }) => alertId);
    expect(last).toEqual([resolved.id, resolved.id, resolved.id]);
  });

  it('raises a new alert after one was resolved where it has no grace', async () => {
    const model = await alerted('anew');
    await model.set(ERRORS);
    await model.serve(0, 50, 50);
    await model.judge(0);
    const [{ id, revision }] = await model.alerts();
    await operation.alerts.resolve({ id, revision }, ENGINEER);
    await model.serve(1, 50, 50);
    await model.judge(1);
    expect((await model.alerts()).map(({ status }) => status)).toEqual(['OPEN', 'RESOLVED']);
    expect(await model.told()).toEqual(['RAISED', 'RESOLVED', 'RAISED']);
    // Which keeps the old one from being opened beside it.
    await expect(operation.alerts.reopen({ id, revision: revision + 1 }, ENGINEER)).rejects.toThrow(
      /a newer alert is open/,
    );
  });

  it('makes up for the latest windows only after a time without a server', async () => {
    const model = await alerted('away');
    const rule = await model.set({ ...ERRORS, confirmation: { required: 2, of: 3 } });
    await model.serve(0, 50);
    await model.judge(0);
    await model.judge(600);
    const starts = (await model.evaluations(rule.id)).map(({ windowStart }) => windowStart);
    expect(starts).toEqual([0, 596, 597, 598, 599, 600].map((minute) => model.at(minute)));
  });

  it('counts requests that failed as a whole, too', async () => {
    const model = await alerted('broken');
    const rule = await model.set(ERRORS);
    await model.serve(0, 10);
    const append = jest.spyOn(operation.log, 'append').mockRejectedValueOnce(new Error('the database is away'));
    await expect(model.serve(0, 30)).rejects.toThrow('the database is away');
    append.mockRestore();
    await operation.minutes.flush();
    await model.judge(0);
    expect(await model.evaluations(rule.id)).toMatchObject([{ outcome: 'BREACHED', value: 0.75 }]);
  });
});

describe('Setting a rule', () => {
  it('takes the revision, says what changed in the audit trail, and starts confirming anew with another condition', async () => {
    const model = await alerted('edited');
    await model.set({ ...ERRORS, confirmation: { required: 2, of: 2 } });
    await expect(model.set({ severity: 'CRITICAL' })).rejects.toThrow(StaleRevision);
    await model.serve(0, 50, 50);
    await model.judge(0);
    const changed = await model.set({ revision: 1, errorRatio: { threshold: 0.2, minimumRows: 10 } });
    expect(changed).toMatchObject({ revision: 2, required: 2, windowSeconds: 60, condition: { threshold: 0.2 } });
    await model.serve(1, 50, 50);
    await model.judge(1);
    expect(await model.alerts()).toEqual([]);
    await model.serve(2, 50, 50);
    await model.judge(2);
    expect(await model.alerts()).toHaveLength(1);
    expect(await operation.alertRules.list(model.model.id)).toMatchObject([{ id: changed.id }]);
  });

  it('that is deleted resolves its alerts, judges no more, and leaves its name to another', async () => {
    const model = await alerted('deleted');
    const { id } = await model.set(ERRORS);
    await model.serve(0, 0, 50);
    await model.judge(0);
    await expect(operation.alertRules.delete({ id, revision: 2 }, ENGINEER)).rejects.toThrow(StaleRevision);
    await operation.alertRules.delete({ id, revision: 1 }, ENGINEER);
    await expect(operation.alertRules.delete({ id, revision: 2 }, ENGINEER)).rejects.toThrow(NotFound);
    expect(await model.alerts()).toMatchObject([{ status: 'RESOLVED', resolvedBy: 'ada', ruleId: id }]);
    expect(await operation.alertRules.find([id])).toMatchObject([{ id, name: 'rule' }]);
    const other = await model.set({ ...ERRORS, enabled: false });
    await model.judge(5);
    expect([await model.evaluations(id), await model.evaluations(other.id)]).toMatchObject([[{}], []]);
  });

  it.each<[string, Partial<SetAlertRuleInput>, RegExp]>([
    ['without a condition', { errorRatio: null }, /a new rule needs a condition: give one of drift, performance/],
    ['with two', { volume: { below: 1 } }, /a rule has one condition/],
    ['with an odd window', { windowSeconds: 90 }, /windowSeconds: 90 is not a multiple of 60/],
    ['without a window', { windowSeconds: null }, /windowSeconds: a new rule of this kind needs it/],
    ['with more required than there are', { confirmation: { required: 3, of: 2 } }, /confirmation.required: 3 is not/],
    ['with a ratio of 1', { errorRatio: { threshold: 1, minimumRows: 1 } }, /errorRatio.threshold: 1 is not a share/],
    ['of a bad name', { name: ' ' }, /name: " " is no name of a rule/],
    ['on drift, with a window', { errorRatio: null, drift: { parts: ['CONCEPT'] } }, /look at reports, which have/],
    [
      'on an unknown metric',
      {
        errorRatio: null,
        performance: { metric: 'rmse', comparison: 'AT_MOST', threshold: 1, minimumLabels: 9, labelDelaySeconds: 0 },
      },
      /performance.metric: "rmse" is no metric of BINARY_CLASSIFICATION; choose one of accuracy, auc/,
    ],
    ['on no volume', { errorRatio: null, volume: {} }, /volume.below: give below, above or both/],
  ])('is refused %s, and leaves nothing', async (_, changes, problem) => {
    const model = (await operation.models.find('refusing')) ?? (await operation.createModel('refusing'));
    const input = { model: 'refusing', name: 'rule', ...ERRORS, ...changes };
    const answer = operation.alertRules.set(input, ENGINEER);
    await expect(answer).rejects.toThrow(InvalidInput);
    await expect(answer).rejects.toThrow(problem);
    expect(await operation.alertRules.list(model.id)).toEqual([]);
  });

  it('is not for a viewer', async () => {
    await expect(operation.alertRules.set({ model: 'refusing', name: 'rule', ...ERRORS }, VIEWER)).rejects.toThrow(
      Forbidden,
    );
  });
});

describe('What is kept of rules', () => {
  it('goes after a month, but for the last hundred windows', async () => {
    const model = await alerted('kept');
    const rule = await model.set(ERRORS);
    await model.serve(0, 10);
    await operation.dataSource.query(
      `INSERT INTO alert_evaluations (rule_id, model_version_id, window_start, window_end, outcome, reason, created_at)
       SELECT $1, $2, t, t + interval '1 minute', 'CLEAN', '', now() - interval '31 days'
       FROM generate_series(now() - interval '150 minutes' - interval '31 days', now() - interval '31 days' - interval '1 minute', '1 minute') AS t`,
      [rule.id, model.version.id],
    );
    const counted = async () => [
      await operation.dataSource.manager.countBy(AlertEvaluation, { ruleId: rule.id }),
      (await operation.dataSource.query<unknown[]>('SELECT 1 FROM serving_minutes')).length > 0,
    ];
    await operation.evaluator.prune();
    expect(await counted()).toEqual([100, true]);
    await operation.evaluator.prune(model.at(32 * 24 * 60));
    expect(await counted()).toEqual([100, false]);
  });
});
