import {
  type Dtype,
  type FeatureValue,
  LIST_DTYPES,
  type ListDtype,
  type ScalarDtype,
  type ScalarValue,
} from '../../../entities';
import { formatTimestamp, parseTimestamp } from './timestamp-text';

/** One row of features as clients send it. */
export type FeatureRowInput = Readonly<Record<string, FeatureValue>>;

/** One value in memory: INT64 and TIMESTAMP (microseconds) as bigint. */
export type TypedScalar = bigint | number | boolean | string;

export type TypedList = readonly TypedScalar[];

/** A value in memory. */
export type TypedValue = TypedScalar | TypedList;

/** What was wrong with a value: completes "must be …". */
export interface ValueProblem {
  readonly expected: string;
}

/** The longest embeddings in use have a few thousand elements. */
export const MAX_LIST_LENGTH = 10_000;
const INT64 = /^-?\d{1,19}$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
/** NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which UTF-8 cannot. */
const SUSPICIOUS = /[\0\ud800-\udfff]/;
const UNSTORABLE = /[\0\p{Surrogate}]/u;

const LISTS: ReadonlySet<string> = new Set(LIST_DTYPES);

export const isListDtype = (dtype: Dtype): dtype is ListDtype => LISTS.has(dtype);

/** Type of a list's elements. */
export const elementDtype = (dtype: ListDtype): ScalarDtype => dtype.slice(0, -'_LIST'.length) as ScalarDtype;

/** Reads a value of a type, strictly: nothing is converted that could mean something else. */
export function parseValue(dtype: ScalarDtype, value: Exclude<FeatureValue, null>): TypedScalar | ValueProblem;
export function parseValue(dtype: Dtype, value: Exclude<FeatureValue, null>): TypedValue | ValueProblem;
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
    default:
      return parseList(elementDtype(dtype), value);
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

function parseList(dtype: ScalarDtype, value: Exclude<FeatureValue, null>): TypedList | ValueProblem {
  if (!isList(value)) return { expected: `a list of ${dtype} values without nulls` };
  if (value.length > MAX_LIST_LENGTH) return { expected: `a list of at most ${MAX_LIST_LENGTH} values` };
  const list: TypedScalar[] = [];
  for (const [index, element] of (value as readonly ScalarValue[]).entries()) {
    if (element === null) return { expected: `a list without nulls; its element ${index} is null` };
    const typed = parseValue(dtype, element);
    if (isProblem(typed)) return { expected: `a list whose element ${index} is ${typed.expected}` };
    list.push(typed);
  }
  return list;
}

/** Array.isArray, which TypeScript does not apply to readonly arrays. */
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export const isProblem = (value: TypedValue | ValueProblem): value is ValueProblem =>
  typeof value === 'object' && !isList(value);

/** The value as JSON carries it. */
export function toFeatureValue(dtype: ScalarDtype, value: TypedScalar): Exclude<ScalarValue, null>;
export function toFeatureValue(dtype: Dtype, value: TypedValue): Exclude<FeatureValue, null>;
export function toFeatureValue(dtype: Dtype, value: TypedValue): Exclude<FeatureValue, null> {
  if (isList(value)) {
    const element = elementDtype(dtype as ListDtype);
    return value.map((each) => toFeatureValue(element, each));
  }
  if (typeof value !== 'bigint') return value;
  return dtype === 'TIMESTAMP' ? formatTimestamp(value) : value.toString();
}

/**
 * The form in which models, statistics and drift tests take a value: INT64 and DOUBLE as numbers, BOOL as 0 or 1, TIMESTAMP as seconds since 1970,
 * STRING as it is. The one definition for training and serving.
 */
export function toModelInput(dtype: ScalarDtype, value: FeatureValue): number | string | null {
  if (value === null) return null;
  if (dtype === 'STRING') return String(value);
  if (dtype === 'TIMESTAMP') return Number(parseTimestamp(String(value)) ?? Number.NaN) / 1e6;
  return Number(value);
}

/** A number of {@link toModelInput} as people read it: true and false for BOOL, ISO 8601 for TIMESTAMP. */
export function modelInputText(dtype: ScalarDtype, value: number): string {
  if (dtype === 'BOOL') return String(value !== 0);
  return dtype === 'TIMESTAMP' ? formatTimestamp(BigInt(Math.round(value * 1e6))) : String(value);
}
