import type { FeatureQualityRule } from '../../../src/entities';
import { type Findings, judgeRule } from '../../../src/services/features/quality/rule-judgement.policy';
import { testPsiDrift } from '../../../src/services/statistics';

const rule = (parts: Partial<FeatureQualityRule> & Pick<FeatureQualityRule, 'kind'>): FeatureQualityRule => ({
  field: null,
  severity: 'WARN',
  minimum: null,
  maximum: null,
  allowedValues: null,
  pattern: null,
  maxAgeSeconds: null,
  measure: null,
  threshold: null,
  reference: null,
  ...parts,
});
const found = (rowCount: number, failing = 0, more: Partial<Findings> = {}): Findings => ({
  rowCount,
  checked: rowCount,
  failing,
  ageSeconds: null,
  drift: null,
  ...more,
});

test('a ratio is judged by the minimum, which is inclusive', () => {
  const ratio = rule({ kind: 'NOT_NULL_RATIO', field: 'age', minimum: 0.9 });
  expect(judgeRule(ratio, found(10, 1))).toEqual({
    passed: true,
    actual: 0.9,
    message: 'at least 0.9 of age is filled: 1 of 10 are null',
    checkedRowCount: 10,
    failingRowCount: 1,
  });
  expect(judgeRule(ratio, found(10, 2))).toMatchObject({ passed: false, actual: 0.8 });
});

test('a number of rows lies within both bounds, inclusive', () => {
  const count = rule({ kind: 'ROW_COUNT', minimum: 2, maximum: 3 });
  expect([1, 2, 3, 4].map((rows) => judgeRule(count, found(rows)).passed)).toEqual([false, true, true, false]);
  expect(judgeRule(count, found(1))).toMatchObject({ message: '2 to 3 rows: there are 1', failingRowCount: null });
  expect(judgeRule(rule({ kind: 'ROW_COUNT', minimum: 3 }), found(2)).message).toBe('at least 3 rows: there are 2');
  expect(judgeRule(rule({ kind: 'ROW_COUNT', maximum: 3 }), found(4)).message).toBe('at most 3 rows: there are 4');
});

test('one row that breaks a rule about values fails it', () => {
  const range = rule({ kind: 'RANGE', field: 'age', minimum: 0, maximum: 120 });
  expect(judgeRule(range, found(12, 1, { checked: 10 }))).toEqual({
    passed: false,
    actual: 1,
    message: 'age lies within 0 and 120: 1 of 10 are not',
    checkedRowCount: 10,
    failingRowCount: 1,
  });
  const unique = rule({ kind: 'UNIQUE' });
  expect(judgeRule(unique, found(3, 2, { checked: 5 })).message).toBe(
    'rows are unique by join keys and event time: 2 of 5 are not',
  );
});

test('without rows or values no rule about values is broken, but ROW_COUNT and FRESHNESS are', () => {
  const range = rule({ kind: 'RANGE', field: 'age', minimum: 0 });
  expect(judgeRule(range, found(0))).toMatchObject({
    passed: true,
    actual: null,
    message: expect.stringMatching(/there are no rows yet/),
  });
  expect(judgeRule(range, found(3, 0, { checked: 0 })).message).toBe(
    'age lies within 0 and ∞: there are no values yet',
  );
  const ratio = rule({ kind: 'NOT_NULL_RATIO', field: 'age', minimum: 1 });
  expect(judgeRule(ratio, found(0))).toMatchObject({ passed: true, actual: null });
  expect(judgeRule(rule({ kind: 'ROW_COUNT', minimum: 1 }), found(0))).toMatchObject({ passed: false, actual: 0 });
  expect(judgeRule(rule({ kind: 'FRESHNESS', maxAgeSeconds: 1 }), found(0))).toMatchObject({
    passed: false,
    actual: null,
    message: 'the newest event is at most 1 s old: there is none',
  });
});

test('an event of exactly the greatest age is fresh', () => {
  const fresh = rule({ kind: 'FRESHNESS', maxAgeSeconds: 60 });
  const judged = [59.9, 60, 60.000001].map((ageSeconds) => judgeRule(fresh, found(1, 0, { ageSeconds })).passed);
  expect(judged).toEqual([true, true, false]);
});

const driftRule = rule({ kind: 'DRIFT', field: 'age', measure: 'PSI', threshold: 0.2 });
const drift = (reference: number[], current: number[], nullCount = 0) =>
  testPsiDrift({
    referenceCounts: { bins: reference, nullCount: 0 },
    currentCounts: { bins: current, nullCount },
    threshold: 0.2,
    alpha: 0.05,
    comparisons: 1,
  });

test('drift that is large and significant fails; too little data to tell passes and says so', () => {
  const judge = (reference: number[], current: number[]) =>
    judgeRule(driftRule, found(current[0] + current[1], 0, { drift: drift(reference, current) }));
  expect(judge([500, 500], [900, 100])).toMatchObject({ passed: false, failingRowCount: null });
  expect(judge([500, 500], [900, 100]).actual).toBeGreaterThan(0.2);
  expect(judge([500, 500], [490, 510])).toMatchObject({
    passed: true,
    message: expect.stringMatching(/^DRIFT of age by PSI stays below 0.2: it/),
  });
  expect(judge([500, 500], [3, 1])).toMatchObject({
    passed: true,
    message: expect.stringMatching(/4 rows are too few to tell$/),
  });
});

test('a field that is null throughout, and a reference without profile, fail a drift rule; a view without rows does not', () => {
  expect(judgeRule(driftRule, found(8, 0, { drift: drift([5, 5], [0, 0], 8) }))).toMatchObject({
    passed: false,
    actual: null,
    message: 'DRIFT of age by PSI stays below 0.2: all 8 are null',
  });
  expect(judgeRule(driftRule, found(8)).message).toMatch(/the reference has no profile of it; name another one$/);
  expect(judgeRule(driftRule, found(8)).passed).toBe(false);
  expect(judgeRule(driftRule, found(0))).toMatchObject({ passed: true });
});
