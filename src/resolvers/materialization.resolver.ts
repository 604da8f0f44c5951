import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { FeatureView } from '../schema/feature-view';
import { MaterializationJob } from '../schema/job';
import { MaterializedView, MaterializeFeaturesInput, MaterializeFeaturesPayload } from '../schema/materialization';
import type { MaterializationJobInput } from '../services/features';
import { featureViewById, featureViewOfVersion, materializationRunsOfJob } from './feature-view.loaders';

@Resolver(() => MaterializationJob)
export class MaterializationResolver {
  @Mutation(() => MaterializeFeaturesPayload, {
    description:
      'Copies what was ingested since the last time to the online store, late data and corrections included. A blocking quality rule that fails stops it.',
  })
  async materializeFeatures(
    @Arg('input', () => MaterializeFeaturesInput) input: MaterializeFeaturesInput,
    @Ctx() ctx: Context,
  ) {
    return { job: await ctx.services.materialization.materialize(input, ctx.actor) };
  }

  @FieldResolver(() => [FeatureView], { description: 'The views that it materializes.' })
  views(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return featureViewById(ctx).loadMany((job.input as unknown as MaterializationJobInput).viewIds);
  }

  @FieldResolver(() => [MaterializedView], {
    description: 'What it has written, view by view; a view that it did not get through is missing.',
  })
  results(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return materializationRunsOfJob(ctx).load(job.id);
  }
}

@Resolver(() => MaterializedView)
export class MaterializedViewResolver {
  @FieldResolver(() => FeatureView, { description: 'The view.' })
  view(@Root() run: rows.MaterializationRun, @Ctx() ctx: Context) {
    return featureViewOfVersion(ctx).load(run.featureViewVersionId);
  }
}
