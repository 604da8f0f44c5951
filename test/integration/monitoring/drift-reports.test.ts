import { type DriftReport, type JobRecord } from '../../../src/entities';
import { InvalidInput, NotFound, NotServable } from '../../../src/errors';
import type { RunDriftReportInput } from '../../../src/services/monitoring';
import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture, type PredictedWindow } from '../../support/operation-fixture';
import { gate } from '../jobs/job-bench';
import type { Change } from '../../support/subscribers';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

/** Runs a report to its end. */
async function reportOn(model: string, { from, to }: Pick<PredictedWindow, 'from' | 'to'>): Promise<DriftReport> {
  const { driftReport, job } = await operation.driftReports.run({ model, from, to }, ENGINEER);
  expect(driftReport.status).toBe('RUNNING');
  const ended = await operation.features.finished(job);
  expect([ended.status, ended.errorMessage]).toEqual(['SUCCEEDED', null]);
  return (await operation.driftReports.find([driftReport.id]))[0];
}

const window = (model: string, count: number, change: Change & { labelled?: number } = {}) =>
  operation.predictWindow(model, count, change);

/**
 * A model in production whose concept test alarms once in a million unchanged windows: the ids of predictions are drawn anew with every run, and at the
 * default level one run in twenty would see a concept drift that is not there.
 */
async function withoutFalseAlarms(model: string) {
  const made = await operation.inProduction(model);
  // Where chance is to do less, the same rows show a greater distance only.
  await operation.policies.set({ model, alpha: 1e-6, jsThreshold: 0.12 }, ENGINEER);
  return made;
}

const alertsOf = async (modelId: string) =>
  (await operation.alerts.list({ modelId, status: null }, { first: 10 })).rows.map((alert) => ({ ...alert }));

const eventsOf = async (modelId: string) =>
  (await operation.recorded(modelId)).filter(({ type }) => ['ALERT_CHANGED', 'DRIFT_DETECTED'].includes(type));

