import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ColumnStatistics } from '../schema/column-statistics';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import {
  CreateDatasetInput,
  CreateDatasetPayload,
  Dataset,
  DatasetColumn,
  DatasetConnection,
  DatasetSplit,
} from '../schema/dataset';
import { FeatureServiceVersion } from '../schema/feature-service';
import { fromGlobalId } from '../schema/global-id';
import { DatasetJob, Job, jobSubject } from '../schema/job';
import { nullable } from '../schema/nullable';
import { DateTime, FeatureRow } from '../schema/scalars';
import { datasetById } from './dataset.loaders';
import { featureServiceVersionById } from './feature-service.loaders';
import { jobById } from './job.loaders';

@Resolver(() => Dataset)
export class DatasetResolver {
  @Query(() => Dataset, nullable('A dataset by its id; null when there is none.'))
  dataset(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() ctx: Context) {
    return datasetById(ctx).load(fromGlobalId(id, 'Dataset'));
  }

  @Query(() => DatasetConnection, { description: 'All datasets, newest first.' })
  async datasets(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.datasets.list(args));
  }

  @Mutation(() => CreateDatasetPayload, {
    description: 'Builds a dataset of what has been ingested so far, by point-in-time join.',
  })
  createDataset(@Arg('input', () => CreateDatasetInput) input: CreateDatasetInput, @Ctx() ctx: Context) {
    return ctx.services.datasets.create(input, ctx.actor);
  }

  @FieldResolver(() => FeatureServiceVersion, { description: 'The features that it takes.' })
  featureService(@Root() dataset: rows.Dataset, @Ctx() ctx: Context) {
    return featureServiceVersionById(ctx).load(dataset.featureServiceVersionId);
  }

  @FieldResolver(() => String, { description: 'Name of the view whose rows it is about.' })
  labelView(@Root() { definition }: rows.Dataset): string {
    return definition.labelView;
  }

  @FieldResolver(() => String, { description: 'The field that is to be predicted.' })
  labelField(@Root() { definition }: rows.Dataset): string {
    return definition.labelField;
  }

  @FieldResolver(() => DateTime, nullable('Rows from this eventTimestamp on were asked for.'))
  from(@Root() { definition }: rows.Dataset): Date | null {
    return definition.from === null ? null : new Date(definition.from);
  }

  @FieldResolver(() => DateTime, nullable('Rows up to this eventTimestamp were asked for.'))
  to(@Root() { definition }: rows.Dataset): Date | null {
    return definition.to === null ? null : new Date(definition.to);
  }

  @FieldResolver(() => DatasetSplit, { description: 'How rows were divided.' })
  split(@Root() { definition }: rows.Dataset): DatasetSplit {
    return definition.split;
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the leakage cutoff was asked for; warnings say where it had no effect.',
  })
  leakageCutoff(@Root() { definition }: rows.Dataset): boolean {
    return definition.leakageCutoff;
  }

  @FieldResolver(() => [DatasetColumn], { description: 'Its columns in order; empty until it is ready.' })
  columns(@Root() dataset: rows.Dataset): readonly DatasetColumn[] {
    return dataset.columns ?? [];
  }

  @FieldResolver(() => [ColumnStatistics], {
    description: 'One per feature, and one of the label; empty until it is ready.',
  })
  statistics(@Root() dataset: rows.Dataset): readonly ColumnStatistics[] {
    return dataset.statistics ?? [];
  }

  @FieldResolver(() => [FeatureRow], { description: 'Its first rows; none until it is ready.' })
  preview(
    @Arg('first', () => Int, { description: 'How many, 1 to 100.', defaultValue: 10 }) first: number,
    @Root() dataset: rows.Dataset,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.datasets.preview(dataset, first);
  }

  @FieldResolver(
    () => String,
    nullable(
      'GET its Parquet file from there, within 15 minutes; null until it is ready. It begins at the server’s root: put the address of this server before ' +
        'it. It is signed and asks for no token, so keep it to yourself.',
    ),
  )
  downloadUrl(@Root() dataset: rows.Dataset, @Ctx() ctx: Context): string | null {
    return ctx.services.datasetDownloads.url(dataset, ctx.actor);
  }

  @FieldResolver(() => Job, { description: 'The job that builds it.' })
  job(@Root() dataset: rows.Dataset, @Ctx() ctx: Context) {
    return jobById(ctx).load(dataset.jobId);
  }
}

@Resolver(() => DatasetJob)
export class DatasetJobResolver {
  @FieldResolver(() => Dataset, nullable('The dataset that it builds.'))
  dataset(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return datasetById(ctx).load(jobSubject(job));
  }
}
