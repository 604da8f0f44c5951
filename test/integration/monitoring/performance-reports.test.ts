import { randomUUID } from 'node:crypto';
import type { Prediction } from '../../../src/entities';
import { CursorInvalid, InvalidInput, NotFound } from '../../../src/errors';
import {
  MAX_PERFORMANCE_ROWS,
  type PerformanceReport,
  PerformanceReportService,
} from '../../../src/services/monitoring';
import type { LoggedPrediction, PredictionReader } from '../../../src/services/predictions';
import type { VersionService } from '../../../src/services/registry';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import type { Change } from '../../support/subscribers';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

const DAY_MS = 86_400_000;
/** A window that no test outlasts. */
const LONG = 1_000_000_000;
const { signal } = new AbortController();

interface Row {
  readonly prediction: Prediction;
  readonly outcome: boolean | null;
}

/** Kept from the start, so that midnight does not part what the tests hold for one day. */
const MIDNIGHT = Math.floor(Date.now() / DAY_MS) * DAY_MS;

/** Predicts and labels so many, and writes them to the log again as made that many days before midnight. @returns what is in the log */
async function logged(
  model: string,
  count: number,
  daysAgo: number,
  change: Change & { labelled?: number } = {},
): Promise<Row[]> {
  const { predictionIds } = await operation.predictWindow(model, count, change);
  const outcomes = await operation.predictions.outcomes(predictionIds);
  const known = new Map(outcomes.map(({ predictionId, outcome }) => [predictionId, outcome]));
  const rows: Row[] = [];
  for (const former of await operation.predictions.find(predictionIds)) {
    const predictedAt = new Date(MIDNIGHT - daysAgo * DAY_MS + rows.length * 1000);
    rows.push({ prediction: { ...former, id: randomUUID(), predictedAt }, outcome: known.get(former.id) ?? null });
  }
  await operation.log.append(rows.map(({ prediction }) => prediction));
  const labels = rows.flatMap(({ prediction: { id: predictionId }, outcome }) =>
    outcome === null ? [] : [{ predictionId, outcome }],
  );
  if (labels.length > 0) await operation.outcomes.record(labels, ENGINEER);
  return rows;
}

/** Metrics from their definitions, pair by pair. */
function bruteForce(rows: readonly Row[], threshold: number): Record<string, number> {
  const known = rows.flatMap(({ prediction: { probability: p }, outcome }) =>
    outcome === null ? [] : [{ p, y: Number(outcome) }],
  );
  const count = (test: (row: { p: number; y: number }) => boolean) => known.filter(test).length;
  const mean = (of: (row: { p: number; y: number }) => number) =>
    known.reduce((sum, row) => sum + of(row), 0) / known.length;
  const tp = count(({ p, y }) => p >= threshold && y === 1);
  const said = count(({ p }) => p >= threshold);
  const positives = count(({ y }) => y === 1);
  let won = 0;
  for (const a of known)
    for (const b of known) if (a.y === 1 && b.y === 0) won += a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0;
  return {
    accuracy: count(({ p, y }) => Number(p >= threshold) === y) / known.length,
    precision: tp / said,
    recall: tp / positives,
    f1: (2 * tp) / (said + positives),
    auc: won / (positives * (known.length - positives)),
    logLoss: mean(({ p, y }) => -Math.log(y === 1 ? p : 1 - p)),
    brier: mean(({ p, y }) => (p - y) ** 2),
  };
}

function expectRealised(
  report: Pick<PerformanceReport['overall'], 'realised'>,
  rows: readonly Row[],
  threshold: number,
): void {
  for (const [name, value] of Object.entries(bruteForce(rows, threshold))) {
    const { value: found, lower, upper } = report.realised[name as 'auc'];
    expect([name, Math.abs((found ?? NaN) - value) < 1e-9]).toEqual([name, true]);
    expect([name, (lower ?? NaN) < value && value < (upper ?? NaN)]).toEqual([name, true]);
  }
}

const input = (model: string, changes: object = {}) => ({
  model,
  from: new Date(MIDNIGHT - DAY_MS),
  to: new Date(Date.now() + 1000),
  windowSeconds: LONG,
  first: 20,
  ...changes,
});
const reports = async (model: string, changes: object = {}) =>
  (await operation.performanceReports.list(input(model, changes), signal)).rows;

