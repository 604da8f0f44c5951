import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { CompactFeaturesInput, CompactFeaturesPayload } from '../schema/compaction';
import type { Context } from '../schema/context';
import { FeatureView } from '../schema/feature-view';
import { FeatureCompactionJob } from '../schema/job';
import type { CompactionJobInput } from '../services/features';
import { featureViewById } from './feature-view.loaders';

@Resolver(() => FeatureCompactionJob)
export class CompactionResolver {
  @Mutation(() => CompactFeaturesPayload, {
    description:
      'Makes few large files of the many small ones that views have after many ingests; the server does the same by itself every hour, more sparingly. ' +
      'Datasets, materializations and statistics come out the same.',
  })
  async compactFeatures(@Arg('input', () => CompactFeaturesInput) input: CompactFeaturesInput, @Ctx() ctx: Context) {
    return { job: await ctx.services.compaction.compact(input, ctx.actor) };
  }

  @FieldResolver(() => [FeatureView], { description: 'The views that it compacts.' })
  views(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return featureViewById(ctx).loadMany((job.input as unknown as CompactionJobInput).viewIds);
  }
}
