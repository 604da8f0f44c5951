import {
  isProblem,
  modelInputText,
  parseValue,
  toFeatureValue,
  toModelInput,
} from '../../../src/services/features/rows/feature-value';

test.each([
  ['INT64', 7, 7n],
  ['INT64', '-9223372036854775808', -(2n ** 63n)],
  ['INT64', '9223372036854775807', 2n ** 63n - 1n],
  ['INT64', Number.MAX_SAFE_INTEGER, BigInt(Number.MAX_SAFE_INTEGER)],
  ['INT64', '007', 7n],
  ['DOUBLE', 0.1, 0.1],
  ['DOUBLE', -3, -3],
  ['BOOL', false, false],
  ['STRING', '', ''],
  ['STRING', 'ü \u{1F986}', 'ü \u{1F986}'],
  ['TIMESTAMP', '1970-01-01T00:00:01', 1_000_000n],
  ['INT64_LIST', [7, '9223372036854775807'], [7n, 2n ** 63n - 1n]],
  ['DOUBLE_LIST', [], []],
  ['STRING_LIST', ['', 'ü'], ['', 'ü']],
] as const)('%s takes %p', (dtype, value, expected) => {
  expect(parseValue(dtype, value)).toEqual(expected);
});

test.each([
  ['INT64', 1.5],
  ['INT64', 2 ** 53],
  ['INT64', '9223372036854775808'],
  ['INT64', '1e3'],
  ['INT64', ''],
  ['INT64', true],
  ['DOUBLE', '1.5'],
  ['DOUBLE', Number.NaN],
  ['DOUBLE', Number.POSITIVE_INFINITY],
  ['BOOL', 1],
  ['BOOL', 'true'],
  ['STRING', 5],
  ['STRING', 'a\0b'],
  ['STRING', '\ud83e'],
  ['TIMESTAMP', 1_762_164_930],
  ['TIMESTAMP', 'soon'],
  ['DOUBLE', [1]],
  ['DOUBLE_LIST', 1],
  ['DOUBLE_LIST', '[1]'],
  ['STRING_LIST', ['a', 5]],
  ['BOOL_LIST', new Array<boolean>(10_001).fill(true)],
] as const)('%s refuses %p', (dtype, value) => {
  expect(isProblem(parseValue(dtype, value))).toBe(true);
});

test('what is wrong with a list names the element', () => {
  expect(parseValue('DOUBLE_LIST', [1, Number.NaN])).toEqual({ expected: 'a list whose element 1 is a finite number' });
  expect(parseValue('DOUBLE_LIST', [null] as never)).toEqual({
    expected: 'a list without nulls; its element 0 is null',
  });
});

test('64-bit integers and moments go out as texts', () => {
  expect(toFeatureValue('INT64_LIST', [2n ** 63n - 1n, 0n])).toEqual(['9223372036854775807', '0']);
  expect(toFeatureValue('TIMESTAMP_LIST', [0n])).toEqual(['1970-01-01T00:00:00.000Z']);
  expect(toFeatureValue('INT64', 2n ** 63n - 1n)).toBe('9223372036854775807');
  expect(toFeatureValue('TIMESTAMP', 1_500_000n)).toBe('1970-01-01T00:00:01.500Z');
  expect(toFeatureValue('DOUBLE', 0.5)).toBe(0.5);
});

test('models take numbers and categories', () => {
  expect(toModelInput('INT64', '12')).toBe(12);
  expect(toModelInput('BOOL', true)).toBe(1);
  expect(toModelInput('TIMESTAMP', '1970-01-01T00:00:01.500Z')).toBe(1.5);
  expect(toModelInput('STRING', 'flat')).toBe('flat');
  expect(toModelInput('DOUBLE', null)).toBeNull();
});

describe('A number that a model takes', () => {
  it.each([
    ['BOOL', true, 'true'],
    ['BOOL', false, 'false'],
    ['INT64', '-12', '-12'],
    ['DOUBLE', 0.1, '0.1'],
    ['TIMESTAMP', '2026-11-03T10:15:30.250Z', '2026-11-03T10:15:30.250Z'],
  ] as const)('is spelled as people read it: %s %s', (dtype, value, text) => {
    expect(modelInputText(dtype, toModelInput(dtype, value) as number)).toBe(text);
  });
});
