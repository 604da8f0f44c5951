import fc from 'fast-check';
import { CsvProblem } from '../../../examples/churn/csv/csv-problem';
import { delimiterFromOption, parseCsvTable, sniffDelimiter } from '../../../examples/churn/csv/csv-table';

const parse = (text: string, delimiter: string | null = null) => parseCsvTable('dir/file.csv', text, delimiter);

function problemOf(text: string, delimiter: string | null = null): CsvProblem {
  try {
    parse(text, delimiter);
  } catch (error) {
    if (error instanceof CsvProblem) return error;
    throw error;
  }
  throw new Error('No problem was found.');
}

const quoted = (field: string): string => `"${field.replace(/"/g, '""')}"`;

describe('parseCsvTable', () => {
  it.each([
    [',', 'comma'],
    [';', 'semicolon'],
    ['\t', 'tab'],
    ['|', 'pipe'],
  ])('finds out the delimiter %j', (delimiter) => {
    const text = [
      ['id', 'churn', 'charge'],
      ['a', 'Yes', '1.5'],
      ['b', 'No', '2'],
    ]
      .map((row) => row.join(delimiter))
      .join('\n');
    const table = parse(text);
    expect(table.delimiter).toBe(delimiter);
    expect(table.columns).toEqual([
      ['a', 'b'],
      ['Yes', 'No'],
      ['1.5', '2'],
    ]);
  });

  it('prefers the semicolon in a file with decimal commas, and does not count what is quoted', () => {
    expect(sniffDelimiter('id;charge;churn\na;1,5;Yes\nb;22,5;No\n')).toBe(';');
    expect(sniffDelimiter('id;name;churn\na;"Smith, Ann, Dr, Jr";Yes\nb;"Miller, Bo, Dr, Sr";No\n')).toBe(';');
  });

  it('takes any line end, also mixed, and skips blank lines', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(parse(['a,b,c', '1,2,3', '', '4,5,6', ''].join(end)).columns).toEqual([
        ['1', '4'],
        ['2', '5'],
        ['3', '6'],
      ]);
    }
    expect(parse('a,b,c\r\n1,2,3\n4,5,6\r\n').lines).toEqual([2, 3]);
  });

  it('knows the line on which a row begins, past blank lines and line ends in quotes', () => {
    expect(parse('a,b,c\n\n1,"x\ny\nz",2\n3,4,5\n').lines).toEqual([3, 6]);
  });

  it('reads back whatever was quoted', () => {
    const field = fc.string({ maxLength: 12 }).map((text) => text.replace(/\r/g, '').trim());
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 8 }), (rows) => {
        const text = ['a,b,c', ...rows.map((row) => row.map(quoted).join(','))].join('\n');
        const { columns } = parse(text, ',');
        expect(rows.map((_, r) => columns.map((column) => column[r]))).toEqual(rows);
      }),
    );
  });

  it.each<[string, string, RegExp]>([
    ['a missing field', 'a,b,c\n1,2,3\n4,5\n', /^file\.csv, line 3, column "c": 2 fields, where the header has 3\./],
    [
      'a field too many',
      'a,b,c\n1,2,3,4\n',
      /^file\.csv, line 2: 4 fields, where the header has 3\. Put fields that contain ","/,
    ],
    [
      'a quote never closed',
      'a,b,c\n1,2,3\n1,"2,3\n4,5,6\n',
      /^file\.csv, line 3: a double quote is opened and never closed\./,
    ],
    ['text after a quote', 'a,b,c\n1,"2"x,3\n', /^file\.csv, line 2: text follows a closing double quote\./],
    [
      'a quote inside a field',
      'a,b,c\n1,2"x,3\n',
      /^file\.csv, line 2: a double quote stands inside an unquoted field\./,
    ],
    ['a header alone', 'a,b,c\n', /there is a header and no row/],
    ['blank lines only', '\n\n', /blank lines only/],
    ['a column without a name', 'a,,c\n1,2,3\n', /^file\.csv, line 1: column 2 has no name\./],
    [
      'two columns of one name',
      'a,b,a\n1,2,3\n',
      /^file\.csv, line 1, column "a": columns 1 and 3 have the same name\./,
    ],
    ['too few columns', 'a,b\n1,2\n', /^file\.csv, line 1: 2 columns found \("a", "b"\).*--delimiter\.$/],
  ])('names file and line of %s, in one line', (_, text, message) => {
    const problem = problemOf(text);
    expect(problem.message).toMatch(message);
    expect(problem.message).not.toContain('\n');
  });

  it('uses the delimiter that it is given', () => {
    expect(parse('a^b^c\n1^2^3', '^').columns).toEqual([['1'], ['2'], ['3']]);
  });
});

describe('delimiterFromOption', () => {
  it('takes words for what a shell makes hard to type, and any one character', () => {
    expect(['tab', '\\t', 'semicolon', 'Comma', 'pipe', '^', '|'].map(delimiterFromOption)).toEqual([
      '\t',
      '\t',
      ';',
      ',',
      '|',
      '^',
      '|',
    ]);
  });

  it('refuses what can not delimit', () => {
    expect(['', ';;', '"', '\n', 'colon'].map(delimiterFromOption)).toEqual([null, null, null, null, null]);
  });
});
