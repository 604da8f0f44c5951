import type { Dtype } from '../../../entities';
import { formatTimestamp, parseTimestamp } from './timestamp-text';

/** A value as JSON carries it: INT64 as decimal text, TIMESTAMP as ISO 8601. */
export type FeatureValue = string | number | boolean | null;

/** One row of features as clients send it. */
export type FeatureRowInput = Readonly<Record<string, FeatureValue>>;

/** A value in memory: INT64 and TIMESTAMP (microseconds) as bigint. */
export type TypedValue = bigint | number | boolean | string;

/** What was wrong with a value: completes "must be …". */
export interface ValueProblem {
  readonly expected: string;
}

const INT64 = /^-?\d{1,19}$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
/** NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which UTF-8 cannot. */
const SUSPICIOUS = /[\0\ud800-\udfff]/;
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Reads a value of a type, strictly: nothing is converted that could mean something else. */
export function parseValue(dtype: Dtype, value: Exclude<FeatureValue, null>): TypedValue | ValueProblem {
  switch (dtype) {
    case 'INT64':
      return parseInt64(value);
    case 'DOUBLE':
      return typeof value === 'number' && Number.isFinite(value) ? value : { expected: 'a finite number' };
    case 'BOOL':
      return typeof value === 'boolean' ? value : { expected: 'true or false' };
    case 'STRING':
      if (typeof value !== 'string') return { expected: 'a text' };
      return SUSPICIOUS.test(value) && UNSTORABLE.test(value)
        ? { expected: 'a text without NUL characters and broken surrogate pairs' }
        : value;
    case 'TIMESTAMP':
      return (
        (typeof value === 'string' ? parseTimestamp(value) : null) ?? {
          expected: 'an ISO 8601 timestamp such as "2026-11-03T10:15:30Z"',
        }
      );
  }
}

function parseInt64(value: FeatureValue): bigint | ValueProblem {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && INT64.test(value)) {
    const parsed = BigInt(value);
    if (parsed >= MIN_INT64 && parsed <= MAX_INT64) return parsed;
  }
  return { expected: 'a 64-bit integer: a whole number within ±(2^53 − 1), or its decimal digits as a text' };
}

export const isProblem = (value: TypedValue | ValueProblem): value is ValueProblem => typeof value === 'object';

/** The value as JSON carries it. */
export function toFeatureValue(dtype: Dtype, value: TypedValue): Exclude<FeatureValue, null> {
  if (typeof value !== 'bigint') return value;
  return dtype === 'TIMESTAMP' ? formatTimestamp(value) : value.toString();
}

/**
 * The form in which models, statistics and drift tests take a value: INT64 and DOUBLE as numbers, BOOL as 0 or 1, TIMESTAMP as seconds since 1970,
 * STRING as it is. The one definition for training and serving.
 */
export function toModelInput(dtype: Dtype, value: FeatureValue): number | string | null {
  if (value === null) return null;
  if (dtype === 'STRING') return String(value);
  if (dtype === 'TIMESTAMP') return Number(parseTimestamp(String(value)) ?? Number.NaN) / 1e6;
  return Number(value);
}

/** A number of {@link toModelInput} as people read it: true and false for BOOL, ISO 8601 for TIMESTAMP. */
export function modelInputText(dtype: Dtype, value: number): string {
  if (dtype === 'BOOL') return String(value !== 0);
  return dtype === 'TIMESTAMP' ? formatTimestamp(BigInt(Math.round(value * 1e6))) : String(value);
}
