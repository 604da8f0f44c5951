import type { DriftReport } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import type { RunDriftReportInput } from '../../../src/services/monitoring';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

const serve = (model: string, count: number) => operation.predictWindow(model, count, { labelled: 0 });
const reportOf = async (id: string) => (await operation.driftReports.find([id]))[0];

async function report(input: RunDriftReportInput): Promise<DriftReport> {
  const { driftReport, job } = await operation.driftReports.run(input, ENGINEER);
  const { status, errorMessage } = await operation.features.finished(job);
  expect([status, errorMessage]).toEqual(['SUCCEEDED', null]);
  return reportOf(driftReport.id);
}

describe('The window of a drift report', () => {
  it('of the newest rows has exactly so many, also where more were made in the same millisecond', async () => {
    const { version } = await operation.inProduction('newest');
    await serve('newest', 700);
    await operation.dataSource.query(`SELECT make_prediction_partitions('{2026-03-01}')`);
    await operation.dataSource.query(
      `UPDATE predictions SET predicted_at = '2026-03-01T12:00:00Z' WHERE model_version_id = $1`,
      [version.id],
    );
    const same = await report({ model: 'newest', lastRows: 250 });
    expect(same).toMatchObject({
      windowKind: 'LAST_ROWS',
      windowRowLimit: 250,
      windowStart: new Date('2026-03-01T12:00:00Z'),
      windowEnd: new Date('2026-03-01T12:00:00.001Z'),
      result: { currentRowCount: 250 },
    });
    await serve('newest', 30);
    const both = await report({ model: 'newest', lastRows: 31 });
    expect([both.result?.currentRowCount, both.windowStart]).toEqual([31, new Date('2026-03-01T12:00:00Z')]);
    expect((await report({ model: 'newest', lastRows: 30 })).result?.currentRowCount).toBe(30);
    const all = await report({ model: 'newest', lastRows: 1_000_000 });
    expect([all.result?.currentRowCount, all.windowAfterId]).toEqual([730, null]);
  });

  it('since the last report leaves out no prediction and takes none twice', async () => {
    await operation.inProduction('since');
    const { from } = await serve('since', 210);
    const first = await report({ model: 'since', sinceLast: true });
    expect(first).toMatchObject({ windowKind: 'SINCE_LAST', result: { currentRowCount: 210 } });
    expect(first.windowStart.getTime()).toBeGreaterThanOrEqual(from.getTime());
    await serve('since', 220);
    const second = await report({ model: 'since', sinceLast: true });
    expect([second.windowStart, second.result?.currentRowCount]).toEqual([first.windowEnd, 220]);
    const nothing = operation.driftReports.run({ model: 'since', sinceLast: true }, ENGINEER);
    await expect(nothing).rejects.toThrow(
      `The version has made no PRIMARY prediction since ${second.windowEnd.toISOString()}`,
    );
  });

  it('is resolved once for one idempotency key', async () => {
    await operation.inProduction('keyed');
    await serve('keyed', 5);
    const input = { model: 'keyed', sinceLast: true, idempotencyKey: 'k' };
    const first = await operation.driftReports.run(input, ENGINEER);
    await serve('keyed', 5);
    const second = await operation.driftReports.run(input, ENGINEER);
    expect([second.driftReport.id, second.driftReport.windowEnd]).toEqual([
      first.driftReport.id,
      first.driftReport.windowEnd,
    ]);
    await operation.features.finished(first.job);
  });

  it('is asked for in exactly one way', async () => {
    await operation.inProduction('ways');
    const [from, to] = [new Date('2026-01-01'), new Date('2026-01-02')];
    const wrong: Partial<RunDriftReportInput>[] = [
      {},
      { sinceLast: false },
      { from },
      { to },
      { from, to, lastRows: 5 },
      { lastRows: 5, sinceLast: true },
      { lastRows: 0 },
      { lastRows: 1e9 },
      { from: to, to: from },
    ];
    for (const window of wrong)
      await expect(operation.driftReports.run({ model: 'ways', ...window }, ENGINEER)).rejects.toThrow(InvalidInput);
    await expect(operation.driftReports.run({ model: 'ways', lastRows: 5 }, ENGINEER)).rejects.toMatchObject({
      field: ['input', 'lastRows'],
      message: expect.stringMatching(/has made no PRIMARY prediction yet/) as unknown,
    });
  });
});

