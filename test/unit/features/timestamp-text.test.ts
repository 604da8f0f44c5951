import fc from 'fast-check';
import { formatTimestamp, microsOf, parseTimestamp } from '../../../src/services/features/rows/timestamp-text';

const micros = (...parts: Parameters<typeof Date.UTC>): bigint => BigInt(Date.UTC(...parts)) * 1000n;

test.each([
  ['2026-11-03T10:15:30Z', micros(2026, 10, 3, 10, 15, 30)],
  ['2026-11-03 10:15:30', micros(2026, 10, 3, 10, 15, 30)],
  ['2026-11-03T10:15', micros(2026, 10, 3, 10, 15)],
  ['2026-11-03', micros(2026, 10, 3)],
  ['2026-11-03T10:15:30+02:00', micros(2026, 10, 3, 8, 15, 30)],
  ['2026-11-03T10:15:30-0530', micros(2026, 10, 3, 15, 45, 30)],
  ['2026-11-03T00:30:00+01', micros(2026, 10, 2, 23, 30)],
  ['2026-11-03t10:15:30.5z', micros(2026, 10, 3, 10, 15, 30, 500)],
  ['2026-11-03T10:15:30.123456', micros(2026, 10, 3, 10, 15, 30, 123) + 456n],
  ['2026-11-03T10:15:30.123456000Z', micros(2026, 10, 3, 10, 15, 30, 123) + 456n],
  ['2024-02-29', micros(2024, 1, 29)],
  ['1969-12-31T23:59:59.999999Z', -1n],
  ['9999-12-31T23:59:59Z', micros(9999, 11, 31, 23, 59, 59)],
  ['0050-01-01', -60589296000000000n],
])('%s is read as UTC microseconds', (text, expected) => {
  expect(parseTimestamp(text)).toBe(expected);
});

test.each([
  '',
  'yesterday',
  '2026-02-30',
  '2025-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-11-03T24:00:00Z',
  '2026-11-03T10:60:00Z',
  '2026-11-03T10:15:60Z',
  '2026-11-03T10:15:30+24:00',
  '2026-11-03T10:15:30.1234567Z',
  '2026-11-03T10:15:30 Z',
  '03.11.2026',
  '1762164930',
  '2026-11-03Z',
])('%p is no timestamp', (text) => {
  expect(parseTimestamp(text)).toBeNull();
});

test('what is written is read back to the microsecond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: micros(1, 0, 1), max: micros(9999, 11, 31) }), (moment) => {
      expect(parseTimestamp(formatTimestamp(moment))).toBe(moment);
    }),
  );
});

test('milliseconds are written with three decimals, finer ones with six', () => {
  expect(formatTimestamp(micros(2026, 10, 3, 10, 15, 30))).toBe('2026-11-03T10:15:30.000Z');
  expect(formatTimestamp(1n)).toBe('1970-01-01T00:00:00.000001Z');
  expect(formatTimestamp(-1n)).toBe('1969-12-31T23:59:59.999999Z');
  expect(microsOf(new Date(5))).toBe(5000n);
});
