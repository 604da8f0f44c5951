import fc from 'fast-check';
import type { FeatureQualityRule } from '../../../src/entities';
import type { RowSchema } from '../../../src/services/features/rows/row-slice';
import { checkedRules } from '../../../src/services/features/quality/quality-rules.policy';
import { naiveCount, naiveNewest, type QualityRow } from '../../support/naive-quality';
import { OfflineHarness } from './offline-harness';

const SCHEMA: RowSchema = {
  joinKeys: [{ name: 'id', dtype: 'STRING' }],
  fields: [
    { name: 'big', dtype: 'INT64' },
    { name: 'real', dtype: 'DOUBLE' },
    { name: 'text', dtype: 'STRING' },
    { name: 'flag', dtype: 'BOOL' },
  ],
};
const EPOCH = Date.UTC(2026, 0, 1);
const moment = (seconds: number): string => new Date(EPOCH + seconds * 1000).toISOString();

// Few keys, times and values, so that ties, duplicates and exact bounds are the rule; integers where doubles have gaps.
const integers = [-1n, 0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n];
const bounds = [-1.5, -1, 0, 0.5, 1, 2 ** 53, 2 ** 63, 1e300];
const texts = ['', 'a', 'b', 'ab', 'aab', "o'b", 'a\nb', 'é'];
const patterns = ['a+', '[ab]b?', '.*', 'b|', 'a.b', "o'b", 'é?', '(?:a|ab)(?:b|)', '[^a]*'];

const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4 });
const row: fc.Arbitrary<QualityRow> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', "d'd", 'e', 'f', 'g', 'h'),
  event: fc.integer({ min: 0, max: 3 }),
  created: maybe(fc.integer({ min: 0, max: 2 })),
  values: fc.record({
    big: maybe(fc.constantFrom(...integers)),
    real: maybe(fc.constantFrom(...bounds)),
    text: maybe(fc.constantFrom(...texts)),
    flag: maybe(fc.boolean()),
  }),
});

const anyField = fc.constantFrom('big', 'real', 'text', 'flag');
const bound = fc.constantFrom(...bounds);
const range = fc
  .tuple(fc.constantFrom('big', 'real'), bound, bound, fc.constantFrom('both', 'minimum', 'maximum'))
  .map(([field, a, b, which]) => ({
    kind: 'RANGE' as const,
    field,
    minimum: which === 'maximum' ? null : Math.min(a, b),
    maximum: which === 'minimum' ? null : Math.max(a, b),
  }));
const allowed = (field: string, values: readonly string[]) =>
  fc.record({
    kind: fc.constant('ALLOWED_VALUES' as const),
    field: fc.constant(field),
    allowedValues: fc.subarray([...values], { minLength: 1 }),
  });
const rule = fc
  .oneof(
    fc.record({
      kind: fc.constant('NOT_NULL_RATIO' as const),
      field: anyField,
      minimum: fc.constantFrom(0, 0.5, 1),
    }),
    range,
    allowed('big', integers.map(String)),
    allowed('text', texts),
    allowed('flag', ['true', 'false']),
    fc.record({
      kind: fc.constant('PATTERN' as const),
      field: fc.constant('text'),
      pattern: fc.constantFrom(...patterns),
    }),
    fc.record({ kind: fc.constant('UNIQUE' as const), field: fc.constantFrom('big', 'real', 'text', null) }),
  )
  .map((parts): FeatureQualityRule => checkedRules([{ severity: 'WARN', ...parts }], SCHEMA.fields)[0]);

let harness: OfflineHarness;
beforeAll(async () => {
  harness = await OfflineHarness.open();
});
afterAll(() => harness.close());

const toInput = ({ key, event, created, values }: QualityRow) => ({
  id: key,
  eventTimestamp: moment(event),
  createdTimestamp: created === null ? null : moment(created),
  ...values,
  big: values.big === null ? null : String(values.big),
});
const exampleOf =
  (field: string, rows: readonly QualityRow[]) =>
  ({ key, event, values }: QualityRow) => ({
    joinKeys: { id: key },
    eventTimestamp: moment(event),
    value:
      field === ''
        ? String(rows.filter((other) => other.key === key && other.event === event).length)
        : typeof values[field] === 'bigint'
          ? String(values[field])
          : values[field],
  });

test('rules about rows come to what a plain look at every row comes to', async () => {
  const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { maxLength: 3 });
  const rules = fc.array(rule, { minLength: 30, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(batches, rules, async (written, asked) => {
      const rows = written.flat();
      const stored = await harness.view(
        SCHEMA,
        written.map((batch) => batch.map(toInput)),
      );
      const context = { now: new Date(EPOCH), referenceOf: () => null };
      const { rowCount, results } = await harness.store.evaluate(stored, asked, context, {});
      expect(rowCount).toBe(naiveNewest(rows).length);
      for (const [index, result] of results.entries()) {
        const { checked, failing } = naiveCount(asked[index], rows);
        const ratio = checked === 0 ? 1 : (checked - failing.length) / checked;
        const passed =
          asked[index].kind === 'NOT_NULL_RATIO' ? ratio >= (asked[index].minimum ?? 0) : failing.length === 0;
        // One example of rows that share their key and time.
        const shown = asked[index].field === null ? distinct(failing) : failing;
        expect(result).toMatchObject({
          rule: asked[index],
          passed,
          checkedRowCount: checked,
          failingRowCount: failing.length,
          examples: passed ? [] : shown.slice(0, 5).map(exampleOf(asked[index].field ?? '', rows)),
        });
      }
    }),
    { numRuns: 40 },
  );
});

const distinct = (rows: readonly QualityRow[]): QualityRow[] => [
  ...new Map(rows.map((one) => [`${one.key} ${one.event}`, one])).values(),
];
