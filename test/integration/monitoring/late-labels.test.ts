import { AuditEntry } from '../../../src/entities';
import { createLogger } from '../../../src/logger';
import { LateLabels } from '../../../src/services/monitoring';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { subscribers } from '../../support/subscribers';

let operation: OperationFixture;
let late: LateLabels;
beforeAll(async () => {
  operation = await OperationFixture.open();
  const { dataSource } = operation;
  const { jobs } = operation.features;
  late = new LateLabels({ dataSource, jobs, logger: createLogger('silent'), debounceSeconds: 0, settleSeconds: 0 });
});
afterAll(() => operation.close());

const reportOf = async (id: string) => (await operation.driftReports.find([id]))[0];
const alertsOf = async (modelId: string) =>
  (await operation.alerts.list({ modelId, status: null }, { first: 10 })).rows.map((alert) => ({ ...alert }));

/** A window whose outcomes are those of another law, and a report on it from before they are known. */
async function reported(model: string, labelled: number, logit = 2) {
  const made = await operation.inProduction(model);
  const change = { logit };
  const count = 1000;
  const { from, to, predictionIds } = await operation.predictWindow(model, count, { ...change, labelled });
  const { driftReport, job } = await operation.driftReports.run({ model, from, to }, ENGINEER);
  await operation.features.finished(job);
  // The same people as predictWindow asks about.
  const people = subscribers(count, `window of ${model} ${JSON.stringify(change)}`, change);
  const outcomes = people.map(({ churned }, index) => ({ predictionId: predictionIds[index] ?? '', outcome: churned }));
  return { ...made, id: driftReport.id, outcomes };
}

/** Lets the late labels be found, and their jobs end. @returns how many reports were looked at again */
async function lookAgain(): Promise<number> {
  const count = await late.look();
  const jobs = await operation.dataSource.query<{ id: string }[]>(
    `SELECT id FROM jobs WHERE kind = 'DRIFT_REPORT' AND status IN ('QUEUED', 'RUNNING')`,
  );
  for (const job of jobs) expect((await operation.features.finished(job)).status).toBe('SUCCEEDED');
  return count;
}

test('outcomes that come after a report are taken in: its concept and performance, its verdict, and one alert', async () => {
  const { id, outcomes, model } = await reported('late', 0);
  const first = await reportOf(id);
  expect(first).toMatchObject({ verdict: 'NO_DRIFT', revision: 1, recomputedAt: null, result: { performance: {} } });

  await operation.outcomes.record(outcomes.slice(0, 5), ENGINEER);
  expect(await lookAgain()).toBe(1);
  expect((await reportOf(id)).revision).toBe(1);

  await operation.outcomes.record(outcomes.slice(5, 900), ENGINEER);
  expect(await lookAgain()).toBe(1);
  const partly = await reportOf(id);
  expect(partly).toMatchObject({ verdict: 'NO_DRIFT', revision: 2, result: { labelledRowCount: 900, alertId: null } });
  expect(partly.result?.concept.verdict).toBe('INSUFFICIENT_LABELS');

  await operation.outcomes.record(outcomes.slice(900), ENGINEER);
  expect(await lookAgain()).toBe(1);
  const whole = await reportOf(id);
  expect(whole).toMatchObject({
    verdict: 'DRIFT',
    status: 'READY',
    revision: 3,
    recomputedAt: expect.any(Date) as Date,
  });
  expect(whole.result?.concept).toMatchObject({ verdict: 'DRIFT', labelledRowCount: 1000 });
  expect(whole.result?.performance).not.toEqual({});
  expect(whole.result?.features).toEqual(first.result?.features);
  expect(whole.result?.prediction).toEqual(first.result?.prediction);
  expect(await alertsOf(model.id)).toMatchObject([{ id: whole.result?.alertId, severity: 'CRITICAL', occurrences: 1 }]);

  const entries = await operation.dataSource.manager.findBy(AuditEntry, { action: 'monitoring.reviseReport' });
  expect(entries.map(({ details }) => details)).toMatchObject([
    { revision: 2, labelledRowCount: 900 },
    { revision: 3, verdict: 'DRIFT' },
  ]);
  expect(await lookAgain()).toBe(0);
});

test('corrected outcomes are taken in, back to no drift and to drift again, and the alert is raised once', async () => {
  const { id, outcomes, model } = await reported('corrected', 1000);
  expect(await reportOf(id)).toMatchObject({ verdict: 'DRIFT', revision: 1 });
  const unchanged = subscribers(1000, `window of corrected ${JSON.stringify({ logit: 2 })}`);
  // At this level chance alone does not alarm: ids, and with them the transforms, are drawn anew with every run.
  await operation.policies.set({ model: 'corrected', alpha: 1e-6, jsThreshold: 0.5, klThreshold: 5 }, ENGINEER);
  const corrected = outcomes.map((outcome, index) => ({ ...outcome, outcome: unchanged[index].churned }));
  await operation.outcomes.record(corrected, ENGINEER);
  expect(await lookAgain()).toBe(1);
  expect(await reportOf(id)).toMatchObject({ verdict: 'NO_DRIFT', revision: 2 });

  await operation.outcomes.record(outcomes, ENGINEER);
  await lookAgain();
  expect(await reportOf(id)).toMatchObject({ verdict: 'DRIFT', revision: 3 });
  expect(await alertsOf(model.id)).toMatchObject([{ occurrences: 1 }]);
});

test('many outcomes bring one job, and those that come while it waits none', async () => {
  const { id, outcomes } = await reported('often', 0);
  const { dataSource } = operation;
  const { jobs } = operation.features;
  const slow = new LateLabels({
    dataSource,
    jobs,
    logger: createLogger('silent'),
    debounceSeconds: 60,
    settleSeconds: 0,
  });
  await operation.outcomes.record(outcomes.slice(0, 500), ENGINEER);
  expect(await slow.look()).toBe(1);
  await operation.outcomes.record(outcomes.slice(500), ENGINEER);
  expect(await slow.look()).toBe(0);
  const { recomputeJobId } = await reportOf(id);
  await jobs.cancel(recomputeJobId ?? '', ENGINEER);
  // A job that is given up leaves the report as it is, ready for the next outcomes.
  expect(await reportOf(id)).toMatchObject({ status: 'READY', revision: 1, recomputeJobId: null });
  await operation.outcomes.record(outcomes.slice(0, 1), ENGINEER);
  expect(await lookAgain()).toBe(1);
  expect((await reportOf(id)).result?.labelledRowCount).toBe(1000);
});

test('reports of long ago, of other windows and of predictions that the log has no more stay as they are', async () => {
  const { id, outcomes } = await reported('old', 0);
  const set = (sql: string) => operation.dataSource.query(`UPDATE drift_reports SET ${sql} WHERE id = $1`, [id]);
  await set(`window_start = now() - interval '40 days', window_end = now() - interval '31 days'`);
  await operation.outcomes.record(outcomes, ENGINEER);
  expect(await lookAgain()).toBe(0);
  const rest = await reported('gone', 0);
  await operation.dataSource.query(
    `UPDATE drift_reports SET result = jsonb_set(result, '{currentRowCount}', '2000') WHERE id = $1`,
    [rest.id],
  );
  await operation.outcomes.record(rest.outcomes, ENGINEER);
  expect(await lookAgain()).toBe(1);
  expect(await reportOf(rest.id)).toMatchObject({ revision: 1, result: { labelledRowCount: 0 } });
});
