import { delimiterFromOption } from './csv/csv-table';
import type { ProgressSink } from './progress';
import { namePrefix } from './safe-name';

/** Where the rows come from and how to read them: what the flags of `mooring churn` say. */
export interface ChurnDataOptions {
  /** Path of a CSV file; null for the generated population. */
  readonly csv: string | null;
  readonly label: string | null;
  readonly id: string | null;
  readonly timestamp: string | null;
  readonly delimiter: string | null;
  readonly positive: string | null;
  readonly negative: string | null;
  readonly exclude: readonly string[];
  readonly name: string | null;
  readonly shift: boolean;
  readonly subscribers: number;
  readonly seed: number;
}

export interface ChurnOptions extends ChurnDataOptions {
  readonly progress: ProgressSink;
}

/** A flag of the command, in commander's notation. */
export interface ChurnFlag {
  readonly flags: string;
  readonly description: string;
}

/** What `mooring churn` takes besides the server's address and `--json`. */
export const CHURN_FLAGS: readonly ChurnFlag[] = [
  {
    flags: '--csv <file>',
    description: 'learn from this table, one row per subscriber or snapshot, instead of a generated population',
  },
  { flags: '--label <column>', description: 'the column that says who left (default: Churn and the like)' },
  { flags: '--id <column>', description: 'the column that names the subscriber (default: customerID and the like)' },
  { flags: '--timestamp <column>', description: 'the column that dates a row, where the table has several snapshots' },
  { flags: '--delimiter <character>', description: 'what separates the fields (default: found out, of , ; tab |)' },
  { flags: '--positive <word>', description: 'the label of those who left, if not Yes, 1, True or Y' },
  { flags: '--negative <word>', description: 'the label of those who stayed, if not No, 0, False or N' },
  {
    flags: '--exclude <columns>',
    description: 'columns to leave out, separated by commas: those written after the fact, above all',
  },
  {
    flags: '--name <name>',
    description: 'what the names of model and views begin with (default for a table: the name of the file)',
  },
  { flags: '--no-shift', description: 'with one snapshot: draw the later window evenly, so that nothing drifts' },
  { flags: '--subscribers <count>', description: 'size of the generated population (default: 20000)' },
  { flags: '--seed <number>', description: 'seed of the generated population (default: 42)' },
];

/** The flags do not fit together or one of them has no sense: one line with the flag and the remedy. */
export class OptionProblem extends Error {
  constructor(flag: string, problem: string) {
    super(`${flag}: ${problem}.`);
    this.name = 'OptionProblem';
  }
}

const NEED_CSV = ['label', 'id', 'timestamp', 'delimiter', 'positive', 'negative', 'exclude'] as const;
const NEED_NO_CSV = ['subscribers', 'seed'] as const;

/**
 * The options from the raw values of the flags, as commander hands them over.
 * @throws OptionProblem
 */
export function churnDataOptions(flags: Readonly<Record<string, unknown>>): ChurnDataOptions {
  const text = (name: string): string | null => {
    const value = flags[name];
    if (typeof value !== 'string') return null;
    if (value.trim() === '') throw new OptionProblem(`--${name}`, 'a value is missing');
    return value;
  };
  const csv = text('csv');
  const idle =
    csv === null
      ? NEED_CSV.find((name) => flags[name] !== undefined)
      : NEED_NO_CSV.find((name) => flags[name] !== undefined);
  if (idle !== undefined)
    throw new OptionProblem(
      `--${idle}`,
      csv === null
        ? 'it describes a table, so give --csv as well'
        : 'it is for the generated population, not for --csv',
    );
  if (csv === null && flags.shift === false)
    throw new OptionProblem('--no-shift', 'it is for a table, so give --csv as well');
  const positive = text('positive');
  const negative = text('negative');
  if ((positive === null) !== (negative === null))
    throw new OptionProblem(positive === null ? '--negative' : '--positive', '--positive and --negative go together');
  if (positive !== null && positive.trim().toLowerCase() === negative?.trim().toLowerCase())
    throw new OptionProblem('--positive', 'it is the same word as --negative');
  return {
    csv,
    label: text('label'),
    id: text('id'),
    timestamp: text('timestamp'),
    delimiter: delimiterOf(flags.delimiter),
    positive,
    negative,
    exclude: (text('exclude') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    name: nameOf(text('name')),
    shift: flags.shift !== false,
    subscribers: wholeNumber('--subscribers', flags.subscribers ?? 20_000, 1_000, 100_000),
    seed: wholeNumber('--seed', flags.seed ?? 42, 0, 1_000_000),
  };
}

function nameOf(name: string | null): string | null {
  if (name !== null && namePrefix(name) === null) throw new OptionProblem('--name', 'use letters and digits');
  return name;
}

/** A blank is a delimiter too, so this one is not trimmed. */
function delimiterOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const delimiter = delimiterFromOption(value);
  if (delimiter === null)
    throw new OptionProblem(
      '--delimiter',
      `give one character, or comma, semicolon, tab, pipe; not ${JSON.stringify(value)}`,
    );
  return delimiter;
}

function wholeNumber(flag: string, value: unknown, least: number, most: number): number {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new OptionProblem(flag, `give a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
}
