import fc from 'fast-check';
import { InvalidInput, SearchInvalid } from '../../../src/errors';
import type { ModelFilter, ModelVersionFilter } from '../../../src/services/registry';
import { parseModelSearch, parseVersionSearch } from '../../../src/services/registry/search/search-language';
import { printSearch } from '../../support/print-search';

function errorOf(search: string): SearchInvalid {
  try {
    parseVersionSearch(search);
  } catch (error) {
    if (error instanceof SearchInvalid) return error;
    throw error;
  }
  throw new Error(`${search} was read.`);
}

/** Where the search cannot be read; null when it can. */
function refusedAt(search: string, parse: (search: string) => object): number | null {
  try {
    parse(search);
    return null;
  } catch (error) {
    if (!(error instanceof SearchInvalid)) throw error;
    return error.details.position as number;
  }
}

const stage = (...values: ('PRODUCTION' | 'STAGING')[]): ModelVersionFilter => ({ stage: values });

describe('The search language', () => {
  it('reads the line of its purpose', () => {
    expect(parseVersionSearch('stage:production tag.team=growth auc>0.84 name~churn')).toEqual({
      and: [
        { stage: ['PRODUCTION'] },
        { tag: { key: 'team', equals: 'growth' } },
        { metric: { name: 'auc', moreThan: 0.84 } },
        { name: { ilike: '%churn%' } },
      ],
    });
  });

  it.each<[string, ModelVersionFilter]>([
    ['', {}],
    ['   ', {}],
    ['churn', { text: 'churn' }],
    ['"two words"', { text: 'two words' }],
    ['churn retention', { and: [{ text: 'churn' }, { text: 'retention' }] }],
    ['ada@example.com', { text: 'ada@example.com' }],
    ['android origin notes', { and: [{ text: 'android' }, { text: 'origin' }, { text: 'notes' }] }],
    ['a AND b', { and: [{ text: 'a' }, { text: 'b' }] }],
    ['a OR b c', { or: [{ text: 'a' }, { and: [{ text: 'b' }, { text: 'c' }] }] }],
    ['(a or b)c', { and: [{ or: [{ text: 'a' }, { text: 'b' }] }, { text: 'c' }] }],
    ['not a not(b)', { and: [{ not: { text: 'a' } }, { not: { text: 'b' } }] }],
    ['STAGE : Production', stage('PRODUCTION')],
    ['stage IN (staging,production)', stage('STAGING', 'PRODUCTION')],
    ['version >= 3', { version: { atLeast: 3 } }],
    ['version IN (1, 2)', { version: { in: [1, 2] } }],
    ['metric.rmse@training<1e-3', { metric: { name: 'rmse', split: 'training', lessThan: 0.001 } }],
    ['metric."log loss"@"my split"!=-.5', { metric: { name: 'log loss', split: 'my split', notEquals: -0.5 } }],
    ['logLoss@validation<=.4', { metric: { name: 'logLoss', split: 'validation', atMost: 0.4 } }],
    ['auc EXISTS', { metric: { name: 'auc', exists: true } }],
    ['param.algorithm ILIKE "%boost%"', { param: { name: 'algorithm', ilike: '%boost%' } }],
    ['tag.a.b="x y"', { tag: { key: 'a.b', equals: 'x y' } }],
    [`version.tag.'a b'=''`, { tag: { key: 'a b', equals: '' } }],
    ['model.tag.team!=risk', { modelTag: { key: 'team', notEquals: 'risk' } }],
    ['NOT tag.team exists', { not: { tag: { key: 'team', exists: true } } }],
    [String.raw`name~"50%_\\x"`, { name: { ilike: String.raw`%50\%\_\\x%` } }],
    [String.raw`name LIKE "a\"\%"`, { name: { like: String.raw`a"\%` } }],
    ['owner IN (ada, "Grace H.")', { owner: { in: ['ada', 'Grace H.'] } }],
    ['name=or', { name: { equals: 'or' } }],
    ['created>2026-03-01', { createdAt: { from: new Date('2026-03-02') } }],
    ['created<=2026-03-01', { createdAt: { before: new Date('2026-03-02') } }],
    ['created:2026-03-01', { createdAt: { from: new Date('2026-03-01'), before: new Date('2026-03-02') } }],
    ['updated<2026-03-01T10:00+01:00', { updatedAt: { before: new Date('2026-03-01T09:00Z') } }],
    ['dataset:RGF0YXNldDox run=abc', { and: [{ datasetId: 'RGF0YXNldDox' }, { trainingRunId: 'abc' }] }],
  ])('reads %j', (search, filter) => {
    expect(parseVersionSearch(search)).toEqual(filter);
  });

  const choice = expect.arrayContaining(['name', 'stage', 'tag.KEY']);
  it.each<[string, number, RegExp, unknown]>([
    ['name IN ()', 10, /the list of IN is empty/, ['a text']],
    ['stage IN ()', 11, /the list of IN is empty/, ['none', 'staging', 'production', 'archived']],
    ['name IN (a b)', 12, /"b" stands in the list of IN/, ['","', '")"']],
    ['name IN (a', 11, /the end stands in the list of IN/, ['","', '")"']],
    ['name IN a', 9, /"a" follows IN/, ['"("']],
    ['(a OR b', 8, /the "\(" at character 1 is not closed/, ['")"']],
    ['a (b (c)', 9, /the "\(" at character 3 is not closed/, ['")"']],
    ['a b)', 4, /there is no "\(" that this "\)" closes/, ['a condition', 'a word', '"("', 'the end']],
    ['()', 2, /"\)" stands where a condition should/, ['a condition', 'a word', '"("']],
    ['name=a=b', 7, /an unquoted value cannot have the character "="/, ['the whole value in quotes']],
    ["name=it's", 8, /an unquoted value cannot have the character "'"/, ['the whole value in quotes']],
    ['name=a,b', 7, /cannot have the character ","/, ['the whole value in quotes', 'IN (…) for several values']],
    ['name="a"b', 9, /something follows the value without a space/, ['a space', '")"', 'the end']],
    ['name="a b', 10, /the quotes that open at character 6 are not closed/, ['"']],
    ['a verion>3', 3, /there is no field "verion"/, choice],
    ['tag=growth', 1, /there is no field "tag"/, choice],
    ['tag.=growth', 1, /there is no field "tag."/, choice],
    ['tag.a@b=growth', 1, /there is no field "tag.a@b"/, choice],
    ['name=', 6, /the end stands where a value should/, ['a text']],
    ['name= )', 7, /"\)" stands where a value should/, ['a text']],
    ['auc>', 5, /the end stands where a value should/, ['a number']],
    ['auc>high', 5, /"high" is none/, ['a number']],
    ['version=1.5', 9, /"1.5" is none/, ['a whole number up to 2147483647']],
    ['stage:live', 7, /there is no "live" here/, ['none', 'staging', 'production', 'archived']],
    ['stage>staging', 6, /stage cannot be compared by >/, [':', '=', 'IN']],
    ['name<a', 5, /name cannot be compared by </, [':', '=', '!=', '~', 'LIKE', 'ILIKE', 'IN']],
    ['name EXISTS', 6, /name cannot be compared by EXISTS/, [':', '=', '!=', '~', 'LIKE', 'ILIKE', 'IN']],
    ['created>2026-02-30', 9, /"2026-02-30" is no time/, expect.arrayContaining(['a date (2026-11-03)'])],
    ['created>2026-02-03T10:00', 9, /is no time/, expect.arrayContaining(['a date (2026-11-03)'])],
    ['a AND', 6, /the end stands where a condition should/, ['a condition', 'a word', '"("']],
    ['OR a', 1, /"OR" stands where a condition should/, ['a condition', 'a word', '"("']],
    ['a AND OR b', 7, /"OR" stands where a condition should/, ['a condition', 'a word', '"("']],
    ['NOT', 4, /the end stands where a condition should/, ['a condition', 'a word', '"("']],
    ['a = = b', 1, /there is no field "a"/, choice],
    ['a , b', 3, /"," stands alone/, ['a condition', 'a word', '"("', 'the end']],
  ])('18: refuses %j at character %d and says what was expected there', (search, position, message, expected) => {
    const error = errorOf(search);
    expect(error.details.position).toBe(position);
    expect(error.message).toMatch(message);
    expect(error.details.expected).toEqual(expected);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', field: ['search'] });
  });

  it('9: lists the stages where one is unknown', () => {
    expect(errorOf('stage:live').message).toBe(
      'search, character 7: there is no "live" here; expected none, staging, production or archived',
    );
  });

  it('refuses a search that is too long', () => {
    expect(() => parseVersionSearch('a '.repeat(501))).toThrow(InvalidInput);
    expect(parseVersionSearch('a '.repeat(500))).toHaveProperty('and.length', 500);
  });

  it('reads any text, or refuses it with a position in it', () => {
    const piece = fc.constantFrom(
      'name',
      'auc',
      'tag.',
      '=',
      '>',
      ':',
      '(',
      ')',
      'IN',
      'NOT',
      'OR',
      '"',
      "'",
      ' ',
      ',',
      '\\',
      '1',
      '@',
      'x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 30 }),
          fc.array(piece, { maxLength: 15 }).map((parts) => parts.join('')),
        ),
        (search) => {
          for (const parse of [parseVersionSearch, parseModelSearch]) {
            const position = refusedAt(search, parse);
            expect(position === null || (position >= 1 && position <= search.length + 1)).toBe(true);
          }
        },
      ),
    );
  });

  it('prints what it reads: a filter that is printed and read again is the same', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('growth', 'OR', 'a"b', "it's", '\\', '\\"', '50%'),
    );
    const key = text.filter((value) => value !== '');
    const number = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => (Object.is(value, -0) ? 0 : value));
    const whole = fc.integer();
    const one = (...entries: readonly (readonly [string, fc.Arbitrary<unknown>])[]) =>
      fc.oneof(...entries.map(([name, value]) => value.map((given) => ({ [name]: given }))));
    const list = (value: fc.Arbitrary<unknown>) => fc.array(value, { minLength: 1, maxLength: 3 });
    const textMatch = one(['equals', text], ['notEquals', text], ['like', text], ['ilike', text], ['in', list(text)]);
    const numbers = (value: fc.Arbitrary<number>) =>
      one(
        ...['equals', 'notEquals', 'lessThan', 'atMost', 'moreThan', 'atLeast'].map((name) => [name, value] as const),
        ['in', list(value)],
      );
    const exists = fc.constant({ exists: true });
    const tag = fc.tuple(key, fc.oneof(textMatch, exists)).map(([k, match]) => ({ key: k, ...match }));
    const time = fc.date({ min: new Date(0), max: new Date('9998-01-01'), noInvalidDate: true });
    const condition = one(
      ['name', textMatch],
      ['owner', textMatch],
      ['createdBy', textMatch],
      ['createdAt', one(['from', time], ['before', time])],
      ['tag', tag],
      ['modelTag', tag],
      ['param', fc.tuple(key, fc.oneof(textMatch, exists)).map(([name, match]) => ({ name, ...match }))],
      ['metric', fc.tuple(key, fc.oneof(numbers(number), exists)).map(([name, match]) => ({ name, ...match }))],
      ['metric', fc.tuple(key, key, numbers(number)).map(([name, split, match]) => ({ name, split, ...match }))],
      ['version', numbers(whole)],
      ['stage', list(fc.constantFrom('NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED'))],
      ['datasetFingerprint', key],
      ['alias', key],
      ['text', key],
    );
    const { filter } = fc.letrec<{ filter: ModelVersionFilter }>((tie) => {
      const parts = fc.array(tie('filter'), { minLength: 2, maxLength: 3 });
      const nested = one(['and', parts], ['or', parts], ['not', tie('filter')]);
      return { filter: fc.oneof({ maxDepth: 3 }, condition, nested) };
    });
    fc.assert(
      fc.property(filter, (given) => {
        const search = printSearch(given);
        fc.pre(search.length <= 1000);
        expect(parseVersionSearch(search)).toEqual(given);
      }),
    );
  });
});

