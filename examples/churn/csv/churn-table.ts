import { createHash } from 'node:crypto';
import { featureNames } from './column-names';
import { inferColumn, oddValueAmongNumbers, type TypedColumn } from './column-types';
import { CsvProblem, shown } from './csv-problem';
import { parseCsvTable, type CsvTable } from './csv-table';
import { readCsvText } from './csv-text';
import { labelValue, type LabelWords } from './label-values';
import { singleColumnAuc, TELLTALE_AUC } from './telltale-columns';
import { timestampValue } from './timestamp-values';

export interface ChurnTableOptions {
  /** Names of columns; null to find Telco's and the like. */
  readonly label: string | null;
  readonly id: string | null;
  /** Null for a table of one snapshot. */
  readonly timestamp: string | null;
  /** One character, or null to find it out. */
  readonly delimiter: string | null;
  readonly labelWords: LabelWords | null;
  /** Columns to leave out. */
  readonly exclude: readonly string[];
}

export interface TableFeature extends TypedColumn {
  readonly name: string;
  /** What the file calls it. */
  readonly column: string;
}

/** A CSV file, validated whole: row r of every array is one row of the file. */
export interface ChurnTable {
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
  readonly labelColumn: string;
  readonly idColumn: string;
  readonly ids: readonly string[];
  readonly labels: readonly boolean[];
  /** Milliseconds since 1970: all alike where the file holds one snapshot, null where it does not even say when. */
  readonly timestamps: readonly number[] | null;
  readonly features: readonly TableFeature[];
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
}

const LABEL_NAMES = ['churn', 'churned', 'ischurn', 'ischurned', 'churnlabel', 'exited', 'attrition', 'attritionflag'];
const ID_NAMES = ['customerid', 'subscriberid', 'clientid', 'accountid', 'userid', 'clientnum', 'id'];
/** What the rows of the story are called; a feature must not be. */
const RESERVED_NAMES = ['subscriber_id', 'churned', 'event_timestamp', 'created_timestamp'];
/** Fewer rows leave fewer than a hundred held out, and no verdict on them. */
const LEAST_ROWS = 500;
const LEAST_PER_CLASS = 30;
const MOST_LEVELS = 200;

/**
 * Reads and checks a churn table before anything of it is sent.
 * @throws CsvProblem naming file, line and column of the first problem, with its remedy
 */
export async function readChurnTable(file: string, options: ChurnTableOptions): Promise<ChurnTable> {
  const { text, bytes } = await readCsvText(file);
  const table = parseCsvTable(file, text, options.delimiter);
  const labelIndex = findColumn(table, options.label, LABEL_NAMES, 'label');
  const idIndex = findColumn(table, options.id, ID_NAMES, 'id');
  const timestampIndex = options.timestamp === null ? null : findColumn(table, options.timestamp, [], 'timestamp');
  const excluded = options.exclude.map((name) => findColumn(table, name, [], 'exclude'));
  const roles = [labelIndex, idIndex, ...(timestampIndex === null ? [] : [timestampIndex])];
  if (new Set(roles).size < roles.length) {
    throw new CsvProblem(
      file,
      {},
      'one column is named for two of --label, --id and --timestamp',
      'Name a column for each',
    );
  }

  const timestamps = timestampIndex === null ? null : readTimestamps(table, timestampIndex);
  const ids = readIds(table, idIndex, timestamps);
  const labels = readLabels(table, labelIndex, options.labelWords);
  const candidates = table.header.map((_, c) => c).filter((c) => !roles.includes(c) && !excluded.includes(c));
  return {
    file,
    digest: createHash('sha256').update(bytes).digest('hex'),
    labelColumn: table.header[labelIndex],
    idColumn: table.header[idIndex],
    ids,
    labels,
    timestamps,
    ...readFeatures(table, candidates, labels),
  };
}

function findColumn(table: CsvTable, name: string | null, usual: readonly string[], role: string): number {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const columns = `The columns are ${table.header.map(shown).join(', ')}`;
  if (name !== null) {
    const exact = table.header.indexOf(name.trim());
    if (exact >= 0) return exact;
    const alike = table.header.flatMap((column, c) => (column.toLowerCase() === name.trim().toLowerCase() ? [c] : []));
    if (alike.length === 1 && alike[0] !== undefined) return alike[0];
    throw new CsvProblem(
      table.file,
      { line: 1, column: name },
      `there is no such column (given with --${role})`,
      columns,
    );
  }
  for (const word of usual) {
    const found = table.header.findIndex((column) => plain(column) === word);
    if (found >= 0) return found;
  }
  throw new CsvProblem(
    table.file,
    { line: 1 },
    `no column looks like the ${role}`,
    `Name it with --${role}. ${columns}`,
  );
}

function readTimestamps(table: CsvTable, column: number): number[] {
  return table.columns[column].map((text, row) => {
    const value = timestampValue(text);
    if (value === null) {
      const remedy = 'Write timestamps as 2024-01-31, 2024-01-31T08:30:00Z, or epoch seconds';
      throw new CsvProblem(
        table.file,
        place(table, row, column),
        text === '' ? 'the timestamp is blank' : `${shown(text)} is not a timestamp`,
        remedy,
      );
    }
    return value;
  });
}

