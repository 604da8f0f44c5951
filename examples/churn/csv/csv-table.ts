import { CsvError, parse, type Options } from 'csv-parse/sync';
import { CsvProblem, shown } from './csv-problem';

/** A CSV file as columns of trimmed text. */
export interface CsvTable {
  readonly file: string;
  readonly delimiter: string;
  readonly header: readonly string[];
  /** columns[c][r]: the text of column c in data row r. */
  readonly columns: readonly (readonly string[])[];
  /** The line of the file, from 1, on which data row r begins. */
  readonly lines: readonly number[];
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const DELIMITER_WORDS: Record<string, string> = { comma: ',', semicolon: ';', tab: '\t', '\\t': '\t', pipe: '|' };

/** The delimiter that a user means by `--delimiter`: one of `, ; tab |`, or any other single character. */
export function delimiterFromOption(word: string): string | null {
  const delimiter = DELIMITER_WORDS[word.toLowerCase()] ?? word;
  return delimiter.length === 1 && !/["\r\n]/.test(delimiter) ? delimiter : null;
}

/**
 * Cuts the text into columns.
 * @param delimiter null to find it out: of `, ; tab |`, the one that cuts the first lines into the same and the greatest number of fields
 * @throws CsvProblem for a ragged line, a stray or open quote, a missing or doubled column name, or a file without rows
 */
export function parseCsvTable(file: string, text: string, delimiter: string | null): CsvTable {
  const chosen = delimiter ?? sniffDelimiter(text);
  let header: string[] | null = null;
  const columns: string[][] = [];
  const lines: number[] = [];
  let lastLine = 0;

  const take = (record: readonly string[], endLine: number): void => {
    // csv-parse tells the line on which a record ends; quoted fields may hold line ends.
    const line = endLine - record.reduce((count, field) => count + field.split('\n').length - 1, 0);
    lastLine = endLine;
    if (!header) {
      header = checkHeader(file, line, record);
      columns.push(...header.map(() => []));
      return;
    }
    if (record.length !== header.length) throw raggedLine(file, line, record, header, chosen);
    record.forEach((field, c) => columns[c].push(field.trim()));
    lines.push(line);
  };

  try {
    parse(text, parseOptions(chosen, take));
  } catch (error) {
    throw error instanceof CsvError ? quoteProblem(file, error, lastLine + 1) : error;
  }
  if (!header) throw new CsvProblem(file, {}, 'the file holds blank lines only', 'Give a CSV file with a header line');
  if (lines.length === 0)
    throw new CsvProblem(file, { line: lastLine }, 'there is a header and no row', 'Give a file with rows');
  return { file, delimiter: chosen, header, columns, lines };
}

function parseOptions(delimiter: string, take: (record: readonly string[], endLine: number) => void): Options {
  return {
    delimiter,
    // All three, because a file that went through several programs may mix them.
    record_delimiter: ['\r\n', '\n', '\r'],
    // Counts are compared with the header in `take`, which knows what to advise.
    relax_column_count: true,
    skip_empty_lines: true,
    onRecord: (record: unknown, { lines }) => {
      take(record as string[], lines);
      return null;
    },
  };
}

/** See parseCsvTable. Quoted parts do not count, so `"Smith, Ann";12` is not taken for two commas. */
export function sniffDelimiter(text: string): string {
  const lines = text
    .slice(0, 65_536)
    .replace(/"(?:[^"]|"")*"/g, 'q')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 20);
  // The last line may be cut off by the slice.
  if (lines.length > 2) lines.pop();
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length);
    const inHeader = counts[0];
    if (inHeader < 2) continue;
    const alike = counts.filter((count) => count === inHeader).length / counts.length;
    // Consistency first: decimal commas cut many lines, but not all, into the same number.
    const score = alike * 1_000 + Math.min(inHeader, 999);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function checkHeader(file: string, line: number, record: readonly string[]): string[] {
  const header = record.map((name) => name.trim());
  if (header.length < 3) {
    throw new CsvProblem(
      file,
      { line },
      `${header.length} column${header.length === 1 ? '' : 's'} found (${header.map(shown).join(', ')}); an id, a label and a feature are needed`,
      'If the delimiter is none of , ; tab | give it with --delimiter',
    );
  }
  const seen = new Map<string, number>();
  for (const [i, name] of header.entries()) {
    // R and pandas write the row names under a blank name; only the first column may be that.
    if (name === '' && i > 0)
      throw new CsvProblem(file, { line }, `column ${i + 1} has no name`, 'Name every column in the first line');
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      throw new CsvProblem(
        file,
        { line, column: name },
        `columns ${earlier + 1} and ${i + 1} have the same name`,
        'Rename one',
      );
    }
    seen.set(name, i);
  }
  return header;
}

function raggedLine(
  file: string,
  line: number,
  record: readonly string[],
  header: readonly string[],
  delimiter: string,
): CsvProblem {
  const name = delimiter === '\t' ? 'tab' : delimiter;
  const missing = header[record.length];
  return new CsvProblem(
    file,
    { line, ...(missing === undefined ? {} : { column: missing }) },
    `${record.length} fields, where the header has ${header.length}`,
    record.length > header.length
      ? `Put fields that contain ${shown(name)} in double quotes`
      : `Complete the line; fields are taken to be delimited by ${shown(name)}`,
  );
}

function quoteProblem(file: string, error: CsvError, nextLine: number): CsvProblem {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return new CsvProblem(
        file,
        { line: nextLine },
        'a double quote is opened and never closed',
        'Close it, or double it if it belongs to the text',
      );
    case 'CSV_INVALID_CLOSING_QUOTE':
      return new CsvProblem(
        file,
        { line: nextLine },
        'text follows a closing double quote',
        'Double the quotes that belong to the text',
      );
    case 'INVALID_OPENING_QUOTE':
      return new CsvProblem(
        file,
        { line: nextLine },
        'a double quote stands inside an unquoted field',
        'Quote the whole field and double the quotes in it',
      );
    default:
      return new CsvProblem(file, { line: nextLine }, error.message, 'Correct the line');
  }
}
