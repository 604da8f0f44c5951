import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ColumnStatistics } from '../schema/column-statistics';
import type { Context } from '../schema/context';
import { FeatureBatch, IngestFeaturesInput, IngestFeaturesPayload } from '../schema/feature-batch';
import { FeatureView } from '../schema/feature-view';
import { statisticsOfBatch } from './feature-batch.loaders';
import { featureViewOfVersion } from './feature-view.loaders';

@Resolver(() => FeatureBatch)
export class FeatureBatchResolver {
  @Mutation(() => IngestFeaturesPayload, {
    description:
      'Stores rows of features, all of them or none. When it answers they are durable, and datasets see them.',
  })
  async ingestFeatures(@Arg('input', () => IngestFeaturesInput) input: IngestFeaturesInput, @Ctx() ctx: Context) {
    return { batch: await ctx.services.ingest.ingest(input, ctx.actor) };
  }

  @FieldResolver(() => [ColumnStatistics], {
    description: 'What its fields hold, over all of its rows; computed from its file when it is asked for.',
  })
  statistics(@Root() batch: rows.FeatureBatch, @Ctx() ctx: Context) {
    return statisticsOfBatch(ctx).load(batch.id);
  }

  @FieldResolver(() => FeatureView, { description: 'The view that it belongs to.' })
  view(@Root() batch: rows.FeatureBatch, @Ctx() ctx: Context) {
    return featureViewOfVersion(ctx).load(batch.featureViewVersionId);
  }
}
