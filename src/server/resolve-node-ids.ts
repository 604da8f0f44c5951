import { isObjectType, type GraphQLSchema } from 'graphql';
import { NODE_KINDS, toGlobalId } from '../schema/global-id';
import { loadableKinds } from '../schema/node';

/**
 * Puts global ids in the place of the rows' uuids, for every type that implements Node.
 * @throws Error at start when such a type is of no known kind, or `node(id)` could not load it
 */
export function resolveNodeIds(schema: GraphQLSchema): void {
  const loadable = loadableKinds();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const interfaces = type.getInterfaces().map(({ name }) => name);
    if (!interfaces.includes('Node')) continue;
    const kind = NODE_KINDS.find((name) => name === (interfaces.includes('Job') ? 'Job' : type.name));
    if (!kind) throw new Error(`${type.name} implements Node but is none of NODE_KINDS (schema/global-id.ts)`);
    if (!loadable.includes(kind)) throw new Error(`${type.name} implements Node but has no defineNodeLoader`);
    type.getFields().id.resolve = (row: { id: string }) => toGlobalId(kind, row.id);
  }
}
