import { InvalidInput } from '../../../src/errors';
import { FilterCompiler } from '../../../src/services/registry/search/compile-filter';
import type { ModelVersionFilter } from '../../../src/services/registry/search/search-filter';
import { SqlValues } from '../../../src/services/registry/search/sql-conditions';

function compile(filter: ModelVersionFilter) {
  const values = new SqlValues();
  const condition = new FilterCompiler({ values, keyOf: (id) => id }).versions(filter, ['filter']);
  return { ...condition, parameters: values.parameters };
}

function errorOf(filter: ModelVersionFilter): { field: readonly string[] | null; message: string } {
  try {
    compile(filter);
  } catch (error) {
    if (error instanceof InvalidInput) return { field: error.field, message: error.message };
  }
  throw new Error('It was not refused.');
}

function nestedNots(depth: number): ModelVersionFilter {
  return depth === 0 ? { text: 'churn' } : { not: nestedNots(depth - 1) };
}

describe('The filter compiler', () => {
  it('puts nothing that a client gave into the text of the statement', () => {
    const nasty = `'; DROP TABLE models; -- :x $1 ?`;
    const match = { equals: nasty, notEquals: nasty, like: nasty, ilike: nasty, in: [nasty] };
    const { sql, candidates, parameters } = compile({
      name: match,
      owner: match,
      tag: { key: nasty, ...match },
      modelTag: { key: nasty, ...match },
      metric: { name: nasty, split: nasty, equals: 1 },
      param: { name: nasty, ...match },
      datasetFingerprint: nasty,
      alias: nasty,
      text: nasty,
    });
    expect([sql, ...candidates].join()).not.toMatch(/DROP|--/);
    expect(JSON.stringify(parameters)).toContain('DROP TABLE');
  });

  it('takes an empty filter for all rows, and null for what is absent', () => {
    expect(compile({})).toMatchObject({ sql: 'true', candidates: [] });
    expect(compile({ name: null, and: null, not: null })).toMatchObject({ sql: 'true', candidates: [] });
  });

  it('takes "no" and "not known" for the same below a not', () => {
    expect(compile({ not: { tag: { key: 'a', notEquals: 'b' } } }).sql).toMatch(/IS NOT TRUE/);
  });

  it.each<[string, ModelVersionFilter, string, RegExp]>([
    ['an empty list of filters', { or: [] }, 'filter.or', /the list is empty; give at least one filter/],
    ['an empty list of values', { name: { in: [] } }, 'filter.name.in', /the list is empty; give at least one value/],
    ['an empty condition', { and: [{ name: {} }] }, 'filter.and.0.name', /say what to compare with/],
    ['a tag without a condition', { tag: { key: 'team' } }, 'filter.tag', /say what to compare with/],
    [
      'a value of what is absent',
      { tag: { key: 'a', exists: false, equals: 'b' } },
      'filter.tag.exists',
      /what is absent/,
    ],
    ['a pattern that ends with a backslash', { name: { like: 'a\\' } }, 'filter.name.like', /ends with a lone/],
    ['a text that PostgreSQL cannot hold', { name: { equals: 'a\0' } }, 'filter.name.equals', /U\+0000/],
    ['half a surrogate pair', { tag: { key: 'a', equals: '\ud800' } }, 'filter.tag.equals', /surrogate/],
    ['a text without words', { text: '?!' }, 'filter.text', /has no word to search for/],
    ['a long text', { text: 'x'.repeat(501) }, 'filter.text', /501 characters; at most 500/],
    [
      'a long list of values',
      { name: { in: Array<string>(101).fill('a') } },
      'filter.name.in',
      /101 values; at most 100/,
    ],
    ['a long list of filters', { and: Array<object>(101).fill({}) }, 'filter.and', /101 filters; at most 100/],
  ])('refuses %s, and says where it stands', (_, filter, field, message) => {
    expect(errorOf(filter)).toEqual({ field: field.split('.'), message: expect.stringMatching(message) });
  });

  it('refuses a filter that is nested too deeply or has too many conditions', () => {
    expect(compile(nestedNots(9)).sql).toContain('IS NOT TRUE');
    expect(errorOf(nestedNots(10)).message).toMatch(/nested too deeply; at most 10 levels/);
    const many = (count: number) => Array<ModelVersionFilter>(count).fill({ text: 'churn' });
    expect(compile({ and: many(50), or: many(50) }).candidates).toHaveLength(51);
    expect(errorOf({ and: many(51), or: many(50) }).message).toMatch(/more than 100 conditions/);
  });
});
