import 'reflect-metadata';
import { type GraphQLSchema, isInputObjectType, getNamedType, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { RESOLVERS } from '../resolvers';
import { checkConnectionArgs, ConnectionArgs } from '../schema/connection';
import { resolveNodeIds } from './resolve-node-ids';
import { wrapMutations } from './wrap-mutations';

/** type-graphql insists on one. Every subscription of ours has its own `subscribe`: type-graphql's pub/sub ends the process when a queue overflows. */
const NO_PUB_SUB: PubSub = {
  publish: () => {
    throw new Error('Events go through the outbox');
  },
  subscribe: () => {
    throw new Error('Subscriptions name their own source: @Subscription({ subscribe })');
  },
};

/** The executable schema: what the decorators say, and what holds for all of it. */
export function buildApiSchema(resolvers: NonEmptyArray<NewableFunction> = RESOLVERS): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    pubSub: NO_PUB_SUB,
    // Services check their input, and say in their errors what is wrong; this checks what never reaches them.
    validateFn: (value: unknown) => {
      if (value instanceof ConnectionArgs) checkConnectionArgs(value);
    },
  });
  wrapMutations(schema);
  resolveNodeIds(schema);
  describeInputs(schema);
  return schema;
}

/** The SDL as it is committed: sorted, so that it changes only where the API does. */
export const printApiSchema = (): string => `${printSchema(lexicographicSortSchema(buildApiSchema()))}\n`;

/** An argument `input` means what its type says. */
function describeInputs(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    for (const argument of field.args) {
      const type = getNamedType(argument.type);
      if (isInputObjectType(type)) argument.description ??= type.description;
    }
  }
}
