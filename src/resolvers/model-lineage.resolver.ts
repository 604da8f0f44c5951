import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { Dataset } from '../schema/dataset';
import { FeatureServiceVersion } from '../schema/feature-service';
import { ModelSubmission } from '../schema/model-submission';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { TrainingRun } from '../schema/training-run';
import { datasetById } from './dataset.loaders';
import { featureServiceVersionById } from './feature-service.loaders';
import { trainingRunById } from './training.loaders';

/** What a version was made of. */
@Resolver(() => ModelVersion)
export class ModelVersionLineageResolver {
  @FieldResolver(() => TrainingRun, nullable('The run that trained it.'))
  trainingRun(@Root() { trainingRunId }: rows.ModelVersion, @Ctx() ctx: Context) {
    return trainingRunId === null ? null : trainingRunById(ctx).load(trainingRunId);
  }

  @FieldResolver(() => Dataset, nullable('The dataset that it was trained on.'))
  dataset(@Root() { datasetId }: rows.ModelVersion, @Ctx() ctx: Context) {
    return datasetId === null ? null : datasetById(ctx).load(datasetId);
  }

  @FieldResolver(() => FeatureServiceVersion, nullable('The feature service version that feeds it.'))
  featureService(@Root() { featureServiceVersionId }: rows.ModelVersion, @Ctx() ctx: Context) {
    return featureServiceVersionId === null ? null : featureServiceVersionById(ctx).load(featureServiceVersionId);
  }
}

/** What a submission was made of. */
@Resolver(() => ModelSubmission)
export class ModelSubmissionLineageResolver {
  @FieldResolver(() => TrainingRun, nullable('The run that trained it.'))
  trainingRun(@Root() { trainingRunId }: rows.ModelSubmission, @Ctx() ctx: Context) {
    return trainingRunId === null ? null : trainingRunById(ctx).load(trainingRunId);
  }

  @FieldResolver(() => Dataset, nullable('The dataset that it was trained on.'))
  dataset(@Root() { datasetId }: rows.ModelSubmission, @Ctx() ctx: Context) {
    return datasetId === null ? null : datasetById(ctx).load(datasetId);
  }
}
