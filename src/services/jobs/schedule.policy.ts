import { parseExpression } from 'cron-parser';
import { InvalidInput } from '../../errors';

const NAMED: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
};
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface CronField {
  readonly name: string;
  readonly least: number;
  readonly greatest: number;
  /** Texts for the numbers from `least` on. */
  readonly names?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: 'minute', least: 0, greatest: 59 },
  { name: 'hour', least: 0, greatest: 23 },
  { name: 'day of month', least: 1, greatest: 31 },
  { name: 'month', least: 1, greatest: 12, names: MONTHS },
  { name: 'day of week', least: 0, greatest: 7, names: DAYS },
];
const EXAMPLES =
  'write for example "0 3 * * *" (daily at 03:00 UTC), "0 6 * * MON" or @hourly, @daily, @weekly, @monthly';
const LONGEST = 200;

/**
 * Checks a schedule: minute, hour, day of month, month and day of week, in UTC, or one of @hourly, @daily, @weekly and @monthly. Each field is `*`
 * or a list of numbers, names and ranges, each with an optional step. Of a day of month and a day of week one is enough, as in cron.
 * @param field where it stands in the request
 * @returns the text without needless blanks
 * @throws InvalidInput
 */
export function checkedCron(text: string, field: string | readonly string[]): string {
  const cron = text.trim().replace(/\s+/g, ' ');
  const problem = problemOf(cron);
  if (problem !== null)
    throw new InvalidInput(field, `${JSON.stringify(text.slice(0, LONGEST))} is no schedule: ${problem}; ${EXAMPLES}`);
  return cron;
}

/**
 * The first time of a schedule that lies after a moment.
 * @param cron see {@link checkedCron}
 */
export function nextRun(cron: string, after: Date): Date {
  return parseExpression(NAMED[cron] ?? cron, { currentDate: after, tz: 'UTC' })
    .next()
    .toDate();
}

function problemOf(cron: string): string | null {
  if (cron in NAMED) return null;
  if (cron.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  const parts = cron.split(' ');
  if (parts.length !== FIELDS.length || cron.startsWith('@'))
    return 'it needs five fields, which are minute, hour, day of month, month and day of week';
  for (const [index, part] of parts.entries()) {
    const problem = part.split(',').map((item) => itemProblem(item, FIELDS[index]));
    const first = problem.find((one) => one !== null);
    if (first) return `${FIELDS[index].name} ${first}`;
  }
  try {
    // From any day on: of a leap year's 29 February the next one is at most eight years away.
    nextRun(cron, new Date(0));
  } catch {
    return 'no month that it names has such a day';
  }
  return null;
}

/** One of the parts between commas: `*`, a value or a range, with a step or without. */
function itemProblem(item: string, field: CronField): string | null {
  const { least, greatest, names } = field;
  const allowed = `${least} to ${greatest}${names ? ` or ${names[0]} to ${names[names.length - 1]}` : ''}`;
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
  if (!match)
    return `${JSON.stringify(item)} is neither "*" nor ${allowed}, a range such as 1-5, or a step such as */5`;
  const [, first, last, step] = match as (string | undefined)[];
  const [from, to] = [first, last].map((value) => (value === undefined ? null : numberOf(value, field)));
  if (Number.isNaN(from) || Number.isNaN(to)) return `${JSON.stringify(item)} is not within ${allowed}`;
  if (from !== null && to !== null && from > to) return `${JSON.stringify(item)} is a range that ends before it begins`;
  if (step !== undefined && !(Number(step) >= 1 && Number(step) <= greatest))
    return `${JSON.stringify(item)} has a step that is not within 1 to ${greatest}`;
  return null;
}

/** NaN where the text is no value of the field. */
function numberOf(text: string, { least, greatest, names = [] }: CronField): number {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + least;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= greatest ? value : Number.NaN;
}
