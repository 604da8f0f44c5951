import 'reflect-metadata';
import { Field, ID, InterfaceType } from 'type-graphql';
import type { Context } from './context';
import { defineLoader, type Batch, type Loader } from './define-loader';
import type { NodeKind } from './global-id';

type TypeNameOf = (row: object) => string;

interface NodeSource {
  readonly loader: Loader<object | null>;
  readonly typeNameOf: TypeNameOf;
}

const sources = new Map<NodeKind, NodeSource>();

/** The GraphQL type of a row that node() loaded. Rows are plain table rows, which do not know it themselves. */
const typeNames = new WeakMap<object, string>();

@InterfaceType({
  description: 'Anything with an id that is unique over all kinds: `node(id:)` finds it again.',
  resolveType: (row: object) => typeNames.get(row),
})
export abstract class Node {
  /** Its value is put in by the schema itself (server/resolve-node-ids.ts): rows carry their bare uuid. */
  @Field(() => ID, { description: 'Opaque and unique over all kinds.' })
  id!: string;
}

/**
 * Declares how things of a kind are loaded by their uuid, for resolvers and for `node(id)` alike:
 *
 *     export const modelById = defineNodeLoader('Model', (ctx, ids) => ctx.services.registry.findByIds(ids));
 *
 * @param typeNameOf the GraphQL type of a row, where it is not simply the kind
 */
export function defineNodeLoader<Row extends { id: string }>(
  kind: NodeKind,
  batch: Batch<Row>,
  typeNameOf: (row: Row) => string = () => kind,
): Loader<Row | null> {
  const loader = defineLoader(batch, (row) => row.id);
  sources.set(kind, { loader, typeNameOf: typeNameOf as TypeNameOf });
  return loader;
}

/** Loads anything by kind and uuid; null when there is none. */
export async function loadNode(ctx: Context, kind: NodeKind, key: string): Promise<object | null> {
  const source = sources.get(kind);
  const row = (await source?.loader(ctx).load(key)) ?? null;
  if (source && row) typeNames.set(row, source.typeNameOf(row));
  return row;
}

/** The kinds that `node(id)` can find; a test holds it against the schema. */
export const loadableKinds = (): NodeKind[] => [...sources.keys()];
