import { schemasOfVersions } from '../../../src/services/features/definitions/view-schema';
import type { FeatureQualityRuleInput } from '../../../src/services/features/quality/quality-rules.policy';
import { ENGINEER, FeaturesFixture, USAGE_FIELDS } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.openWithoutJobs();
  await features.defineSubscribers();
});
afterEach(() => features.close());

type Row = Record<string, string | number | null>;

const apply = (...rules: Omit<FeatureQualityRuleInput, 'severity'>[]) =>
  features.views.apply(
    {
      name: 'usage',
      entity: 'subscriber',
      fields: USAGE_FIELDS,
      qualityRules: rules.map((rule) => ({ severity: 'BLOCK', ...rule })),
    },
    ENGINEER,
  );

const ingest = (...rows: Row[]) =>
  features.ingest.ingest(
    {
      view: 'usage',
      rows: rows.map((row, index) => ({ subscriber_id: `s${index}`, eventTimestamp: '2026-01-01', ...row })),
    },
    ENGINEER,
  );

const run = async () => (await features.quality.run('usage', ENGINEER)).results;

test('PATTERN asks it of whole values, by RE2', async () => {
  await apply({ kind: 'PATTERN', field: 'plan', pattern: String.raw`(?i)[a-z]+-\d{2}|o'clock` });
  await ingest({ plan: 'Flat-07' }, { plan: 'flat-077' }, { plan: null }, { plan: "o'clock" }, { plan: '' });
  const [result] = await run();
  expect(result).toMatchObject({ passed: false, checkedRowCount: 4, failingRowCount: 2 });
  expect(result.examples.map(({ joinKeys, value }) => [joinKeys.subscriber_id, value])).toEqual([
    ['s1', 'flat-077'],
    ['s4', ''],
  ]);
});

test.each<[string, number | null, string]>([
  ['[abc', 1, 'missing ]'],
  ['é*(a|*)', 6, 'no argument for repetition operator'],
  ['ab(cd', 6, 'missing )'],
  ['(a)b)', 5, 'unexpected )'],
  ['ab\\', 3, 'trailing \\'],
  ['a(?=b)', 2, 'invalid perl operator'],
  ['(?:\\1)', 4, 'invalid escape sequence'],
  ['a{1}(a{2000})', 7, 'invalid repetition size'],
  ['((a{100}){100}){100}', 10, 'invalid repetition size'],
  ['😀[z-a]', 3, 'invalid character class range'],
])('a pattern that RE2 cannot read, %s, is refused at character %s', async (pattern, position, problem) => {
  const rule = { kind: 'PATTERN', field: 'plan', pattern } as const;
  const refused = await apply({ kind: 'ROW_COUNT', minimum: 1 }, rule).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'INVALID_INPUT',
    field: ['input', 'qualityRules', '1', 'pattern'],
    message: `qualityRules.1.pattern: PATTERN of plan, character ${position}: ${problem}; expected an RE2 expression, which has no look-around and no back-references`,
    details: { position },
  });
  expect((await features.views.findByName('usage'))?.qualityRules).toEqual([]);
});

test('a pattern with a character that cannot be stored is refused', async () => {
  await expect(apply({ kind: 'PATTERN', field: 'plan', pattern: 'a\0' })).rejects.toMatchObject({
    field: ['input', 'qualityRules', '0', 'pattern'],
    message: expect.stringContaining('must be a text without NUL characters'),
  });
});

test('UNIQUE of a field compares the entities as they are now, and leaves nulls alone', async () => {
  await apply({ kind: 'UNIQUE', field: 'calls' }, { kind: 'UNIQUE', field: 'minutes' });
  await ingest({ calls: 7, minutes: 1 }, { calls: 8, minutes: 1 }, { calls: null }, { calls: null });
  await ingest({ calls: '8', minutes: 2, eventTimestamp: '2026-01-02' });
  const [calls, minutes] = await run();
  expect(calls).toMatchObject({ passed: false, actual: 2, checkedRowCount: 2, failingRowCount: 2 });
  expect(calls.examples).toEqual([
    { joinKeys: { subscriber_id: 's0' }, eventTimestamp: '2026-01-02T00:00:00.000Z', value: '8' },
    { joinKeys: { subscriber_id: 's1' }, eventTimestamp: '2026-01-01T00:00:00.000Z', value: '8' },
  ]);
  expect(minutes).toMatchObject({ passed: true, checkedRowCount: 2, failingRowCount: 0, examples: [] });
});

