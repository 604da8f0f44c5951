import { CursorInvalid } from '../../errors';

export type KeyValue = string | number | Date;

/** What PostgreSQL is sure to accept as the type: a cursor comes from the client, who may forge it. */
const KEY_PATTERNS = {
  text: /^[^\0]*$/,
  integer: /^-?\d{1,9}$/,
  bigint: /^-?\d{1,18}$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
  'double precision': /^(?:-?\d{1,25}(?:\.\d{1,25})?(?:e[+-]\d{1,3})?|-?Infinity|NaN)$/,
  timestamptz: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};
export type KeyType = keyof typeof KEY_PATTERNS;

export const isKeyType = (type: string): type is KeyType => Object.hasOwn(KEY_PATTERNS, type);

/** Opaque to clients: base64url of the JSON array [list, value, …] with the values as text. */
export function encodeCursor(list: string, key: readonly KeyValue[]): string {
  const values = key.map((value) => (value instanceof Date ? value.toISOString() : String(value)));
  return Buffer.from(JSON.stringify([list, ...values])).toString('base64url');
}

/**
 * @returns the sort key's values as text
 * @throws CursorInvalid when the list cannot have given it
 */
export function decodeCursor(list: string, types: readonly KeyType[], cursor: string): string[] {
  const [name, ...values] = parseArray(Buffer.from(cursor, 'base64url').toString('utf8'));
  const key = values.filter((value): value is string => typeof value === 'string');
  const isOurs =
    name === list &&
    values.length === types.length &&
    key.length === types.length &&
    types.every((type, index) => isOfType(key[index], type));
  if (!isOurs) throw new CursorInvalid(cursor);
  return key;
}

function isOfType(value: string, type: KeyType): boolean {
  if (!KEY_PATTERNS[type].test(value)) return false;
  if (type === 'timestamptz') return isRealTime(value);
  // What has another spelling than ours may be out of PostgreSQL's range, too.
  return type !== 'double precision' || String(Number(value)) === value;
}

/** The 30th of February fits the pattern. */
function isRealTime(value: string): boolean {
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value;
}

function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
