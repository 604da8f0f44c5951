import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChurnTable, type ChurnTable, type ChurnTableOptions } from '../../../examples/churn/csv/churn-table';
import { CsvProblem } from '../../../examples/churn/csv/csv-problem';
import { Random } from '../../../examples/churn/random';

const DEFAULTS: ChurnTableOptions = {
  label: null,
  id: null,
  timestamp: null,
  delimiter: null,
  labelWords: null,
  exclude: [],
};

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'mooring-churn-'))));
afterAll(() => rm(directory, { recursive: true, force: true }));

type Row = Record<string, string>;

/** 600 rows that a model could learn from; `change` mends or spoils some of them. */
function rows(change: (row: Row, i: number) => Row = (row) => row): Row[] {
  const random = new Random(11);
  return Array.from({ length: 600 }, (_, i) => {
    const tenure = random.below(72);
    const churned = random.chance(tenure < 20 ? 0.5 : 0.15);
    const charge = (20 + 100 * random.next()).toFixed(2);
    return change(
      {
        customerID: `c${i}`,
        tenure: String(tenure),
        Charge: charge,
        Plan: random.chance(0.5) ? 'basic' : 'plus',
        Churn: churned ? 'Yes' : 'No',
      },
      i,
    );
  });
}

const csv = (data: readonly Row[], delimiter = ',', end = '\n'): string =>
  [Object.keys(data[0]), ...data.map((row) => Object.values(row))].map((fields) => fields.join(delimiter)).join(end) +
  end;

async function read(content: string | Buffer, options: Partial<ChurnTableOptions> = {}): Promise<ChurnTable> {
  const file = join(directory, 'table.csv');
  await writeFile(file, content);
  return readChurnTable(file, { ...DEFAULTS, ...options });
}

/** The message that refuses the table; every such message is one line that begins with the file's name. */
async function refusal(content: string | Buffer, options: Partial<ChurnTableOptions> = {}): Promise<string> {
  const error = await read(content, options).then(
    () => null,
    (problem: unknown) => problem,
  );
  expect(error).toBeInstanceOf(CsvProblem);
  const { message } = error as CsvProblem;
  expect(message).toMatch(/^table\.csv[,:]/);
  expect(message).not.toContain('\n');
  return message;
}

