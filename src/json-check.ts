import { InvalidInput } from './errors';

/** Reads a value of parsed JSON as a T. @param place where it stands, such as `segments[3].rowCount` @throws InvalidInput naming the place */
export type JsonCheck<T> = (value: unknown, place: string) => T;

/** @param problem completes "… must be": what would be right */
function wrong(place: string, expected: string, found: unknown): never {
  throw new InvalidInput([place], `must be ${expected}; found ${shown(found)}`);
}

/** Exactly these fields: one that is missing or not known is refused. */
export const objectOf =
  <T extends object>(
    fields: { readonly [Name in keyof T]-?: JsonCheck<Exclude<T[Name], undefined>> },
    optional: readonly (keyof T)[] = [],
  ): JsonCheck<T> =>
  (value, place) => {
    if (!isObject(value)) return wrong(place, 'an object', value);
    const checks = Object.entries<JsonCheck<unknown>>(fields);
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined)
      throw new InvalidInput(
        [join(place, unknown)],
        `is not a field of the format; leave it out. There ${checks.length === 1 ? 'is' : 'are'} ${checks.map(([name]) => name).join(', ')}`,
      );
    const absent = checks.filter(([name]) => !Object.hasOwn(value, name));
    const missing = absent.find(([name]) => !optional.includes(name as keyof T));
    if (missing)
      throw new InvalidInput([join(place, missing[0])], 'is missing; give it, empty or null where it may be');
    const present = checks.filter((check) => !absent.includes(check));
    return Object.fromEntries(present.map(([name, check]) => [name, check(value[name], join(place, name))])) as T;
  };

export const listOf =
  <T>(check: JsonCheck<T>, most: number): JsonCheck<readonly T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return wrong(place, 'a list', value);
    if (value.length > most)
      throw new InvalidInput([place], `has ${value.length} entries; ${most} are the most. Choose fewer of them`);
    return value.map((item, index) => check(item, `${place}[${index}]`));
  };

/** An object from names of the owner's to values of one kind. */
export const mapOf =
  <T>(check: JsonCheck<T>, most: number): JsonCheck<Readonly<Record<string, T>>> =>
  (value, place) => {
    if (!isObject(value)) return wrong(place, 'an object', value);
    const entries = Object.entries(value);
    if (entries.length > most)
      throw new InvalidInput([place], `has ${entries.length} names; ${most} are the most. Leave some out`);
    return Object.fromEntries(
      entries.map(([key, item]) => {
        name(key, `a name in ${place}`);
        return [key, check(item, join(place, key))];
      }),
    );
  };

export const orNull =
  <T>(check: JsonCheck<T>): JsonCheck<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

export const exactly =
  <T extends string | number>(expected: T): JsonCheck<T> =>
  (value, place) =>
    value === expected ? expected : wrong(place, JSON.stringify(expected), value);

/** Finite: JSON can spell numbers that are too large for one. */
export const finite: JsonCheck<number> = (value, place) =>
  typeof value === 'number' && Number.isFinite(value) ? value : wrong(place, 'a finite number', value);

export const ratio: JsonCheck<number> = (value, place) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? value : wrong(place, 'a number from 0 to 1', value);

const MAX_COUNT = 2 ** 31 - 1;

/** A number of rows, within the API's Int. */
export const countFrom =
  (least: number): JsonCheck<number> =>
  (value, place) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_COUNT
      ? (value as number)
      : wrong(place, `a whole number from ${least} to ${MAX_COUNT}`, value);

export const text: JsonCheck<string> = (value, place) =>
  typeof value === 'string' ? value : wrong(place, 'a text', value);

const MAX_NAME_LENGTH = 250;

export const name: JsonCheck<string> = (value, place) =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH
    ? value
    : wrong(place, `a text of 1 to ${MAX_NAME_LENGTH} characters`, value);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const join = (place: string, field: string): string => (place === '' ? field : `${place}.${field}`);

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (typeof value === 'number') return String(value);
  const written = JSON.stringify(value) ?? 'nothing';
  return written.length > 60 ? `${written.slice(0, 60)}…` : written;
}
