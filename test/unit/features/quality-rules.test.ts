import type { FeatureField } from '../../../src/entities';
import {
  checkedRules,
  type FeatureQualityRuleInput,
  judgeRule,
} from '../../../src/services/features/quality/quality-rules.policy';

const FIELDS: FeatureField[] = [
  { name: 'age', dtype: 'INT64' },
  { name: 'plan', dtype: 'STRING' },
  { name: 'since', dtype: 'TIMESTAMP' },
];
const checked = (rule: Omit<FeatureQualityRuleInput, 'severity'>) =>
  checkedRules([{ severity: 'WARN', ...rule }], FIELDS)[0];

test('what a kind does not use is null in the stored rule', () => {
  expect(checked({ kind: 'RANGE', field: 'age', minimum: 0 })).toEqual({
    field: 'age',
    kind: 'RANGE',
    severity: 'WARN',
    minimum: 0,
    maximum: null,
    allowedValues: null,
  });
});

test.each<[string, Omit<FeatureQualityRuleInput, 'severity'>, string]>([
  ['a field for ROW_COUNT', { kind: 'ROW_COUNT', field: 'age', minimum: 1 }, 'field: ROW_COUNT does not use it'],
  ['ROW_COUNT without minimum', { kind: 'ROW_COUNT' }, 'minimum: ROW_COUNT needs it'],
  ['a ratio over 1', { kind: 'NOT_NULL_RATIO', field: 'age', minimum: 1.1 }, 'a ratio lies within 0 and 1'],
  ['a ratio without field', { kind: 'NOT_NULL_RATIO', minimum: 1 }, 'field: NOT_NULL_RATIO needs it'],
  ['a range without bounds', { kind: 'RANGE', field: 'age' }, 'RANGE needs minimum, maximum or both'],
  ['a range upside down', { kind: 'RANGE', field: 'age', minimum: 2, maximum: 1 }, '1 is less than the minimum, 2'],
  ['a range without field', { kind: 'RANGE', minimum: 2 }, 'the view has no field null; it has age, plan, since'],
  ['a range of texts', { kind: 'RANGE', field: 'plan', minimum: 2 }, 'RANGE is for fields of type INT64 and DOUBLE'],
  ['no allowed values', { kind: 'ALLOWED_VALUES', field: 'plan', allowedValues: [] }, 'name at least one value'],
  ['allowed moments', { kind: 'ALLOWED_VALUES', field: 'since', allowedValues: ['x'] }, 'since is TIMESTAMP'],
  ['an unknown field', { kind: 'RANGE', field: 'size', minimum: 1 }, 'the view has no field "size"'],
  [
    'values for a range',
    { kind: 'RANGE', field: 'age', minimum: 1, allowedValues: ['1'] },
    'allowedValues: RANGE does not use it',
  ],
])('%s is refused with a remedy', (_, rule, message) => {
  expect(() => checked(rule)).toThrow(message);
});

test('bounds are inclusive, and ratios and counts are judged by the minimum', () => {
  const ratio = checked({ kind: 'NOT_NULL_RATIO', field: 'age', minimum: 0.9 });
  expect(judgeRule(ratio, 10, 1)).toEqual({
    passed: true,
    actual: 0.9,
    message: 'at least 0.9 of age is filled: 1 of 10 are null',
  });
  expect(judgeRule(ratio, 10, 2)).toMatchObject({ passed: false, actual: 0.8 });
  const count = checked({ kind: 'ROW_COUNT', minimum: 3 });
  expect(judgeRule(count, 3, 0)).toMatchObject({ passed: true, actual: 3 });
  expect(judgeRule(count, 2, 0)).toMatchObject({ passed: false, message: 'at least 3 rows: there are 2' });
});

test('one value outside breaks a range, and a view without rows breaks nothing but ROW_COUNT', () => {
  const range = checked({ kind: 'RANGE', field: 'age', minimum: 0, maximum: 120 });
  expect(judgeRule(range, 10, 1)).toEqual({
    passed: false,
    actual: 1,
    message: 'age lies within 0 and 120: 1 of 10 are not',
  });
  expect(judgeRule(range, 0, 0)).toMatchObject({ passed: true, actual: null });
  expect(judgeRule(checked({ kind: 'ROW_COUNT', minimum: 1 }), 0, 0)).toMatchObject({ passed: false, actual: 0 });
});
