import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { FeatureServiceVersion, ModelVersion } from '../entities';
import type { Context } from '../schema/context';
import { LineageDirection } from '../schema/feature-enums';
import { type NodeKind, parseGlobalId, toGlobalId } from '../schema/global-id';
import { LineageGraph, type LineageNode } from '../schema/lineage';
import { loadNode } from '../schema/node';
import { featureServiceById } from './feature-service.loaders';
import { modelById } from './registry.loaders';

@Resolver()
export class LineageResolver {
  @Query(() => LineageGraph, {
    description:
      'What something was made of, or what was made of it: feature views, services, datasets, training runs, versions, reports.',
  })
  async lineage(
    @Arg('id', () => ID, { description: 'Where to start: any id that this API gave.' }) id: string,
    @Arg('direction', () => LineageDirection, { description: 'Which way to walk.' })
    direction: 'UPSTREAM' | 'DOWNSTREAM',
    @Arg('depth', () => Int, { description: 'How many steps, 1 to 20.', defaultValue: 3 }) depth: number,
    @Ctx() ctx: Context,
  ): Promise<LineageGraph> {
    const { kind, key } = parseGlobalId(id);
    const { nodes, edges } = await ctx.services.lineage.walk(`${kind}:${key}`, direction, depth);
    return {
      nodes: await Promise.all(nodes.map((node) => describeNode(ctx, node))),
      edges: edges.map(({ from, to }) => ({ fromId: globalIdOf(from), toId: globalIdOf(to) })),
    };
  }
}

/** Nodes of the edge table are 'Kind:uuid', as in global ids. */
function split(node: string): { kind: NodeKind; key: string } {
  const [kind, key] = node.split(':');
  return { kind: kind as NodeKind, key };
}

function globalIdOf(node: string): string {
  const { kind, key } = split(node);
  return toGlobalId(kind, key);
}

async function describeNode(ctx: Context, node: string): Promise<LineageNode> {
  const { kind, key } = split(node);
  const row = await loadNode(ctx, kind, key);
  return { id: toGlobalId(kind, key), kind, name: row ? await nameOf(ctx, kind, row) : `${kind} ${key}` };
}

async function nameOf(ctx: Context, kind: NodeKind, row: object): Promise<string> {
  if (kind === 'ModelVersion') {
    const { modelId, version } = row as ModelVersion;
    return `${(await modelById(ctx).load(modelId))?.name ?? ''} ${version}`;
  }
  if (kind === 'FeatureServiceVersion') {
    const { featureServiceId, version } = row as FeatureServiceVersion;
    return `${(await featureServiceById(ctx).load(featureServiceId))?.name ?? ''} ${version}`;
  }
  const { name, createdAt } = row as { name?: string; createdAt?: Date };
  return name ?? `${kind} of ${createdAt?.toISOString() ?? 'unknown time'}`;
}
