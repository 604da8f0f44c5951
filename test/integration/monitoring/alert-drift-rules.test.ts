import type { DriftPart, DriftReport } from '../../../src/entities';
import type { SetAlertRuleInput } from '../../../src/services/monitoring';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { AlertedModel } from './alert-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

const on = (...parts: DriftPart[]) => ({ drift: { parts } });

/** A model with a report on a window whose minutes have moved, which can be made again and again, and one on a window that has not. */
async function driftable(name: string, rules: readonly Omit<SetAlertRuleInput, 'model'>[]) {
  const model = await AlertedModel.inProduction(operation, name);
  // Prediction ids are drawn anew with every run: no test of the concept, which hashes them, may decide here.
  await operation.policies.set({ model: name, alpha: 1e-6, jsThreshold: 0.12 }, ENGINEER);
  for (const rule of rules) await model.set(rule);
  const calm = await operation.predictWindow(name, 1200, { labelled: 0 });
  const moved = await operation.predictWindow(name, 1200, { minutes: 15, labelled: 0 });
  const report = async ({ from, to }: { from: Date; to: Date }): Promise<DriftReport> => {
    const { driftReport, job } = await operation.driftReports.run({ model: name, from, to }, ENGINEER);
    await operation.features.finished(job);
    return (await operation.driftReports.find([driftReport.id]))[0];
  };
  const outcomes = async () => {
    const rows = await operation.alertRules.list(model.model.id);
    const all = await Promise.all(
      rows.map(async ({ id, name: rule }) => {
        const page = await operation.alertRules.evaluations(id, { first: 9 });
        return [...page.rows].reverse().map(({ outcome }) => `${rule} ${outcome}`);
      }),
    );
    return all.flat();
  };
  return { model, outcomes, calm: () => report(calm), moved: () => report(moved) };
}

describe('Rules on drift', () => {
  it('judge each report by the parts that they look at, and take the place of the alert of any drift', async () => {
    const { model, moved, outcomes } = await driftable('ruled', [
      { name: 'calls', drift: { parts: ['FEATURE'], feature: 'calls' } },
      { name: 'concept', ...on('CONCEPT') },
      { name: 'minutes', drift: { parts: ['FEATURE'], feature: 'minutes' }, severity: 'CRITICAL' },
      { name: 'unknown', drift: { parts: ['FEATURE'], feature: 'wind' } },
    ]);
    const report = await moved();
    expect(await outcomes()).toEqual([
      'calls CLEAN',
      'concept NOT_EVALUABLE',
      'minutes BREACHED',
      'unknown NOT_EVALUABLE',
    ]);
    const [alert, ...others] = await model.alerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ kind: 'DRIFT', severity: 'CRITICAL', driftReportId: report.id });
    expect(alert.title).toMatch(/^Version 1, minutes: Data drift in minutes: KL divergence \d\.\d+, threshold 0\.1\.$/);
    expect(report.result?.alertId).toBe(alert.id);
    // What retrains listens to the report, whatever the rules say.
    const types = (await operation.recorded(model.model.id)).map(({ type }) => type);
    expect(types.filter((type) => type === 'DRIFT_DETECTED')).toHaveLength(1);
  });

  it('are confirmed by k of n reports, also by reports without drift in between', async () => {
    const rule = {
      name: 'twice',
      ...on('FEATURE', 'PREDICTION'),
      confirmation: { required: 2, of: 3 },
      autoResolve: true,
    };
    const { model, calm, moved, outcomes } = await driftable('twice', [rule]);
    await moved();
    await calm();
    expect(await model.alerts()).toEqual([]);
    const third = await moved();
    expect(await model.alerts()).toMatchObject([{ status: 'OPEN', driftReportId: third.id }]);
    for (let report = 0; report < 3; report++) await calm();
    expect(await model.alerts()).toMatchObject([{ status: 'RESOLVED', resolvedBy: 'ada' }]);
    expect((await outcomes()).map((text) => text.slice(6))).toEqual([
      'BREACHED',
      'CLEAN',
      'BREACHED',
      ...new Array(3).fill('CLEAN'),
    ]);
    expect(await model.told()).toEqual(['RAISED', 'RESOLVED']);
  });

  it('reopen an alert within the grace after a person has resolved it', async () => {
    const { model, moved } = await driftable('graceful', [
      { name: 'any', ...on('FEATURE'), reopenWithinSeconds: 3600 },
    ]);
    await moved();
    const [{ id, revision }] = await model.alerts();
    await operation.alerts.resolve({ id, revision }, ENGINEER);
    const again = await moved();
    expect(await model.alerts()).toMatchObject([{ id, status: 'OPEN', occurrences: 2, driftReportId: again.id }]);
    expect(await model.told()).toEqual(['RAISED', 'RESOLVED', 'REOPENED']);
  });

  it('that are off keep even the alert of any drift away', async () => {
    const { model, moved } = await driftable('off', [{ name: 'any', ...on('FEATURE'), enabled: false }]);
    expect(await moved()).toMatchObject({ verdict: 'DRIFT', result: { alertId: null } });
    expect(await model.alerts()).toEqual([]);
  });
});