function readIds(table: CsvTable, column: number, timestamps: readonly number[] | null): string[] {
  const rowOf = new Map<string, number>();
  return table.columns[column].map((id, row) => {
    if (id === '')
      throw new CsvProblem(table.file, place(table, row, column), 'the id is blank', 'Give every row an id');
    const key = timestamps ? `${timestamps[row]} ${id}` : id;
    const earlier = rowOf.get(key);
    if (earlier !== undefined) {
      throw new CsvProblem(
        table.file,
        place(table, row, column),
        `${shown(id)} is in line ${table.lines[earlier]} already${timestamps ? ', at the same time' : ''}`,
        timestamps
          ? 'Keep one of the two rows'
          : 'Keep one of the two rows or, where a subscriber has several snapshots, name their column with --timestamp',
      );
    }
    rowOf.set(key, row);
    return id;
  });
}

function readLabels(table: CsvTable, column: number, words: LabelWords | null): boolean[] {
  const texts = table.columns[column];
  const labels = texts.map((text, row) => {
    const value = labelValue(text, words);
    if (value === null) throw badLabel(table, row, column, words);
    return value;
  });
  const positives = labels.filter(Boolean).length;
  const name = table.header[column];
  if (positives === 0 || positives === labels.length) {
    const problem = `every row says ${shown(texts[0])}, and a model needs both those who left and those who stayed`;
    throw new CsvProblem(table.file, { column: name }, problem, 'Name another column with --label');
  }
  const least = Math.min(positives, labels.length - positives);
  if (labels.length < LEAST_ROWS || least < LEAST_PER_CLASS) {
    const problem = `${labels.length} rows, ${positives} of them churned, are too few for a model and an honest test of it`;
    throw new CsvProblem(
      table.file,
      { column: name },
      problem,
      `Give at least ${LEAST_ROWS} rows with ${LEAST_PER_CLASS} of either kind`,
    );
  }
  return labels;
}

function badLabel(table: CsvTable, row: number, column: number, words: LabelWords | null): CsvProblem {
  const text = table.columns[column][row];
  const problem = text === '' ? 'the label is blank' : `${shown(text)} is not a label`;
  if (words) {
    const remedy = `With --positive and --negative it must be ${shown(words.positive)} or ${shown(words.negative)}`;
    return new CsvProblem(table.file, place(table, row, column), problem, remedy);
  }
  const levels = [...new Set(table.columns[column])];
  const [first, second] = levels;
  const remedy =
    levels.length === 2 && first && second
      ? `Say which word means churned: --positive ${shown(second)} --negative ${shown(first)}, or the other way round`
      : 'Use Yes/No, 1/0, True/False or Y/N, or give the two words with --positive and --negative';
  return new CsvProblem(table.file, place(table, row, column), problem, remedy);
}

function readFeatures(
  table: CsvTable,
  candidates: readonly number[],
  labels: readonly boolean[],
): Pick<ChurnTable, 'features' | 'leftOut'> {
  const decimalComma = table.delimiter !== ',';
  const kept: (TypedColumn & { column: string })[] = [];
  const leftOut: { column: string; reason: string }[] = [];
  for (const c of candidates) {
    const column = table.header[c];
    const texts = table.columns[c];
    const typed = inferColumn(texts, decimalComma);
    const odd = typed?.dtype === 'STRING' ? oddValueAmongNumbers(texts, decimalComma) : null;
    if (odd !== null) {
      const problem = `${shown(texts[odd])} is not a number, as nearly all values of this column are`;
      throw new CsvProblem(
        table.file,
        place(table, odd, c),
        problem,
        'Correct it, leave it blank, or leave the column out with --exclude',
      );
    }
    const reason = typed === null ? 'no value in it' : reasonToLeaveOut(column, typed, labels);
    if (reason !== null) leftOut.push({ column, reason });
    else if (typed !== null) kept.push({ column, ...typed });
  }
  if (kept.length === 0) {
    const reasons = leftOut.map(({ column, reason }) => `${shown(column)} (${reason})`).join(', ');
    throw new CsvProblem(table.file, {}, `no column is left to learn from: ${reasons}`, 'Give a table with features');
  }
  const names = featureNames(
    kept.map(({ column }) => column),
    RESERVED_NAMES,
  );
  return { features: kept.map((feature, i) => ({ ...feature, name: names[i] })), leftOut };
}

function reasonToLeaveOut(column: string, { dtype, values }: TypedColumn, labels: readonly boolean[]): string | null {
  if (column === '') return 'it has no name: row numbers';
  if (singleColumnAuc(values, labels) >= TELLTALE_AUC)
    return 'it tells the label by itself, so it was written after the fact';
  const levels = dtype === 'STRING' ? new Set(values).size : 0;
  return levels > MOST_LEVELS ? `${levels.toLocaleString('en')} different texts` : null;
}

const place = (table: CsvTable, row: number, column: number) => ({
  line: table.lines[row],
  column: table.header[column],
});
