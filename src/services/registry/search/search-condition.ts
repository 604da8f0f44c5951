import { SearchInvalid } from '../../../errors';
import type { NumberMatch, TextMatch, TimeMatch } from './search-filter';
import type { Field } from './search-fields';
import type { Operator, ScannedText, SearchScanner } from './search-scanner';

type Comparison = Operator | 'LIKE' | 'ILIKE' | 'IN' | 'EXISTS';

const ALLOWED: Readonly<Record<Field<unknown>['kind'], readonly Comparison[]>> = {
  text: [':', '=', '!=', '~', 'LIKE', 'ILIKE', 'IN'],
  number: [':', '=', '!=', '<', '<=', '>', '>=', 'IN'],
  'whole number': [':', '=', '!=', '<', '<=', '>', '>=', 'IN'],
  choice: [':', '=', 'IN'],
  time: [':', '=', '<', '<=', '>', '>='],
  exact: [':', '='],
};

const LARGEST_INT = 2 ** 31 - 1;
const DAY_MS = 86_400_000;

/**
 * Reads what follows a name: an operator and a value.
 * @returns null when no operator follows, so that the name was none
 * @throws SearchInvalid
 */
export function readComparison(scanner: SearchScanner): { comparison: Comparison; start: number } | null {
  const start = scanner.position;
  const comparison =
    scanner.operator() ?? (['LIKE', 'ILIKE', 'IN', 'EXISTS'] as const).find((word) => scanner.takesWord(word)) ?? null;
  return comparison === null ? null : { comparison, start };
}

/** The filter that a field, a comparison and the value that comes next make. @throws SearchInvalid */
export function readCondition<Filter>(
  scanner: SearchScanner,
  name: string,
  field: Field<Filter>,
  { comparison, start }: { comparison: Comparison; start: number },
): Filter {
  const allowed = 'hasKey' in field && field.hasKey ? [...ALLOWED[field.kind], 'EXISTS' as const] : ALLOWED[field.kind];
  if (!allowed.includes(comparison))
    throw new SearchInvalid(start + 1, `${name} cannot be compared by ${comparison}`, allowed);
  if (comparison === 'EXISTS') {
    if (field.kind === 'text' || field.kind === 'number') return field.filter({ exists: true });
    throw new SearchInvalid(start + 1, `${name} is always there`, allowed);
  }
  const expected =
    'values' in field
      ? field.values.map((value) => value.toLowerCase())
      : [`a ${field.kind === 'exact' ? 'value' : field.kind}`];
  const values = comparison === 'IN' ? readList(scanner, expected) : [scanner.value(expected)];
  switch (field.kind) {
    case 'text':
      return field.filter(
        textMatch(
          comparison,
          values.map(({ text }) => text),
        ),
      );
    case 'number':
    case 'whole number':
      return field.filter(
        numberMatch(
          comparison,
          values.map((value) => readNumber(value, field.kind === 'whole number')),
        ),
      );
    case 'choice':
      return field.filter(values.map((value) => readChoice(value, field.values)));
    case 'time':
      return field.filter(timeMatch(comparison, readStretch(values[0])));
    case 'exact':
      return field.filter(values[0].text);
  }
}

function readList(scanner: SearchScanner, expected: readonly string[]): ScannedText[] {
  const at = scanner.position + 1;
  if (!scanner.takes('(')) throw new SearchInvalid(at, `${scanner.describeNext()} follows IN`, ['"("']);
  const empty = scanner.position + 1;
  if (scanner.takes(')')) throw new SearchInvalid(empty, 'the list of IN is empty', expected);
  const values: ScannedText[] = [];
  scanner.isInList = true;
  do values.push(scanner.value(expected));
  while (scanner.takes(','));
  scanner.isInList = false;
  const end = scanner.position + 1;
  if (!scanner.takes(')'))
    throw new SearchInvalid(end, `${scanner.describeNext()} stands in the list of IN`, ['","', '")"']);
  return values;
}

function textMatch(comparison: Comparison, values: string[]): TextMatch {
  const [value] = values;
  if (comparison === 'IN') return { in: values };
  if (comparison === '!=') return { notEquals: value };
  if (comparison === 'LIKE') return { like: value };
  if (comparison === 'ILIKE') return { ilike: value };
  return comparison === '~' ? { ilike: `%${value.replace(/[\\%_]/g, '\\$&')}%` } : { equals: value };
}

function numberMatch(comparison: Comparison, values: number[]): NumberMatch {
  const [value] = values;
  if (comparison === 'IN') return { in: values };
  if (comparison === '!=') return { notEquals: value };
  if (comparison === '<') return { lessThan: value };
  if (comparison === '<=') return { atMost: value };
  if (comparison === '>') return { moreThan: value };
  return comparison === '>=' ? { atLeast: value } : { equals: value };
}

/** A day, or a millisecond, as a whole: after it is behind its end. */
function timeMatch(comparison: Comparison, { from, before }: Required<TimeMatch>): TimeMatch {
  if (comparison === '<') return { before: from };
  if (comparison === '<=') return { before };
  if (comparison === '>') return { from: before };
  return comparison === '>=' ? { from } : { from, before };
}

function readNumber({ text, start }: ScannedText, whole: boolean): number {
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const isGood = whole ? Number.isInteger(number) && Math.abs(number) <= LARGEST_INT : Number.isFinite(number);
  if (isGood) return number;
  const expected = whole ? `a whole number up to ${LARGEST_INT}` : 'a number';
  throw new SearchInvalid(start + 1, `${JSON.stringify(text)} is none`, [expected]);
}

function readChoice({ text, start }: ScannedText, values: readonly string[]): string {
  const found = values.find((value) => value === text.toUpperCase());
  if (found !== undefined) return found;
  throw new SearchInvalid(
    start + 1,
    `there is no ${JSON.stringify(text)} here`,
    values.map((value) => value.toLowerCase()),
  );
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function readStretch({ text, start }: ScannedText): Required<TimeMatch> {
  const [, day] = TIME.exec(text) ?? [];
  const midnight = new Date(day ?? NaN);
  const time = new Date(text);
  // JavaScript takes the 30th of February for the 2nd of March.
  const isReal =
    !Number.isNaN(time.getTime()) && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  if (!isReal)
    throw new SearchInvalid(start + 1, `${JSON.stringify(text)} is no time`, [
      'a date (2026-11-03)',
      'a time with its zone (2026-11-03T10:15:30Z)',
    ]);
  return { from: time, before: new Date(time.getTime() + (text === day ? DAY_MS : 1)) };
}
