import { CHURN_FLAGS, churnDataOptions, OptionProblem } from '../../../examples/churn/options';

const refusal = (flags: Record<string, unknown>): string => {
  try {
    churnDataOptions(flags);
  } catch (error) {
    if (error instanceof OptionProblem) return error.message;
    throw error;
  }
  throw new Error('Nothing was refused.');
};

describe('churnDataOptions', () => {
  it('generates 20,000 subscribers by default', () => {
    expect(churnDataOptions({})).toMatchObject({ csv: null, subscribers: 20_000, seed: 42, shift: true, exclude: [] });
  });

  it('takes everything that describes a table', () => {
    const flags = {
      csv: 'a.csv',
      label: 'Exited',
      id: 'key',
      timestamp: 'month',
      delimiter: 'tab',
      positive: 'gone',
      negative: 'here',
      exclude: 'a, b ,,c',
      shift: false,
      name: 'trial',
    };
    expect(churnDataOptions(flags)).toMatchObject({ ...flags, delimiter: '\t', exclude: ['a', 'b', 'c'] });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a label without a table', { label: 'Churn' }, /^--label: it describes a table, so give --csv as well\.$/],
    ['no shift without a table', { shift: false }, /^--no-shift: /],
    [
      'a seed for a table',
      { csv: 'a.csv', seed: '7' },
      /^--seed: it is for the generated population, not for --csv\.$/,
    ],
    ['one of the two words', { csv: 'a.csv', positive: 'gone' }, /--positive and --negative go together/],
    ['the same word twice', { csv: 'a.csv', positive: 'Gone', negative: 'gone ' }, /same word/],
    [
      'a delimiter of two characters',
      { csv: 'a.csv', delimiter: ';;' },
      /^--delimiter: give one character, .* not ";;"\.$/,
    ],
    [
      'a size that is no whole number',
      { subscribers: 'many' },
      /^--subscribers: give a whole number from 1000 to 100000, not "many"\.$/,
    ],
    ['a size out of range', { subscribers: '10' }, /^--subscribers: /],
    ['a name of which nothing would be left', { name: '年' }, /^--name: use letters and digits\.$/],
    ['a blank file name', { csv: ' ' }, /^--csv: a value is missing\.$/],
  ])('refuses %s, naming the flag', (_, flags, message) => {
    expect(refusal(flags)).toMatch(message);
  });

  it('understands every flag that it offers', () => {
    const names = CHURN_FLAGS.map(({ flags }) => /^--(?:no-)?(\w+)/.exec(flags)?.[1] ?? '');
    expect(Object.keys(churnDataOptions({})).sort()).toEqual([...names].sort());
  });
});
