import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { LIMIT_RULES, LIMITS, PARSE_OPTIONS, VALIDATION_RULES } from '../../../src/server/limits';
import { maxFieldsRule } from '../../../src/server/max-fields.rule';

const schema = buildSchema(`
  type Query { thing: Thing things(first: Int = 20, after: String): Connection! }
  type Connection { edges: [Edge!]! nodes: [Thing!]! totalCount: Int! }
  type Edge { node: Thing! }
  type Thing { id: ID! thing: Thing things(first: Int = 20): Connection! }
`);

const messages = (query: string, rules = LIMIT_RULES) =>
  validate(schema, parse(query), rules).map(({ message }) => message);

/** `{ thing { thing { … id } } }` with so many levels. */
const nested = (levels: number) => `${'{ thing '.repeat(levels - 1)}{ id }${' }'.repeat(levels - 1)}`;

describe('the depth limit', () => {
  it('lets through what is exactly as deep', () => {
    expect(messages(nested(LIMITS.depth))).toEqual([]);
  });

  it('refuses one level more, and says how many there are', () => {
    expect(messages(nested(LIMITS.depth + 1))).toEqual(['Query depth limit of 12 exceeded, found 13.']);
  });

  it('counts the levels within fragments', () => {
    const query = `{ thing { ...F } } fragment F on Thing ${nested(LIMITS.depth)}`;
    expect(messages(query)).toEqual([expect.stringContaining('exceeded')]);
  });

  it('lets four lists within one another through', () => {
    const list = (inner: string) => `things(first: 1) { edges { node { ${inner} } } }`;
    expect(messages(`{ ${list(list(list('things(first: 1) { totalCount }')))} }`)).toEqual([]);
  });
});

describe('the field limit', () => {
  const count = (query: string) => {
    const [message] = messages(query, [maxFieldsRule(0)]);
    return Number(/for (\d+) fields/.exec(message ?? '')?.[1]);
  };

  it.each([
    ['a field', '{ thing { id } }', 2],
    ['an alias', '{ a: thing { id } b: thing { id } }', 4],
    ['a list by its first', '{ things(first: 50) { nodes { id } } }', 1 + 50 * 2],
    ['a list without first by the default', '{ things { nodes { id } } }', 1 + 20 * 2],
    [
      'a list whose first is a variable by the largest page',
      'query ($n: Int) { things(first: $n) { nodes { id } } }',
      201,
    ],
    [
      'a list within a list by both',
      '{ things(first: 10) { nodes { things(first: 10) { totalCount } } } }',
      1 + 10 * (1 + 1 + 10),
    ],
    ['an absurd first by the largest page', '{ things(first: 2000000000) { totalCount } }', 101],
    ['an inline fragment by what is in it', '{ thing { ... on Thing { id } } }', 2],
    ['a fragment each time that it is spread', '{ a: thing { ...F } b: thing { ...F } } fragment F on Thing { id }', 4],
  ])('counts %s', (_what, query, expected) => {
    expect(count(query)).toBe(expected);
  });

  it('refuses the largest pages of lists three deep', () => {
    const list = (inner: string) => `things(first: 100) { nodes { ${inner} } }`;
    expect(messages(`{ ${list(list(list('id')))} }`)).toEqual([expect.stringMatching(/can ask for 2020201 fields/)]);
  });

  it('is done at once with fragments that double one another thirty times', () => {
    const doubling = Array.from(
      { length: 30 },
      (_, i) => `fragment F${i} on Thing { a: thing { ...F${i + 1} } b: thing { ...F${i + 1} } }`,
    );
    const startedAt = performance.now();
    messages(`{ thing { ...F0 } } ${doubling.join(' ')} fragment F30 on Thing { id }`, [maxFieldsRule(LIMITS.fields)]);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it('survives fragments that contain themselves', () => {
    expect(messages('{ thing { ...F } } fragment F on Thing { thing { ...F } }', VALIDATION_RULES)).toEqual([
      expect.stringContaining('Cannot spread fragment "F" within itself'),
    ]);
  });
});

describe('the limits together', () => {
  it('let the introspection of playgrounds and code generators through', () => {
    const query = getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, specifiedByUrl: true });
    expect(validate(schema, parse(query, PARSE_OPTIONS), VALIDATION_RULES)).toEqual([]);
  });

  it('refuse documents of more tokens than they allow', () => {
    expect(() => parse(`{ ${'id '.repeat(LIMITS.tokens)} }`, PARSE_OPTIONS)).toThrow(/5000 tokens/);
  });
});