describe('readChurnTable', () => {
  it('finds id and label by their usual names and types the other columns', async () => {
    const table = await read(csv(rows()));
    expect(table).toMatchObject({ idColumn: 'customerID', labelColumn: 'Churn', timestamps: null, leftOut: [] });
    expect(table.features.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
      'tenure INT64',
      'charge DOUBLE',
      'plan STRING',
    ]);
    expect(table.ids).toHaveLength(600);
    expect(table.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads the same table through another delimiter, line end and a byte-order mark', async () => {
    const { digest: _, ...plain } = await read(csv(rows()));
    const { digest: __, ...windows } = await read(`\ufeff${csv(rows(), ';', '\r\n')}`);
    expect(windows).toEqual(plain);
  });

  it.each([
    ['1', '0'],
    ['TRUE', 'FALSE'],
    ['y', 'n'],
  ])('takes %s and %s as labels', async (positive, negative) => {
    const { labels } = await read(csv(rows((row) => ({ ...row, Churn: row.Churn === 'Yes' ? positive : negative }))));
    expect(labels).toEqual((await read(csv(rows()))).labels);
  });

  it('takes two given words as labels', async () => {
    const content = csv(rows((row) => ({ ...row, Churn: row.Churn === 'Yes' ? 'gone away' : 'here' })));
    const { labels } = await read(content, { labelWords: { positive: 'Gone Away', negative: 'here' } });
    expect(labels).toEqual((await read(csv(rows()))).labels);
    expect(await refusal(content)).toMatch(
      /column "Churn": "\w+( \w+)?" is not a label\. Say which word means churned: --positive "\w+( \w+)?" --negative "\w+( \w+)?", or/,
    );
  });

  it('takes named columns, in any case, and excludes others', async () => {
    const content = csv(rows().map(({ customerID, Churn, ...rest }) => ({ Kunde: customerID, Weg: Churn, ...rest })));
    const table = await read(content, { id: 'kunde', label: 'Weg', exclude: ['PLAN'] });
    expect(table.features.map(({ name }) => name)).toEqual(['tenure', 'charge']);
  });

  it('takes the same id at several times, but not twice at one', async () => {
    const timed = (i: number) => ({ id: `c${i >> 1}`, date: i % 2 ? '2024-02-01' : '2024-01-01' });
    const content = csv(rows((row, i) => ({ ...row, customerID: timed(i).id, date: timed(i).date })));
    const table = await read(content, { timestamp: 'date' });
    expect(table.timestamps?.slice(0, 2)).toEqual([Date.UTC(2024, 0, 1), Date.UTC(2024, 1, 1)]);
    expect(table.features.map(({ name }) => name)).not.toContain('date');
    expect(await refusal(content)).toBe(
      'table.csv, line 3, column "customerID": "c0" is in line 2 already. ' +
        'Keep one of the two rows or, where a subscriber has several snapshots, name their column with --timestamp.',
    );
    const doubled = content.replaceAll('2024-02-01', '2024-01-01');
    expect(await refusal(doubled, { timestamp: 'date' })).toMatch(
      /line 3, column "customerID": "c0" is in line 2 already, at the same time\./,
    );
  });

  it('leaves out what tells the label by itself, free text, row numbers without a name, and columns without a value', async () => {
    const content = csv(
      rows((row, i) => ({
        '': String(i),
        ...row,
        Reason: row.Churn === 'Yes' ? `because ${i}` : '',
        Score: row.Churn === 'Yes' ? '9' : '1',
        Name: `n ${i}`,
        Empty: 'NA',
      })),
    );
    const table = await read(content);
    expect(table.leftOut.map(({ column }) => column)).toEqual(['', 'Reason', 'Score', 'Name', 'Empty']);
    expect(table.features.map(({ name }) => name)).toEqual(['tenure', 'charge', 'plan']);
  });

  it.each<[string, (row: Row, i: number) => Row, string]>([
    [
      'a bad label',
      (row, i) => (i === 7 ? { ...row, Churn: 'maybe' } : row),
      'table.csv, line 9, column "Churn": "maybe" is not a label. Use Yes/No, 1/0, True/False or Y/N, or give the two words with --positive and --negative.',
    ],
    [
      'a blank label',
      (row, i) => (i === 0 ? { ...row, Churn: '' } : row),
      'table.csv, line 2, column "Churn": the label is blank. Use Yes/No, 1/0, True/False or Y/N, or give the two words with --positive and --negative.',
    ],
    [
      'a blank id',
      (row, i) => (i === 3 ? { ...row, customerID: ' ' } : row),
      'table.csv, line 5, column "customerID": the id is blank. Give every row an id.',
    ],
    [
      'a text among numbers',
      (row, i) => (i === 9 ? { ...row, Charge: 'abc' } : row),
      'table.csv, line 11, column "Charge": "abc" is not a number, as nearly all values of this column are. Correct it, leave it blank, or leave the column out with --exclude.',
    ],
    [
      'a label that never changes',
      (row) => ({ ...row, Churn: 'No' }),
      'table.csv, column "Churn": every row says "No", and a model needs both those who left and those who stayed. Name another column with --label.',
    ],
  ])('names file, line, column and remedy of %s', async (_, change, message) => {
    expect(await refusal(csv(rows(change)))).toBe(message);
  });

  it('names the columns that there are when one is missing', async () => {
    const there = 'The columns are "customerID", "tenure", "Charge", "Plan", "Churn".';
    expect(await refusal(csv(rows()), { label: 'Exited' })).toBe(
      `table.csv, line 1, column "Exited": there is no such column (given with --label). ${there}`,
    );
    expect(await refusal(csv(rows()), { exclude: ['Typo'] })).toBe(
      `table.csv, line 1, column "Typo": there is no such column (given with --exclude). ${there}`,
    );
    const unnamed = csv(rows().map(({ Churn, ...rest }) => ({ ...rest, status: Churn })));
    expect(await refusal(unnamed)).toMatch(
      /^table\.csv, line 1: no column looks like the label\. Name it with --label\. The columns are/,
    );
  });

  it('refuses one column in two roles, and a bad timestamp', async () => {
    expect(await refusal(csv(rows()), { label: 'Churn', id: 'Churn' })).toMatch(
      /one column is named for two of --label, --id and --timestamp/,
    );
    const content = csv(rows((row, i) => ({ ...row, date: i === 4 ? '31.01.2024' : '2024-01-31' })));
    expect(await refusal(content, { timestamp: 'date' })).toMatch(
      /^table\.csv, line 6, column "date": "31\.01\.2024" is not a timestamp\. Write timestamps as/,
    );
  });

  it('refuses a table too small to learn from', async () => {
    expect(await refusal(csv(rows().slice(0, 100)))).toMatch(
      /column "Churn": 100 rows, \d+ of them churned, are too few/,
    );
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['an empty file', '', /^table\.csv: the file is empty\. Give a CSV file with a header line\.$/],
    ['a binary file', Buffer.from('a,b,c\n1,\0,3\n'), /^table\.csv, line 2: the file holds a zero byte/],
    ['a spreadsheet', Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14]), /zip archive or a spreadsheet/],
    ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), /^table\.csv: the file is in UTF-16\. Save it as UTF-8/],
    [
      'Latin-1',
      Buffer.from('a,b,c\n1,2,3\nGr\xf6\xdfe,2,3\n', 'latin1'),
      /^table\.csv, line 3: the text is not UTF-8\. .*iconv/,
    ],
    [
      'a ragged line',
      'customerID,tenure,Churn\na,1,Yes\nb,2\n',
      /^table\.csv, line 3, column "Churn": 2 fields, where the header has 3\./,
    ],
  ])('says what is wrong with %s', async (_, content, message) => {
    expect(await refusal(content)).toMatch(message);
  });

  it('says so when the file is a directory or missing', async () => {
    await mkdir(join(directory, 'folder.csv'), { recursive: true });
    await expect(readChurnTable(join(directory, 'folder.csv'), DEFAULTS)).rejects.toThrow(
      /^folder\.csv: this is a directory, not a file\./,
    );
    await expect(readChurnTable(join(directory, 'nowhere.csv'), DEFAULTS)).rejects.toThrow(
      /^nowhere\.csv: there is no file .*nowhere\.csv\. Check the path given with --csv\.$/,
    );
  });
});