test('UNIQUE without a field looks at all rows, and says how many share their keys and event time', async () => {
  await apply({ kind: 'UNIQUE' });
  await ingest({ calls: 1 }, { calls: 1 });
  await ingest({ calls: 1, eventTimestamp: '2026-01-02' });
  expect(await run()).toMatchObject([{ passed: true, actual: 0, checkedRowCount: 3 }]);
  await ingest({ calls: 2, eventTimestamp: '2026-01-01', createdTimestamp: '2026-02-01' });
  const [result] = await run();
  expect(result).toMatchObject({ passed: false, actual: 2, checkedRowCount: 4, failingRowCount: 2 });
  expect(result.examples).toEqual([
    { joinKeys: { subscriber_id: 's0' }, eventTimestamp: '2026-01-01T00:00:00.000Z', value: '2' },
  ]);
});

test('FRESHNESS is of the newest event that has happened; one in the future makes nothing fresh', async () => {
  await apply({ kind: 'FRESHNESS', maxAgeSeconds: 3600 }, { kind: 'FRESHNESS', maxAgeSeconds: 9e9 });
  const seconds = (offset: number) => new Date(Date.now() + offset * 1000).toISOString();
  expect((await run()).map(({ passed, actual }) => [passed, actual])).toEqual([
    [false, null],
    [false, null],
  ]);
  await ingest({ eventTimestamp: seconds(-90_000) }, { eventTimestamp: seconds(90_000) });
  const [stale, lenient] = await run();
  expect([stale.passed, lenient.passed]).toEqual([false, true]);
  expect(stale.actual).toBeGreaterThanOrEqual(90_000);
  expect(stale).toMatchObject({ checkedRowCount: 2, failingRowCount: null, examples: [] });
  await ingest({ eventTimestamp: seconds(-10) });
  expect(await run()).toMatchObject([{ passed: true }, { passed: true }]);
});

test('ROW_COUNT has a lower and an upper bound', async () => {
  await apply({ kind: 'ROW_COUNT', minimum: 2, maximum: 3 });
  await ingest({}, {}, {}, {});
  expect(await run()).toMatchObject([{ passed: false, actual: 4, message: '2 to 3 rows: there are 4' }]);
});

test('RANGE of integers is exact where doubles are not', async () => {
  const TWO_53 = 2 ** 53;
  await apply(
    { kind: 'RANGE', field: 'calls', maximum: TWO_53 },
    { kind: 'RANGE', field: 'calls', minimum: 1e300 },
    { kind: 'RANGE', field: 'calls', minimum: 0.5, maximum: 1e300 },
  );
  await ingest({ calls: '9007199254740993' }, { calls: '9007199254740992' }, { calls: '0' });
  const [exact, beyond, half] = await run();
  expect(exact.examples.map(({ value }) => value)).toEqual(['9007199254740993']);
  expect(beyond.failingRowCount).toBe(3);
  expect(half.examples.map(({ value }) => value)).toEqual(['0']);
});

test('rules of an older version of the view are those that its fields allow', async () => {
  await apply({ kind: 'RANGE', field: 'minutes', minimum: 0 });
  const retyped = [{ name: 'minutes', dtype: 'STRING' } as const, USAGE_FIELDS[1]];
  const rules = [{ kind: 'PATTERN', field: 'minutes', pattern: 'x', severity: 'WARN' } as const];
  await ingest({ minutes: 1 });
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields: retyped, qualityRules: rules }, ENGINEER);
  const { dataSource } = features.database;
  const [first] = await dataSource.query<{ id: string }[]>(
    `SELECT vv.id FROM feature_view_versions vv JOIN feature_views v ON v.id = vv.feature_view_id
     WHERE v.name = 'usage' AND vv.version = 1`,
  );
  const schema = (await schemasOfVersions(dataSource, [first.id])).get(first.id);
  expect(schema?.fields[0].dtype).toBe('DOUBLE');
  await expect(features.quality.gate(schema as never, 1, ENGINEER, {})).resolves.toBeUndefined();
});
