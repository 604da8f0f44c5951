import { buildSchema, graphql, type GraphQLSchema } from 'graphql';
import { Forbidden, StaleRevision } from '../../../src/errors';
import { wrapMutations } from '../../../src/server/wrap-mutations';

const SDL = `
  type Query { x: Int }
  type UserError { code: String! message: String! field: [String!] }
  type RenamePayload { name: String userErrors: [UserError!]! }
  type Mutation { rename: RenamePayload! }
`;

function schemaWith(rename: () => unknown, sdl = SDL): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) field.resolve = rename;
  wrapMutations(schema);
  return schema;
}

const run = (schema: GraphQLSchema, loaders = new Map<object, unknown>()) =>
  graphql({
    schema,
    source: 'mutation { rename { name userErrors { code field message } } }',
    contextValue: { loaders },
  });

describe('mutations', () => {
  it('that succeed have no userErrors', async () => {
    await expect(run(schemaWith(() => ({ name: 'new' })))).resolves.toEqual({
      data: { rename: { name: 'new', userErrors: [] } },
    });
  });

  it('answer a correctable error as a userError, with everything else null', async () => {
    const stale = new StaleRevision('model', 1, 2);
    const fail = () => {
      throw stale;
    };
    await expect(run(schemaWith(fail))).resolves.toEqual({
      data: { rename: { name: null, userErrors: [{ code: 'STALE_REVISION', field: null, message: stale.message }] } },
    });
  });

  it('answer it so when it comes as a rejection, too', async () => {
    const result = await run(schemaWith(() => Promise.reject(new StaleRevision('model', 1, 2))));
    expect(result.errors).toBeUndefined();
  });

  it.each([
    ['one that no other input would mend', new Forbidden('ada', 'model.update', ['ADMIN'])],
    ['a fault', new Error('boom')],
  ])('leave %s a top-level error', async (_what, error) => {
    const { data, errors } = await run(schemaWith(() => Promise.reject(error)));
    expect(data).toBeNull();
    expect(errors?.[0]?.originalError).toBe(error);
  });

  it('forget what was loaded before them', async () => {
    const loaders = new Map<object, unknown>([[{}, 'stale']]);
    await run(
      schemaWith(() => ({ name: 'new' })),
      loaders,
    );
    expect(loaders.size).toBe(0);
  });

  it('without userErrors in their payload keep the server from starting', () => {
    const sdl = 'type Query { x: Int } type P { name: String } type Mutation { rename: P! }';
    expect(() => schemaWith(() => null, sdl)).toThrow('Mutation rename: its payload must extend MutationPayload');
  });

  it('with a payload field that could not be null keep the server from starting', () => {
    expect(() => schemaWith(() => null, SDL.replace('name: String u', 'name: String! u'))).toThrow(
      'RenamePayload.name must be nullable',
    );
  });
});
