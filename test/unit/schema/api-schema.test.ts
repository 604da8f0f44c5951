import {
  type GraphQLField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import * as errors from '../../../src/errors';
import { NODE_KINDS } from '../../../src/schema/global-id';
import { buildApiSchema, printApiSchema } from '../../../src/server/build-schema';

const schema: GraphQLSchema = buildApiSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const isRoot = (name: string) => ['Query', 'Mutation', 'Subscription'].includes(name);

function undescribedParts(): string[] {
  const missing: string[] = [];
  const check = (place: string, { description }: { description?: string | null }) => {
    if (!description?.trim()) missing.push(place);
  };
  for (const type of types) {
    if (!isRoot(type.name)) check(type.name, type);
    if (isEnumType(type)) type.getValues().forEach((value) => check(`${type.name}.${value.name}`, value));
    if (isInputObjectType(type))
      Object.values(type.getFields()).forEach((field) => check(`${type.name}.${field.name}`, field));
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields() as Record<string, GraphQLField<unknown, unknown>>)) {
      check(`${type.name}.${field.name}`, field);
      field.args.forEach((argument) => check(`${type.name}.${field.name}(${argument.name})`, argument));
    }
  }
  return missing;
}

describe('the API schema', () => {
  it('describes every type, field, argument and enum value', () => {
    expect(undescribedParts()).toEqual([]);
  });

  it('has the root fields that are nobody’s domain', () => {
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(['node', 'nodes', 'viewer', 'job', 'events']),
    );
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(['cancelJob', 'createToken', 'revokeToken']),
    );
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(['events', 'jobProgressed']),
    );
  });

  it('gives every mutation one argument, input, and userErrors in its payload', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(
      mutations.filter(({ args }) => args.map(({ name }) => name).join() !== 'input').map(({ name }) => name),
    ).toEqual([]);
    expect(printApiSchema().match(/userErrors: \[UserError!\]!/g)).toHaveLength(
      types.filter(({ name }) => name.endsWith('Payload')).length,
    );
  });

  it('gives every connection the same four fields', () => {
    const connections = types.filter((type) => type.name.endsWith('Connection')).filter(isObjectType);
    expect(connections.length).toBeGreaterThan(0);
    for (const connection of connections)
      expect(Object.keys(connection.getFields()).sort()).toEqual(['edges', 'nodes', 'pageInfo', 'totalCount']);
  });

  it('names no kind of node that does not exist', () => {
    const missing = NODE_KINDS.filter((kind) => !schema.getType(kind));
    expect(missing).toEqual([]);
  });

  it('prints the same text every time', () => {
    expect(printApiSchema()).toBe(printApiSchema());
  });
});

describe('userErrors', () => {
  it('have a code for each correctable error, and none for the others', () => {
    const enumeration = schema.getType('UserErrorCode');
    const codes = isEnumType(enumeration) ? enumeration.getValues().map(({ name }) => name) : [];
    const made = (Object.values(errors) as unknown[])
      .filter(isDomainErrorClass)
      .map((Class) => Object.assign(Object.create(Class.prototype) as errors.DomainError, { code: codeOf(Class) }));
    expect(made.length).toBeGreaterThan(15);
    for (const error of made) expect([error.code, codes.includes(error.code)]).toEqual([error.code, error.correctable]);
  });
});

type DomainErrorClass = new (...args: never[]) => errors.DomainError;

const isDomainErrorClass = (value: unknown): value is DomainErrorClass =>
  typeof value === 'function' && value.prototype instanceof errors.DomainError;

/** Constructors differ in their arguments, and read nothing of them but their text. */
const codeOf = (Class: DomainErrorClass): errors.ErrorCode =>
  new Class(...(Array.from({ length: 4 }, () => []) as never[])).code;
