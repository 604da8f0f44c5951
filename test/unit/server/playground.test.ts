import { getVariableValues, Kind, parse, validate } from 'graphql';
import { buildApiSchema } from '../../../src/server/build-schema';
import { VALIDATION_RULES } from '../../../src/server/limits';
import { PLAYGROUND_EXAMPLES } from '../../../src/server/playground-examples';

const schema = buildApiSchema();

describe('the examples of the playground', () => {
  it.each(PLAYGROUND_EXAMPLES.map((example) => [example.name, example] as const))(
    '"%s" is valid, with its variables',
    (_name, { query, variables }) => {
      const document = parse(query);
      expect(validate(schema, document, VALIDATION_RULES)).toEqual([]);
      const [operation] = document.definitions;
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('not an operation');
      expect(getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}).errors).toBeUndefined();
    },
  );

  it('show each kind of operation', () => {
    const kinds = PLAYGROUND_EXAMPLES.flatMap(({ query }) =>
      parse(query).definitions.map((definition) => ('operation' in definition ? definition.operation : null)),
    );
    expect(new Set(kinds)).toEqual(new Set(['query', 'mutation', 'subscription']));
  });
});