describe('Drift reports by the clock', () => {
  const scheduleOf = async (modelId: string) =>
    (await operation.features.schedules.find('DRIFT_REPORT', [`Model:${modelId}`]))[0];

  /** Goes an hour on. @returns what became of it, once its job has ended */
  async function anHourLater(modelId: string) {
    const { nextRunAt } = await scheduleOf(modelId);
    operation.features.scheduleClock = nextRunAt;
    await operation.features.schedules.fireDue();
    const { lastRun } = await scheduleOf(modelId);
    if (lastRun?.jobId) await operation.features.finished({ id: lastRun.jobId });
    return lastRun;
  }
  const newest = async (modelId: string) => (await operation.driftReports.list(modelId, { first: 1 })).rows[0];

  it('go from one to the next over the version in production, and say when there is nothing to report on', async () => {
    const model = await operation.createModel('hourly');
    await operation.policies.set({ model: 'hourly', driftSchedule: ' @hourly ' }, ENGINEER);
    expect(await anHourLater(model.id)).toMatchObject({
      decision: 'SKIPPED',
      reason: 'The model has no version in production.',
    });
    const { version: first } = await operation.inProduction('hourly');
    expect(await anHourLater(model.id)).toMatchObject({
      decision: 'SKIPPED',
      reason: 'The version has made no PRIMARY prediction yet.',
    });
    await serve('hourly', 300);
    expect(await anHourLater(model.id)).toMatchObject({ decision: 'STARTED', reason: '' });
    const made = await newest(model.id);
    expect(made).toMatchObject({
      status: 'READY',
      createdBy: 'system:schedule',
      modelVersionId: first.id,
      windowKind: 'SINCE_LAST',
      result: { currentRowCount: 300 },
    });
    expect((await anHourLater(model.id))?.reason).toMatch(/no PRIMARY prediction since/);
    await serve('hourly', 10);
    await anHourLater(model.id);
    expect((await newest(model.id)).windowStart).toEqual(made.windowEnd);
  });

  it('look back so many seconds where the policy says so, and stop when the schedule is taken away', async () => {
    const { model } = await operation.inProduction('lookback');
    const set = { model: 'lookback', driftSchedule: '0 * * * *', driftWindowSeconds: 3600 };
    const { revision } = await operation.policies.set(set, ENGINEER);
    await serve('lookback', 50);
    for (const expected of [50, 50]) {
      await anHourLater(model.id);
      const { windowStart, windowEnd, windowKind, result } = await newest(model.id);
      expect([windowKind, windowEnd.getTime() - windowStart.getTime()]).toEqual(['TIME_RANGE', 3_600_000]);
      expect(result?.currentRowCount).toBe(expected);
    }
    const kept = await operation.policies.set({ model: 'lookback', alpha: 0.01, revision }, ENGINEER);
    expect([kept.driftWindowSeconds, (await scheduleOf(model.id)).cron]).toEqual([3600, '0 * * * *']);
    const gone = { model: 'lookback', driftSchedule: null, driftWindowSeconds: null, revision: kept.revision };
    expect((await operation.policies.set(gone, ENGINEER)).driftWindowSeconds).toBeNull();
    expect(await scheduleOf(model.id)).toBeUndefined();
  });

  it('are refused where the schedule cannot be read or the window is too short, and nothing is changed', async () => {
    const model = await operation.createModel('unclear');
    for (const changes of [{ driftSchedule: '61 * * * *' }, { driftWindowSeconds: 59 }, { driftWindowSeconds: 90.5 }]) {
      const refused = operation.policies.set({ model: 'unclear', ...changes }, ENGINEER);
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['input', Object.keys(changes)[0]] });
    }
    expect((await operation.policies.get(model.id)).revision).toBe(0);
    expect(await scheduleOf(model.id)).toBeUndefined();
  });
});
