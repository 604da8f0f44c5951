import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql';
import { Forbidden, InvalidInput } from '../../../src/errors';
import { toPublicError } from '../../../src/server/public-error';

const SECRET = 'connect postgres://app:hunter2@10.0.0.1';
const schema = buildSchema('type Query { number(first: Int! = 1): Int! text: String }');

/** The first error of an execution in which the root field behaves as given. */
async function errorOf(query: string, resolvers: Record<string, () => unknown>, variables = {}): Promise<unknown> {
  const { errors } = await execute({
    schema,
    document: parse(query),
    rootValue: resolvers,
    variableValues: variables,
  });
  return errors?.[0];
}

const fail = (error: Error) => () => {
  throw error;
};

describe('toPublicError', () => {
  it('replaces what a resolver did not mean to say, and names the request instead', async () => {
    const { error, fault } = toPublicError(await errorOf('{ text }', { text: fail(new Error(SECRET)) }), 'req-7');
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(error).toMatchObject({
      message: 'Internal error. Request req-7',
      path: ['text'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'req-7' },
    });
    expect(fault).toMatchObject({ message: SECRET });
  });

  it('shows DomainErrors with their code, field and details', async () => {
    const error = await errorOf('{ text }', { text: fail(new InvalidInput('input.name', 'too long', { limit: 5 })) });
    expect(toPublicError(error, 'r')).toMatchObject({
      error: {
        message: 'name: too long',
        path: ['text'],
        extensions: { code: 'INVALID_INPUT', field: ['input', 'name'], limit: 5 },
      },
      fault: null,
    });
  });

  it('shows a DomainError that comes from a stream, which has no path', () => {
    const wrapped = new GraphQLError('x', { originalError: new Forbidden('ada', 'read', ['VIEWER']) });
    expect(toPublicError(wrapped, 'r').error.extensions?.code).toBe('FORBIDDEN');
  });

  it('hides a fault that comes from a stream', () => {
    const { error, fault } = toPublicError(new GraphQLError(SECRET, { originalError: new Error(SECRET) }), 'r');
    expect(error.message).toBe('Internal error. Request r');
    expect(fault).toMatchObject({ message: SECRET });
  });

  it.each([
    ['a thrown text', SECRET],
    ['a bare error', new Error(SECRET)],
    ['nothing', undefined],
  ])('hides %s', (_what, thrown) => {
    expect(toPublicError(thrown, 'r').error).toEqual({
      message: 'Internal error. Request r',
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r' },
    });
  });

  it('hides values of ours that do not fit their type', async () => {
    const error = await errorOf('{ number }', { number: () => SECRET });
    expect(toPublicError(error, 'r').error.message).toBe('Internal error. Request r');
  });

  it('hides a GraphQLError that a library threw within a resolver', async () => {
    const error = await errorOf('{ text }', { text: fail(new GraphQLError(SECRET)) });
    expect(toPublicError(error, 'r').error.message).toBe('Internal error. Request r');
  });

  it('shows what validation says', () => {
    const [error] = validate(schema, parse('{ txt }'));
    expect(toPublicError(error, 'r').error.message).toContain('Cannot query field "txt"');
  });

  it('shows what is wrong with variables', async () => {
    const error = await errorOf('query ($first: Int!) { number(first: $first) }', {}, { first: 'many' });
    expect(toPublicError(error, 'r').error).toMatchObject({
      message: expect.stringContaining('Variable "$first" got invalid value "many"'),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('shows what is wrong with an argument that only execution could check', async () => {
    const error = await errorOf('query ($first: Int) { number(first: $first) }', {}, { first: null });
    expect(toPublicError(error, 'r').error).toMatchObject({
      message: expect.stringContaining('must not be null'),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('keeps the codes that are there', () => {
    const error = new GraphQLError('Send a query.', { extensions: { code: 'BAD_REQUEST' } });
    expect(toPublicError(error, 'r').error.extensions).toEqual({ code: 'BAD_REQUEST' });
  });
});
