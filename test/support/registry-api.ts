import { graphql } from 'graphql';
import type { Context, Services } from '../../src/schema/context';
import { buildApiSchema } from '../../src/server/build-schema';
import { engineer, type RegistryFixture } from './registry-fixture';

const schema = buildApiSchema();

/** Runs a query on a registry as one operation, without a server. @returns what it answers, and the messages of its errors */
export async function askRegistry(
  registry: RegistryFixture,
  source: string,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<{ data: unknown; errors: string[] }> {
  const { reader, ...services } = registry;
  const contextValue: Context = {
    actor: engineer,
    requestId: 'request-1',
    services: { ...services, registry: reader } as unknown as Services,
    loaders: new Map(),
    signal: new AbortController().signal,
  };
  const { data, errors = [] } = await graphql({ schema, source, variableValues, contextValue });
  return { data, errors: errors.map(({ message }) => message) };
}
