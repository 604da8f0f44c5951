import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { FeatureServiceVersion, ModelVersion } from '../entities';
import { InvalidInput } from '../errors';
import type { Context } from '../schema/context';
import { NODE_KINDS, type NodeKind, parseGlobalId, toGlobalId } from '../schema/global-id';
import { LineageArgs, LineageGraph, type LineageNode } from '../schema/lineage';
import { loadNode } from '../schema/node';
import { featureServiceById } from './feature-service.loaders';
import { modelById } from './registry.loaders';

@Resolver()
export class LineageResolver {
  @Query(() => LineageGraph, {
    description:
      'What something was made of, or what was made of it: feature views, services, datasets, training runs, versions, reports.',
  })
  async lineage(@Args(() => LineageArgs) args: LineageArgs, @Ctx() ctx: Context): Promise<LineageGraph> {
    const { id, kinds, ...walk } = args;
    const { kind, key } = parseGlobalId(id);
    const unknown = kinds?.find((one) => !NODE_KINDS.some((known) => known === one));
    if (unknown !== undefined)
      throw new InvalidInput('kinds', `${JSON.stringify(unknown)} is none of ${NODE_KINDS.join(', ')}`);
    const page = await ctx.services.lineage.walk({ ...walk, kinds, start: `${kind}:${key}` });
    return {
      nodes: await Promise.all(page.nodes.map(({ node, distance }) => describeNode(ctx, node, distance))),
      edges: page.edges.map(({ from, to }) => ({ fromId: globalIdOf(from), toId: globalIdOf(to) })),
      pageInfo: { hasNextPage: page.hasNextPage, endCursor: page.endCursor },
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

async function describeNode(ctx: Context, node: string, distance: number): Promise<LineageNode> {
  const { kind, key } = split(node);
  const row = await loadNode(ctx, kind, key);
  const name = row ? await nameOf(ctx, kind, row) : `${kind} ${key}`;
  return { id: toGlobalId(kind, key), kind, name, distance };
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
