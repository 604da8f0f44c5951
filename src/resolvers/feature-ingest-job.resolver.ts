import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { FeatureBatch, IngestFeatureFileInput, IngestFeatureFilePayload } from '../schema/feature-batch';
import { FeatureView } from '../schema/feature-view';
import { FeatureIngestJob, jobSubject } from '../schema/job';
import { nullable } from '../schema/nullable';
import { batchesOfJob } from './feature-batch.loaders';
import { featureViewById } from './feature-view.loaders';

@Resolver(() => FeatureIngestJob)
export class FeatureIngestJobResolver {
  @Mutation(() => IngestFeatureFilePayload, {
    description:
      'Ingests an uploaded CSV or Parquet file of any number of rows, by the rules of ingestFeatures: all of them or none. ' +
      'What is wrong with the file stands in the job’s `error`.',
  })
  async ingestFeatureFile(
    @Arg('input', () => IngestFeatureFileInput) input: IngestFeatureFileInput,
    @Ctx() ctx: Context,
  ) {
    return { job: await ctx.services.fileIngest.ingest(input, ctx.actor) };
  }

  @FieldResolver(() => FeatureView, nullable('The view that the rows are for.'))
  view(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return featureViewById(ctx).load(jobSubject(job));
  }

  @FieldResolver(() => [FeatureBatch], {
    description: 'What it has ingested: a batch for every 1,048,576 rows. Empty until it has succeeded.',
  })
  batches(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return batchesOfJob(ctx).load(job.id);
  }
}