describe('Performance reports', () => {
  it('are computed day by day from the log, realised and estimated', async () => {
    const { version } = await operation.inProduction('daily');
    const days = [
      await logged('daily', 400, 12),
      await logged('daily', 300, 11, { labelled: 0 }),
      await logged('daily', 500, 9, { labelled: 300 }),
    ];
    const range = { from: new Date(MIDNIGHT - 12 * DAY_MS), to: new Date(MIDNIGHT - 8 * DAY_MS), windowSeconds: null };
    const found = await reports('daily', range);
    expect(found.map(({ windowStart }) => windowStart.getTime())).toEqual(
      [12, 11, 10, 9].map((day) => MIDNIGHT - day * DAY_MS),
    );
    expect(found.map(({ overall }) => [overall.predictionCount, overall.labelCount, overall.flags])).toEqual([
      [400, 400, []],
      [300, 0, ['NO_LABELS']],
      [0, 0, ['NO_PREDICTIONS']],
      [500, 300, ['EARLY_LABELS']],
    ]);
    expectRealised(found[0].overall, days[0], version.decisionThreshold);
    expectRealised(found[3].overall, days[2], version.decisionThreshold);
    expect(found[1].overall.realised.auc).toEqual({
      value: null,
      lower: null,
      upper: null,
      undefinedBecause: 'NO_ROWS',
    });
    // The model is the law of this world, so that what is estimated of one day is near what came on another.
    const [estimated, realised] = [found[1].overall.estimated.auc, found[0].overall.realised.auc];
    expect(Math.abs((estimated.value ?? 0) - (realised.value ?? 0))).toBeLessThan(0.1);
    expect((estimated.upper ?? 1) - (estimated.lower ?? 0)).toBeLessThan(0.2);
  });

  it('come in pages of windows that a cursor continues, and count them', async () => {
    await operation.inProduction('paged');
    const range = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-08T00:00:00Z'), windowSeconds: null };
    const first = await operation.performanceReports.list(input('paged', { ...range, first: 5 }), signal);
    expect([first.rows.length, first.hasNextPage, await first.totalCount()]).toEqual([5, true, 7]);
    const after = first.cursors[4];
    const rest = await operation.performanceReports.list(input('paged', { ...range, first: 5, after }), signal);
    expect([rest.rows.map(({ windowStart }) => windowStart.toISOString().slice(0, 10)), rest.hasNextPage]).toEqual([
      ['2026-01-06', '2026-01-07'],
      false,
    ]);
    await expect(reports('paged', { ...range, after: 'forged' })).rejects.toThrow(CursorInvalid);
  });

  it('part a window by the groups of a feature', async () => {
    const { version } = await operation.inProduction('parted');
    const rows = await logged('parted', 900, 0.5);
    const [{ segments, overall, segmentBy }] = await reports('parted', {
      segmentBy: 'plan',
      to: new Date(MIDNIGHT),
    });
    expect([segmentBy, segments.map(({ group }) => group)]).toEqual(['plan', ['meter', 'flat']]);
    for (const slice of segments) {
      const own = rows.filter(({ prediction }) => prediction.features.plan === slice.group);
      expect([slice.predictionCount, slice.labelCount]).toEqual([own.length, own.length]);
      expectRealised(slice, own, version.decisionThreshold);
    }
    expect(overall.predictionCount).toBe(900);
    const [numeric] = await reports('parted', { segmentBy: 'minutes', to: new Date(MIDNIGHT) });
    expect(numeric.segments.map(({ predictionCount }) => predictionCount).reduce((a, b) => a + b)).toBe(900);
    expect(numeric.segments.at(-1)?.group).toBe('(null)');
  });

  it('say that outcomes contradict the estimate where the concept has changed, and not where the traffic has', async () => {
    await operation.inProduction('changed');
    // Seven times in a million by chance.
    await operation.policies.set({ model: 'changed', alpha: 1e-6 }, ENGINEER);
    await logged('changed', 1500, 0.5, { logit: 1.5 });
    const range = { to: new Date(MIDNIGHT) };
    const [{ overall }] = await reports('changed', range);
    expect(overall.flags).toEqual(['CONTRADICTED_BY_LABELS']);
    expect(overall.realised.precision.lower).toBeGreaterThan(overall.estimated.precision.upper ?? 1);

    await operation.inProduction('moved');
    await operation.policies.set({ model: 'moved', alpha: 1e-6 }, ENGINEER);
    await logged('moved', 1500, 0.5, { minutes: 15 });
    expect((await reports('moved', range))[0].overall.flags).toEqual([]);
  });

  it('follow outcomes that come late or are corrected, and say that a window is open', async () => {
    await operation.inProduction('late');
    const { predictionIds } = await operation.predictWindow('late', 50, { labelled: 0 });
    const range = { to: new Date(Date.now() + DAY_MS) };
    const accuracy = async () => (await reports('late', range))[0].overall.realised.accuracy.value;
    expect((await reports('late', range))[0].overall.flags).toEqual(['WINDOW_OPEN', 'NO_LABELS']);
    const made = await operation.predictions.find(predictionIds);
    const record = (turn: (label: boolean) => boolean) =>
      operation.outcomes.record(
        made.map(({ id, label }) => ({ predictionId: id, outcome: turn(label) })),
        ENGINEER,
      );
    await record((label) => label);
    expect(await accuracy()).toBe(1);
    await record((label) => !label);
    expect(await accuracy()).toBe(0);
  });

  it('of a version without a reference are realised ones only', async () => {
    await operation.inProduction('bare', { referenceProfile: null });
    await operation.predictWindow('bare', 120);
    const [{ overall }] = await reports('bare');
    expect([overall.labelCount, overall.estimated.auc.undefinedBecause]).toEqual([120, 'NOT_ESTIMABLE']);
    expect(overall.flags).toContain('NO_REFERENCE');
    expect(overall.realised.auc.value).toBeGreaterThan(0.5);
    await expect(reports('bare', { segmentBy: 'plan' })).rejects.toThrow(/segmentBy: version 1 was registered without/);
  });

  it('are not applicable to models of another task type', async () => {
    const { model, version } = await operation.inProduction('numbers');
    const { artifacts, predictions, policies } = operation;
    // The log takes predictions of binary classifiers only, so that such a version has none.
    const select = () => Promise.resolve({ model: { ...model, taskType: 'REGRESSION' }, modelVersion: version });
    const versions = { select } as unknown as VersionService;
    const service = new PerformanceReportService({ artifacts, predictions, policies, versions });
    const [{ overall, segments }] = (await service.list(input('numbers'), signal)).rows;
    expect([overall.flags, overall.realised.f1.undefinedBecause, segments]).toEqual([
      ['NOT_APPLICABLE'],
      'NOT_APPLICABLE',
      [],
    ]);
  });

  it('refuse ranges, features and models that are not there', async () => {
    await operation.inProduction('refused');
    await expect(reports('refused', { from: new Date(), to: new Date(0) })).rejects.toThrow(InvalidInput);
    await expect(reports('refused', { segmentBy: 'mood' })).rejects.toThrow(/it has minutes, plan, calls/);
    await expect(reports('nobody')).rejects.toThrow(NotFound);
    await expect(reports('refused', { version: 7 })).rejects.toThrow(NotFound);
  });

  it('read no more predictions in one page than they say, and stop when nobody waits for them', async () => {
    await operation.inProduction('vast');
    const page = Array.from({ length: 5000 }, (_, row): LoggedPrediction => ({
      id: '',
      features: {},
      probability: (row + 0.5) / 5000,
      outcome: row % 2 === 0,
    }));
    const over = (pages: number) => {
      async function* window() {
        for (let read = 0; read < pages; read++) yield await Promise.resolve(page);
      }
      const { artifacts, versions, policies } = operation;
      return new PerformanceReportService({
        artifacts,
        versions,
        policies,
        predictions: { window } as unknown as PredictionReader,
      });
    };
    const full = await over(MAX_PERFORMANCE_ROWS / 5000).list(input('vast'), signal);
    expect(full.rows[0].overall.predictionCount).toBe(MAX_PERFORMANCE_ROWS);
    await expect(over(MAX_PERFORMANCE_ROWS / 5000 + 1).list(input('vast'), signal)).rejects.toThrow(
      /^to: the windows of this page have more than 200000 predictions; ask for fewer windows/,
    );
    await expect(over(3).list(input('vast'), AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});
