import type { ApplyFeatureViewInput } from '../../../src/services/features';
import { currentSchema } from '../../../src/services/features/definitions/view-schema';
import { ENGINEER, FeaturesFixture, USAGE_FIELDS, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.openWithoutJobs();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const withRules = (...qualityRules: NonNullable<ApplyFeatureViewInput['qualityRules']>[number][]) =>
  features.views.apply({ name: 'usage', entity: 'subscriber', fields: USAGE_FIELDS, qualityRules }, ENGINEER);

const ingest = (...rows: Record<string, string | number | null>[]) =>
  features.ingest.ingest(
    {
      view: 'usage',
      rows: rows.map((row, index) => ({ subscriber_id: `s${index}`, eventTimestamp: '2026-01-01', ...row })),
    },
    ENGINEER,
  );

const example = (
  subscriber_id: string,
  value: string | number | null,
  eventTimestamp = '2026-01-01T00:00:00.000Z',
) => ({
  joinKeys: { subscriber_id },
  eventTimestamp,
  value,
});

const failedEvents = () =>
  features.database.dataSource.query<{ payload: unknown }[]>(
    "SELECT payload FROM outbox_events WHERE type = 'FEATURE_QUALITY_FAILED'",
  );

test('each rule is judged over the newest row of every entity, with examples of what breaks it', async () => {
  await withRules(
    { kind: 'ROW_COUNT', severity: 'WARN', minimum: 4 },
    { kind: 'NOT_NULL_RATIO', field: 'plan', severity: 'BLOCK', minimum: 0.5 },
    { kind: 'RANGE', field: 'minutes', severity: 'BLOCK', minimum: 0, maximum: 10 },
    { kind: 'ALLOWED_VALUES', field: 'plan', severity: 'WARN', allowedValues: ['flat', "o'clock"] },
  );
  await ingest({ minutes: 99, plan: 'flat' }, { minutes: 10, plan: null }, { minutes: null, plan: "o'clock" });
  await ingest({ minutes: 11, plan: 'flat' }, { minutes: 0, plan: 'odd' });
  await features.ingest.ingest(
    { view: 'usage', rows: [{ subscriber_id: 's0', eventTimestamp: '2025-01-01', minutes: -5 }] },
    ENGINEER,
  );
  const report = await features.quality.run('usage', ENGINEER);
  expect(report).toMatchObject({ rowCount: 3, passed: false, blocked: true });
  expect(report.results.map(({ passed, actual, examples }) => ({ passed, actual, examples }))).toEqual([
    { passed: false, actual: 3, examples: [] },
    { passed: true, actual: 1, examples: [] },
    { passed: false, actual: 1, examples: [example('s0', 11)] },
    { passed: false, actual: 1, examples: [example('s1', 'odd')] },
  ]);
  expect(report.statistics.map(({ name, count, nullCount, max }) => [name, count, nullCount, max])).toEqual([
    ['minutes', 3, 1, 11],
    ['plan', 3, 0, null],
    ['calls', 3, 3, null],
  ]);
  expect(await failedEvents()).toEqual([{ payload: { reportId: report.id, view: 'usage' } }]);
});

test('a report that fails and its event are of one transaction', async () => {
  await withRules({ kind: 'ROW_COUNT', severity: 'WARN', minimum: 1 });
  await features.quality.run('usage', ENGINEER);
  const rows = await features.database.dataSource.query<{ same: boolean }[]>(
    `SELECT report.xmin = event.xmin AS same FROM feature_quality_reports report, outbox_events event
     WHERE event.type = 'FEATURE_QUALITY_FAILED'`,
  );
  expect(rows).toEqual([{ same: true }]);
});

test('a report in which all holds tells no event, and the newest report comes first in the list', async () => {
  await withRules({ kind: 'ROW_COUNT', severity: 'BLOCK', minimum: 1 });
  const empty = await features.quality.run('usage', ENGINEER);
  expect([empty.passed, empty.blocked, empty.rowCount]).toEqual([false, true, 0]);
  await ingest({ minutes: 1 });
  const full = await features.quality.run('usage', ENGINEER);
  expect([full.passed, full.blocked]).toEqual([true, false]);
  expect(await failedEvents()).toHaveLength(1);
  const { rows } = await features.quality.list('usage', { first: 10 });
  expect(rows.map(({ id }) => id)).toEqual([full.id, empty.id]);
});

test('the gate judges the rows that are built on, and neither blocks nor frees later ones by them', async () => {
  await withRules({ kind: 'RANGE', field: 'minutes', severity: 'BLOCK', minimum: 0 });
  const { dataSource } = features.database;
  const schema = await currentSchema(dataSource, 'usage');
  const gate = async (through: number) => features.quality.gate(schema, through, ENGINEER, {});

  const batch = async (eventTimestamp: string, minutes: number) =>
    (await ingest({ eventTimestamp, minutes })).ingestSequence;
  const good = await batch('2026-01-01', 1);
  const bad = await batch('2026-01-02', -1);
  await expect(gate(good)).resolves.toBeUndefined();
  await expect(gate(bad)).rejects.toMatchObject({ code: 'QUALITY_BLOCKED' });
  await gate(good);
  const mended = await batch('2026-01-03', 2);
  await gate(mended);
  const { rows } = await features.quality.list('usage', { first: 9 });
  expect(rows.map(({ throughSequence, blocked }) => [throughSequence, blocked])).toEqual([
    [mended, false],
    [bad, true],
  ]);
});

test('at most five examples are kept', async () => {
  await withRules({ kind: 'RANGE', field: 'minutes', severity: 'WARN', maximum: 0 });
  await ingest(...Array.from({ length: 9 }, () => ({ minutes: 1 })));
  const { results } = await features.quality.run('usage', ENGINEER);
  const [{ actual, checkedRowCount, failingRowCount, examples }] = results;
  expect([actual, checkedRowCount, failingRowCount]).toEqual([9, 9, 9]);
  expect(examples).toEqual([0, 1, 2, 3, 4].map((index) => example(`s${index}`, 1)));
});

test('31: statistics of a view that is empty, of one row, and of nulls only', async () => {
  const calls = async () => (await features.quality.statistics('usage', {})).find(({ name }) => name === 'calls');
  expect(await calls()).toMatchObject({
    count: 0,
    nullCount: 0,
    min: null,
    mean: null,
    histogram: null,
    topValues: [],
  });
  await ingest({ calls: null });
  expect(await calls()).toMatchObject({ count: 1, nullCount: 1, distinctCount: 0, min: null, stddev: null });
  await features.ingest.ingest(
    { view: 'usage', rows: [{ subscriber_id: 's0', eventTimestamp: '2026-02-01', calls: '7' }] },
    ENGINEER,
  );
  expect(await calls()).toMatchObject({
    count: 1,
    nullCount: 0,
    min: 7,
    max: 7,
    mean: 7,
    stddev: null,
    dtype: 'INT64',
  });
});

test('statistics say how fresh each field is, and keep the bins that later rows are compared in', async () => {
  await ingest({ minutes: 1, plan: 'flat' }, { minutes: 3, plan: null }, { minutes: 5, plan: 'flat' });
  await ingest({ minutes: null, plan: 'meter', eventTimestamp: '2026-02-01T00:00:00.000001Z' });
  const [minutes, plan, calls] = await features.quality.statistics('usage', {});
  expect(minutes).toMatchObject({
    newestEventTimestamp: '2026-01-01T00:00:00.000Z',
    profile: { spec: { kind: 'NUMERIC', edges: [3, 5, 5] }, counts: { bins: [0, 1, 1, 0], nullCount: 1 } },
  });
  expect(plan).toMatchObject({
    newestEventTimestamp: '2026-02-01T00:00:00.000001Z',
    profile: {
      spec: { kind: 'CATEGORICAL', levels: ['flat', 'meter'] },
      counts: { bins: [1, 1, 0], nullCount: 1 },
    },
  });
  expect(calls).toMatchObject({
    newestEventTimestamp: null,
    profile: { spec: { kind: 'NUMERIC', edges: [] }, counts: { bins: [0, 0], nullCount: 3 } },
  });
});

test('an unknown view and a viewer are refused', async () => {
  await expect(features.quality.run('nope', ENGINEER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(features.quality.run('usage', VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
