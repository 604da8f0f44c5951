import type { FeatureField, FeatureQualityRule } from '../../../src/entities';
import {
  appliesTo,
  checkedRules,
  type FeatureQualityRuleInput,
} from '../../../src/services/features/quality/quality-rules.policy';

const FIELDS: FeatureField[] = [
  { name: 'age', dtype: 'INT64' },
  { name: 'plan', dtype: 'STRING' },
  { name: 'since', dtype: 'TIMESTAMP' },
  { name: 'active', dtype: 'BOOL' },
];
const checked = (rule: Omit<FeatureQualityRuleInput, 'severity'>): FeatureQualityRule =>
  checkedRules([{ severity: 'WARN', ...rule }], FIELDS)[0];

const REFERENCE = { kind: 'Dataset', id: 'd' } as const;

test('what a kind does not use is null in the stored rule', () => {
  expect(checked({ kind: 'RANGE', field: 'age', minimum: 0 })).toEqual({
    field: 'age',
    kind: 'RANGE',
    severity: 'WARN',
    minimum: 0,
    maximum: null,
    allowedValues: null,
    pattern: null,
    maxAgeSeconds: null,
    measure: null,
    threshold: null,
    reference: null,
  });
});

test('a stored rule passes again as it is', () => {
  const rules = [
    checked({ kind: 'UNIQUE' }),
    checked({ kind: 'FRESHNESS', maxAgeSeconds: 60 }),
    checked({ kind: 'ROW_COUNT', maximum: 5 }),
    checked({ kind: 'PATTERN', field: 'plan', pattern: 'a+' }),
    checked({ kind: 'DRIFT', field: 'active', measure: 'PSI', threshold: 0.2, reference: REFERENCE }),
  ];
  expect(checkedRules(rules, FIELDS)).toEqual(rules);
});

