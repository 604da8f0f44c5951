import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { ApplyEntityInput, ApplyEntityPayload, FeatureEntity, FeatureEntityConnection } from '../schema/feature-entity';

@Resolver(() => FeatureEntity)
export class FeatureEntityResolver {
  @Query(() => FeatureEntityConnection, { description: 'All entities, by name.' })
  async entities(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.entities.list(args));
  }

  @Mutation(() => ApplyEntityPayload, { description: 'Makes an entity, or changes it.' })
  async applyEntity(@Arg('input', () => ApplyEntityInput) input: ApplyEntityInput, @Ctx() ctx: Context) {
    return { entity: await ctx.services.entities.apply(input, ctx.actor) };
  }
}
