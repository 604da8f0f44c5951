import { graphql } from 'graphql';
import type { Context, Services } from '../../src/schema/context';
import { buildApiSchema } from '../../src/server/build-schema';
import type { Actor } from '../../src/services/identity';

const schema = buildApiSchema();

/**
 * Executes an operation over the services that it needs, without a server.
 * @returns its data
 * @throws the first error that a client would be told
 */
export async function executeOperation<Data>(
  services: Partial<Services>,
  actor: Actor,
  source: string,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<Data> {
  const contextValue: Context = {
    actor,
    requestId: actor.requestId,
    services: services as Services,
    loaders: new Map(),
    signal: new AbortController().signal,
  };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  if (errors) throw errors[0];
  // GraphQL's objects have no prototype, which toEqual minds.
  return JSON.parse(JSON.stringify(data)) as Data;
}