describe('The search language for models', () => {
  it.each<[string, ModelFilter]>([
    ['name~churn task:regression', { and: [{ name: { ilike: '%churn%' } }, { taskType: ['REGRESSION'] }] }],
    ['tag.team=growth', { tag: { key: 'team', equals: 'growth' } }],
    [
      'stage:production tag.team=growth auc>0.84',
      {
        and: [
          { tag: { key: 'team', equals: 'growth' } },
          { hasVersion: { and: [stage('PRODUCTION'), { metric: { name: 'auc', moreThan: 0.84 } }] } },
        ],
      },
    ],
    [
      'stage:production (auc>0.9 OR f1>0.8)',
      {
        hasVersion: {
          and: [
            stage('PRODUCTION'),
            { or: [{ metric: { name: 'auc', moreThan: 0.9 } }, { metric: { name: 'f1', moreThan: 0.8 } }] },
          ],
        },
      },
    ],
    ['NOT stage:production', { not: { hasVersion: stage('PRODUCTION') } }],
    ['churn OR stage:staging', { or: [{ text: 'churn' }, { hasVersion: stage('STAGING') }] }],
    ['churn version.tag.a=b', { and: [{ text: 'churn' }, { hasVersion: { tag: { key: 'a', equals: 'b' } } }] }],
  ])('reads %j: what only versions have is said of one of them', (search, filter) => {
    expect(parseModelSearch(search)).toEqual(filter);
  });
});