test.each<[string, Omit<FeatureQualityRuleInput, 'severity'>, string]>([
  [
    'a field for ROW_COUNT',
    { kind: 'ROW_COUNT', field: 'age', minimum: 1 },
    'field: ROW_COUNT of age: has no use here',
  ],
  ['ROW_COUNT without bounds', { kind: 'ROW_COUNT' }, 'minimum: ROW_COUNT: needs minimum, maximum or both'],
  ['half a row', { kind: 'ROW_COUNT', maximum: 1.5 }, 'maximum: ROW_COUNT: a number of rows is a whole one'],
  ['a ratio over 1', { kind: 'NOT_NULL_RATIO', field: 'age', minimum: 1.1 }, 'a ratio lies within 0 and 1'],
  ['a ratio without field', { kind: 'NOT_NULL_RATIO', minimum: 1 }, 'field: NOT_NULL_RATIO: is needed'],
  ['a range without bounds', { kind: 'RANGE', field: 'age' }, 'RANGE of age: needs minimum, maximum or both'],
  ['a range upside down', { kind: 'RANGE', field: 'age', minimum: 2, maximum: 1 }, '1 is less than the minimum, 2'],
  ['a range without field', { kind: 'RANGE', minimum: 2 }, 'field: RANGE: is needed'],
  ['a range of texts', { kind: 'RANGE', field: 'plan', minimum: 2 }, 'RANGE is for fields of type INT64, DOUBLE'],
  ['no allowed values', { kind: 'ALLOWED_VALUES', field: 'plan', allowedValues: [] }, 'name at least one value'],
  ['allowed moments', { kind: 'ALLOWED_VALUES', field: 'since', allowedValues: ['x'] }, 'since is TIMESTAMP'],
  [
    'a fraction among integers',
    { kind: 'ALLOWED_VALUES', field: 'age', allowedValues: ['7', '7.0'] },
    'allowedValues: ALLOWED_VALUES of age: "7.0" is not a 64-bit integer',
  ],
  ['a third truth', { kind: 'ALLOWED_VALUES', field: 'active', allowedValues: ['yes'] }, '"yes" is not true or false'],
  ['an unknown field', { kind: 'RANGE', field: 'size', minimum: 1 }, 'the view has no field "size"; it has age, plan'],
  ['a pattern of numbers', { kind: 'PATTERN', field: 'age', pattern: '.' }, 'age is INT64'],
  ['a pattern without one', { kind: 'PATTERN', field: 'plan' }, 'pattern: PATTERN of plan: is needed'],
  ['a long pattern', { kind: 'PATTERN', field: 'plan', pattern: 'a'.repeat(1001) }, 'has at most 1000 characters'],
  ['unique truths', { kind: 'UNIQUE', field: 'active' }, 'active is BOOL'],
  ['freshness of a field', { kind: 'FRESHNESS', field: 'age', maxAgeSeconds: 1 }, 'FRESHNESS of age: has no use here'],
  ['freshness without age', { kind: 'FRESHNESS' }, 'maxAgeSeconds: FRESHNESS: is needed'],
  ['an age of nothing', { kind: 'FRESHNESS', maxAgeSeconds: 0 }, 'maxAgeSeconds: FRESHNESS: must be above 0'],
  [
    'drift without reference',
    { kind: 'DRIFT', field: 'age', measure: 'PSI', threshold: 0.2 },
    'referenceId: DRIFT of age: is needed',
  ],
  [
    'a distance that there is not',
    { kind: 'DRIFT', field: 'age', measure: 'JS_DISTANCE', threshold: 0.9, reference: REFERENCE },
    'threshold: DRIFT of age: must be above 0 and below .8326',
  ],
  [
    'no threshold to speak of',
    { kind: 'DRIFT', field: 'age', measure: 'PSI', threshold: 0, reference: REFERENCE },
    'threshold: DRIFT of age: must be above 0',
  ],
  [
    'drift of moments',
    { kind: 'DRIFT', field: 'since', measure: 'PSI', threshold: 1, reference: REFERENCE },
    'since is TIMESTAMP',
  ],
  [
    'values for a range',
    { kind: 'RANGE', field: 'age', minimum: 1, allowedValues: ['1'] },
    'allowedValues: RANGE of age: has no use here',
  ],
])('%s is refused with a remedy', (_, rule, message) => {
  expect(() => checked(rule)).toThrow(message);
});

test('the error names the place of the rule in the request', () => {
  const rules = [
    { kind: 'ROW_COUNT', severity: 'WARN', minimum: 1 },
    { kind: 'RANGE', severity: 'WARN', field: 'plan', minimum: 1 },
  ] as const;
  expect(() => checkedRules(rules, FIELDS)).toThrow(
    expect.objectContaining({ field: ['input', 'qualityRules', '1', 'field'], code: 'INVALID_INPUT' }),
  );
  const many = Array.from({ length: 1001 }, () => rules[0]);
  expect(() => checkedRules(many, FIELDS)).toThrow('qualityRules: a view has at most 1000 rules');
});

test('allowed values are kept in the spelling in which rows are compared', () => {
  const rule = checked({ kind: 'ALLOWED_VALUES', field: 'age', allowedValues: ['07', '-0', '9223372036854775807'] });
  expect(rule.allowedValues).toEqual(['7', '0', '9223372036854775807']);
});

test('a rule applies where its field is, and of a type that it can be asked of', () => {
  const range = checked({ kind: 'RANGE', field: 'age', minimum: 1 });
  expect(appliesTo(range, FIELDS)).toBe(true);
  expect(appliesTo(range, [{ name: 'age', dtype: 'STRING' }])).toBe(false);
  expect(appliesTo(range, [])).toBe(false);
  expect(appliesTo(checked({ kind: 'ROW_COUNT', minimum: 1 }), [])).toBe(true);
  expect(appliesTo(checked({ kind: 'NOT_NULL_RATIO', field: 'since', minimum: 1 }), FIELDS)).toBe(true);
});
