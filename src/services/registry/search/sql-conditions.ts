import { InvalidInput } from '../../../errors';
import { LONGEST_LIST, type NumberMatch, type TextMatch, type TimeMatch } from './search-filter';

/** Where in the request a condition stands, for messages. */
export type FilterPath = readonly string[];

type SqlValue = string | number | Date | readonly string[] | readonly number[];

/** The values of a statement by the names that stand for them. Everything of a filter that a client gave goes through here, and never into the text. */
export class SqlValues {
  readonly parameters: Record<string, SqlValue> = {};
  private count = 0;

  /** @returns what stands for the value */
  add(value: SqlValue): string {
    const name = `filter${this.count++}`;
    this.parameters[name] = value;
    return `:${name}`;
  }
}

const LONGEST_TEXT = 500;

export const allOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'true' : conditions.map((condition) => `(${condition})`).join(' AND ');

/** @throws InvalidInput unless PostgreSQL can hold the text */
export function checkedText(text: string, path: FilterPath): string {
  if (/\0|\p{Surrogate}/u.test(text))
    throw new InvalidInput(path, 'a text must have neither the character U+0000 nor half of a surrogate pair');
  return text;
}

function checkedPattern(pattern: string, path: FilterPath): string {
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(pattern))
    throw new InvalidInput(
      path,
      'the pattern ends with a lone "\\", which has nothing to stand before; write "\\\\" for the character itself',
    );
  return checkedText(pattern, path);
}

function checkedList<Value>(list: readonly Value[], path: FilterPath): readonly Value[] {
  if (list.length === 0)
    throw new InvalidInput(path, 'the list is empty; give at least one value, or leave the condition out');
  if (list.length > LONGEST_LIST)
    throw new InvalidInput(path, `the list has ${list.length} values; at most ${LONGEST_LIST} are allowed`);
  return list;
}

/** @throws InvalidInput for an empty or a too long list */
export function oneOf(expression: string, list: readonly string[], path: FilterPath, values: SqlValues): string {
  const texts = checkedList(list, path).map((text) => checkedText(text, path));
  return `${expression} = ANY(${values.add(texts)})`;
}

const TEXT: { readonly [Key in Exclude<keyof TextMatch, 'in'>]-?: string } = {
  equals: '=',
  notEquals: '<>',
  like: 'LIKE',
  ilike: 'ILIKE',
};

/** One SQL condition per given one. @throws InvalidInput for what cannot be compared with */
export function textConditions(expression: string, match: TextMatch, path: FilterPath, values: SqlValues): string[] {
  const conditions: string[] = [];
  for (const key of ['equals', 'notEquals', 'like', 'ilike'] as const) {
    const text = match[key];
    if (text == null) continue;
    const checked = key === 'like' || key === 'ilike' ? checkedPattern : checkedText;
    conditions.push(`${expression} ${TEXT[key]} ${values.add(checked(text, [...path, key]))}`);
  }
  if (match.in != null) conditions.push(oneOf(expression, match.in, [...path, 'in'], values));
  return conditions;
}

const NUMBER: { readonly [Key in Exclude<keyof NumberMatch, 'in'>]-?: string } = {
  equals: '=',
  notEquals: '<>',
  lessThan: '<',
  atMost: '<=',
  moreThan: '>',
  atLeast: '>=',
};

/** @param type of the expression in PostgreSQL */
export function numberConditions(
  expression: string,
  type: 'integer' | 'double precision',
  match: NumberMatch,
  path: FilterPath,
  values: SqlValues,
): string[] {
  const conditions: string[] = [];
  for (const key of ['equals', 'notEquals', 'lessThan', 'atMost', 'moreThan', 'atLeast'] as const) {
    const number = match[key];
    if (number != null) conditions.push(`${expression} ${NUMBER[key]} CAST(${values.add(number)} AS ${type})`);
  }
  if (match.in != null) {
    const list = checkedList(match.in, [...path, 'in']);
    conditions.push(`${expression} = ANY(CAST(${values.add(list)} AS ${type}[]))`);
  }
  return conditions;
}

export function timeConditions(expression: string, { from, before }: TimeMatch, values: SqlValues): string[] {
  const time = (moment: Date) => `CAST(${values.add(moment)} AS timestamptz)`;
  return [
    ...(from == null ? [] : [`${expression} >= ${time(from)}`]),
    ...(before == null ? [] : [`${expression} < ${time(before)}`]),
  ];
}

/**
 * What to_tsquery takes for each of the words of a text; it may be the beginning of one.
 * @throws InvalidInput when there is no word in it
 */
export function wordQueries(text: string, path: FilterPath): string[] {
  if (text.length > LONGEST_TEXT)
    throw new InvalidInput(path, `the text has ${text.length} characters; at most ${LONGEST_TEXT} are looked for`);
  const words = text.match(/[\p{L}\p{N}\p{M}]+/gu);
  if (!words) throw new InvalidInput(path, `${JSON.stringify(text)} has no word to search for; give letters or digits`);
  return words.map((word) => `'${word}':*`);
}
