import type { Value } from './expression';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** An INT64 result, null when 64 bits cannot hold it. */
export const int64 = (value: bigint): bigint | null => (value >= MIN_INT64 && value <= MAX_INT64 ? value : null);

/** A DOUBLE result, null for infinities and NaN. Negative zero becomes 0, which JSON makes of it anyway. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

export const roundHalfAway = (value: number): number => (value < 0 ? -Math.round(-value) : Math.round(value));

/** Half away from zero, of the decimal number that the DOUBLE is shown as: 1.005 to two places is 1.01. */
export function roundTo(value: number, places: number): number {
  const [digits, exponent = '0'] = String(Math.abs(value)).split('e');
  const shifted = Math.round(Number(`${digits}e${Number(exponent) + places}`));
  const [rounded, shift = '0'] = String(shifted).split('e');
  const magnitude = Number(`${rounded}e${Number(shift) - places}`);
  // Beyond 2^53 there are no decimals to round.
  if (!Number.isFinite(magnitude)) return value;
  return value < 0 ? -magnitude : magnitude;
}

type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** @throws nothing: what has no answer is null */
export const INT64_ARITHMETIC: Readonly<Record<Exclude<Arithmetic, '/'>, (a: bigint, b: bigint) => bigint | null>> = {
  '+': (a, b) => int64(a + b),
  '-': (a, b) => int64(a - b),
  '*': (a, b) => int64(a * b),
  '%': (a, b) => (b === 0n ? null : a % b),
};

export const DOUBLE_ARITHMETIC: Readonly<Record<Arithmetic, (a: number, b: number) => number | null>> = {
  '+': (a, b) => finite(a + b),
  '-': (a, b) => finite(a - b),
  '*': (a, b) => finite(a * b),
  '/': (a, b) => finite(a / b),
  '%': (a, b) => finite(a % b),
};

/** JavaScript compares an INT64 with a DOUBLE by what they are, without rounding either. */
type Comparable = Exclude<Value, null>;

export const COMPARISONS: Readonly<
  Record<'=' | '!=' | '<' | '<=' | '>' | '>=', (a: Comparable, b: Comparable) => boolean>
> = {
  // Strict equality would tell 1n from 1.
  '=': (a, b) => a <= b && a >= b,
  '!=': (a, b) => a < b || a > b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