describe('A drift report', () => {
  it('on an unchanged window finds no drift, raises no alert and records no event', async () => {
    const { model, version } = await withoutFalseAlarms('steady');
    const report = await reportOn('steady', await window('steady', 1200));
    expect(report).toMatchObject({
      status: 'READY',
      verdict: 'NO_DRIFT',
      modelVersionId: version.id,
      createdBy: 'ada',
      result: { referenceRowCount: 2000, currentRowCount: 1200, labelledRowCount: 1200, alertId: null },
    });
    expect(report.result?.concept.verdict).toBe('NO_DRIFT');
    expect(await alertsOf(model.id)).toEqual([]);
    expect(await eventsOf(model.id)).toEqual([]);
  });

  it('on shifted features finds feature and prediction drift, and raises a warning with the causes', async () => {
    const { model, version } = await withoutFalseAlarms('shifted');
    const report = await reportOn('shifted', await window('shifted', 1200, { minutes: 15 }));
    expect(report.verdict).toBe('DRIFT');
    const verdicts = report.result?.features.map(({ feature, verdict }) => [feature, verdict]).sort();
    expect(verdicts).toEqual([
      ['calls', 'NO_DRIFT'],
      ['minutes', 'DRIFT'],
      ['plan', 'NO_DRIFT'],
    ]);
    expect([report.result?.prediction.verdict, report.result?.concept.verdict]).toEqual(['DRIFT', 'NO_DRIFT']);
    const [alert] = await alertsOf(model.id);
    expect(alert).toMatchObject({
      id: report.result?.alertId,
      severity: 'WARNING',
      status: 'OPEN',
      occurrences: 1,
      driftReportId: report.id,
      title: expect.stringMatching(/^Version 1 drifts: Prediction drift: /),
    });
    expect(alert?.details.causes).toHaveLength(2);
    expect(await eventsOf(model.id)).toEqual([
      { type: 'ALERT_CHANGED', payload: { alertId: alert?.id, change: 'RAISED', kind: 'DRIFT' } },
      { type: 'DRIFT_DETECTED', payload: { driftReportId: report.id, modelVersionId: version.id } },
    ]);
  });

  it('on changed outcomes alone finds concept drift, and raises a critical alert', async () => {
    const { model } = await operation.inProduction('changed');
    const report = await reportOn('changed', await window('changed', 1200, { logit: 1 }));
    expect(report.verdict).toBe('DRIFT');
    expect(report.result?.features.some(({ verdict }) => verdict === 'DRIFT')).toBe(false);
    expect([report.result?.prediction.verdict, report.result?.concept.verdict]).toEqual(['NO_DRIFT', 'DRIFT']);
    const [alert] = await alertsOf(model.id);
    expect(alert?.severity).toBe('CRITICAL');
    expect(alert?.details.causes).toEqual([expect.stringMatching(/^Concept drift: /)]);
  });

  it('sees the same window without its labels as unchanged, and says so', async () => {
    await operation.inProduction('unlabelled');
    const report = await reportOn('unlabelled', await window('unlabelled', 1200, { logit: 1, labelled: 0 }));
    expect(report).toMatchObject({ verdict: 'NO_DRIFT', result: { labelledRowCount: 0, performance: {} } });
    expect(report.result?.concept.verdict).toBe('INSUFFICIENT_LABELS');
  });

  it('on too few rows, or on none, is INSUFFICIENT_DATA', async () => {
    const { model } = await operation.inProduction('quiet');
    const few = await reportOn('quiet', await window('quiet', 50, { minutes: 60, labelled: 0 }));
    const none = await reportOn('quiet', { from: new Date('2020-01-01'), to: new Date('2020-01-02') });
    expect([few.verdict, none.verdict]).toEqual(['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA']);
    expect([few.result?.currentRowCount, none.result?.currentRowCount]).toEqual([50, 0]);
    expect(await alertsOf(model.id)).toEqual([]);
  });

  it('sees features that were given and features that came as INT64 text in one way', async () => {
    await operation.inProduction('spelt');
    const first = await window('spelt', 600);
    const rows = Array.from({ length: 600 }, (_, index) => ({ minutes: 100, plan: 'flat', calls: index % 5 }));
    await operation.serving.predictBatch({ model: 'spelt', rows }, ENGINEER);
    const report = await reportOn('spelt', { from: first.from, to: new Date(Date.now() + 1) });
    const calls = report.result?.features.find(({ feature }) => feature === 'calls');
    expect(calls).toMatchObject({ verdict: 'NO_DRIFT', nullRatioCurrent: 0 });
  });

  it('goes by the policy of its model', async () => {
    const { model } = await operation.inProduction('lenient');
    await operation.policies.set({ model: 'lenient', klThreshold: 5, jsThreshold: 0.8 }, ENGINEER);
    const report = await reportOn('lenient', await window('lenient', 1200, { minutes: 15, labelled: 0 }));
    expect(report.verdict).toBe('NO_DRIFT');
    expect(report.result?.features[0]).toMatchObject({ threshold: 5 });
    expect(await alertsOf(model.id)).toEqual([]);
  });

  it('that finds drift again counts on the same alert, and after it was resolved raises a new one', async () => {
    const { model } = await operation.inProduction('recurring');
    const drifted = await window('recurring', 800, { minutes: 15, labelled: 0 });
    const first = await reportOn('recurring', drifted);
    const second = await reportOn('recurring', drifted);
    expect(second.result?.alertId).toBe(first.result?.alertId);
    const [alert] = await alertsOf(model.id);
    expect(alert).toMatchObject({ occurrences: 2, revision: 2, status: 'OPEN', driftReportId: second.id });

    await operation.alerts.resolve({ id: alert.id, revision: 2 }, ENGINEER);
    const third = await reportOn('recurring', drifted);
    const alerts = await alertsOf(model.id);
    expect(alerts.map(({ id, status, occurrences }) => [id, status, occurrences])).toEqual([
      [third.result?.alertId, 'OPEN', 1],
      [alert.id, 'RESOLVED', 2],
    ]);
    const changes = (await eventsOf(model.id)).filter(({ type }) => type === 'ALERT_CHANGED');
    expect(changes.map(({ payload }) => payload.change)).toEqual(['RAISED', 'RECURRED', 'RESOLVED', 'RAISED']);
  });

  it('leaves neither report, alert nor event when its transaction fails, and does all of it when it is tried again', async () => {
    const { model } = await operation.inProduction('unlucky');
    const drifted = await window('unlucky', 800, { minutes: 15, labelled: 0 });
    const { dataSource } = operation;
    const raise = jest.spyOn(operation.alerts, 'raise').mockImplementationOnce(async (...args) => {
      raise.mockRestore();
      await operation.alerts.raise(...args);
      expect(await alertsOf(model.id)).toEqual([]);
      throw new Error('the connection was lost');
    });
    const report = await reportOn('unlucky', drifted);
    const [job] = await dataSource.query<JobRecord[]>('SELECT attempt FROM jobs WHERE id = $1', [report.jobId]);
    expect(job?.attempt).toBe(2);
    expect(await alertsOf(model.id)).toMatchObject([{ occurrences: 1 }]);
    expect((await eventsOf(model.id)).map(({ type }) => type)).toEqual(['ALERT_CHANGED', 'DRIFT_DETECTED']);
  });

  it('is marked FAILED when its job fails', async () => {
    const { version } = await operation.inProduction('broken');
    const lost = 'a'.repeat(64);
    await operation.dataSource.query(`INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'x')`, [
      lost,
    ]);
    await operation.dataSource.query('UPDATE model_versions SET reference_profile_digest = $1 WHERE id = $2', [
      lost,
      version.id,
    ]);
    const input = { model: 'broken', from: new Date(0), to: new Date() };
    const { driftReport, job } = await operation.driftReports.run(input, ENGINEER);
    expect(await operation.features.finished(job)).toMatchObject({ status: 'FAILED', errorCode: 'NOT_FOUND' });
    expect((await operation.driftReports.find([driftReport.id]))[0]).toMatchObject({ status: 'FAILED', verdict: null });
  });

  it('stops between pages when its job is cancelled', async () => {
    await operation.inProduction('cancelled');
    const reading = gate();
    const cancelled = gate();
    const pages = jest.spyOn(operation.predictions, 'window').mockImplementation(async function* () {
      reading.open();
      await cancelled.opened;
      yield [];
    });
    const input = { model: 'cancelled', from: new Date(0), to: new Date() };
    const { driftReport, job } = await operation.driftReports.run(input, ENGINEER);
    await reading.opened;
    await operation.features.jobs.cancel(job.id, ENGINEER);
    cancelled.open();
    expect((await operation.features.finished(job)).status).toBe('CANCELLED');
    pages.mockRestore();
    expect((await operation.driftReports.find([driftReport.id]))[0]?.status).toBe('FAILED');
  });

  it('is made once for one idempotency key, and another window with that key is refused', async () => {
    await operation.inProduction('repeated');
    const input = { model: 'repeated', from: new Date('2026-01-01'), to: new Date('2026-01-02'), idempotencyKey: 'k' };
    const first = await operation.driftReports.run(input, ENGINEER);
    const second = await operation.driftReports.run({ ...input, from: new Date('2026-01-01') }, ENGINEER);
    expect(second.driftReport.id).toBe(first.driftReport.id);
    const other = operation.driftReports.run({ ...input, to: new Date('2026-01-03') }, ENGINEER);
    await expect(other).rejects.toThrow(/was used with another input/);
  });

  it('is refused where it cannot be made, with the reason', async () => {
    const { version } = await operation.inProduction('profileless');
    const [from, to] = [new Date('2026-01-01'), new Date('2026-01-02')] as const;
    const run = (input: Partial<RunDriftReportInput>) =>
      operation.driftReports.run({ model: 'profileless', from, to, ...input }, ENGINEER);
    await expect(run({ from: to })).rejects.toThrow(InvalidInput);
    await expect(run({ model: 'nobody' })).rejects.toThrow(NotFound);
    await expect(run({ version: 7 })).rejects.toThrow(NotFound);
    await operation.dataSource.query('UPDATE model_versions SET reference_profile_digest = NULL WHERE id = $1', [
      version.id,
    ]);
    await expect(run({})).rejects.toThrow(NotServable);
    await expect(operation.driftReports.run({ model: 'profileless', from, to }, VIEWER)).rejects.toThrow(
      /vic may not monitoring\.report/,
    );
  });
});
