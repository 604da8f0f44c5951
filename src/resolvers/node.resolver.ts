import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { InvalidInput } from '../errors';
import type { Context } from '../schema/context';
import { parseGlobalId } from '../schema/global-id';
import { loadNode, Node } from '../schema/node';
import { nullable } from '../schema/nullable';
import { Viewer } from '../schema/viewer';

const MAX_NODES = 100;

@Resolver()
export class NodeResolver {
  @Query(() => Node, nullable('Anything by its id; null when there is no such thing (any more).'))
  node(@Arg('id', () => ID, { description: 'Any id that this API gave.' }) id: string, @Ctx() ctx: Context) {
    const { kind, key } = parseGlobalId(id);
    return loadNode(ctx, kind, key);
  }

  @Query(() => [Node], {
    nullable: 'items',
    description: 'Many things by their ids, in that order; null for those that do not exist.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: `At most ${MAX_NODES} ids, of any kinds.` }) ids: string[],
    @Ctx() ctx: Context,
  ) {
    if (ids.length > MAX_NODES) throw new InvalidInput('ids', `${ids.length} ids are too many; at most ${MAX_NODES}`);
    const parsed = ids.map((id, index) => parseGlobalId(id, `ids.${index}`));
    return parsed.map(({ kind, key }) => loadNode(ctx, kind, key));
  }

  @Query(() => Viewer, { description: 'Who is asking, and with which rights.' })
  viewer(@Ctx() ctx: Context): Viewer {
    return { actor: ctx.actor.name, roles: ctx.actor.roles };
  }
}
