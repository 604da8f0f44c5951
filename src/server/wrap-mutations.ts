import { getNamedType, isNonNullType, isObjectType, type GraphQLSchema } from 'graphql';
import { InvalidInputs } from '../errors';
import type { Context } from '../schema/context';
import { toUserError } from '../schema/user-error';
import { domainErrorOf } from './public-error';

/**
 * Wraps every mutation of the schema, so that none can be forgotten: a correctable DomainError becomes the payload's userErrors (its other
 * fields are then null), everything else stays a top-level error.
 * @throws Error at start when a payload has no userErrors, or a field that could not be null
 */
export function wrapMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const payload = getNamedType(field.type);
    if (!isObjectType(payload) || !('userErrors' in payload.getFields()))
      throw new Error(`Mutation ${field.name}: its payload must extend MutationPayload`);
    for (const { name, type } of Object.values(payload.getFields())) {
      if (name !== 'userErrors' && isNonNullType(type)) throw new Error(`${payload.name}.${name} must be nullable`);
    }
    const { resolve } = field;
    if (!resolve) throw new Error(`Mutation ${field.name} has no resolver`);
    field.resolve = async (source, args, context: Context, info) => {
      try {
        return { ...((await resolve(source, args, context, info)) as object), userErrors: [] };
      } catch (error) {
        const cause = domainErrorOf(error);
        if (!cause?.correctable) throw error;
        return { userErrors: (cause instanceof InvalidInputs ? cause.all : [cause]).map(toUserError) };
      } finally {
        // What was loaded before this mutation, or by it before it wrote, is out of date for its answer and for the mutation after it.
        context.loaders.clear();
      }
    };
  }
}
