import { Arg, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { Deployment } from '../schema/deployment';

@Resolver(() => Deployment)
export class DeploymentResolver {
  @Query(() => Deployment, { description: 'What answers for a model now.' })
  async deployment(
    @Arg('model', () => String, { description: 'Name of the model.' }) name: string,
    @Ctx() ctx: Context,
  ) {
    const model = await ctx.services.models.get(name);
    return { model, primary: await ctx.services.versions.production(model.id) };
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether that version is in this server’s memory. The first prediction loads it.',
  })
  loaded(@Root() { primary }: { readonly primary: rows.ModelVersion | null }, @Ctx() ctx: Context) {
    return primary !== null && ctx.services.serving.isLoaded(primary.id);
  }

  @FieldResolver(() => Float, { description: 'How many predictions of that version are in the log.' })
  predictionCount(@Root() { primary }: { readonly primary: rows.ModelVersion | null }, @Ctx() ctx: Context) {
    return primary === null ? 0 : ctx.services.predictions.count(primary.id);
  }
}
