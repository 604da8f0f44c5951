import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import {
  PredictBatchInput,
  PredictBatchPayload,
  PredictInput,
  Prediction,
  PredictionConnection,
  PredictionFilterArgs,
  PredictionOutcome,
  PredictPayload,
  RecordOutcomesInput,
  RecordOutcomesPayload,
  ServedFeature,
} from '../schema/prediction';
import { toUserError } from '../schema/user-error';
import { outcomeOf } from './prediction.loaders';
import { modelById, modelVersionById } from './registry.loaders';

@Resolver(() => Prediction)
export class PredictionResolver {
  @Query(() => PredictionConnection, {
    description: 'The prediction log of a model, newest first, as far back as predictions are kept.',
  })
  async predictions(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Args(() => PredictionFilterArgs) { version, ...filter }: PredictionFilterArgs,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    const { models, versions, predictions } = ctx.services;
    const made =
      version == null
        ? { modelId: await models.idOf(model), modelVersionId: null }
        : await versions
            .select({ model, version, stage: null, alias: null })
            .then(({ modelVersion: { modelId, id } }) => ({ modelId, modelVersionId: id }));
    return toConnection(await predictions.list({ ...filter, ...made }, args));
  }

  @Mutation(() => PredictPayload, {
    description:
      'Asks a model about one entity, or about features that you give. It is a mutation because it writes the log; several in one request run one after ' +
      'the other, so use predictBatch for many.',
  })
  async predict(
    @Arg('input', () => PredictInput, { description: 'The question.' }) input: PredictInput,
    @Ctx() ctx: Context,
  ) {
    return { prediction: await ctx.services.serving.predict(input, ctx.actor) };
  }

  @Mutation(() => PredictBatchPayload, { description: 'Asks a model about up to 1,000 entities or rows at once.' })
  async predictBatch(
    @Arg('input', () => PredictBatchInput, { description: 'The question.' }) input: PredictBatchInput,
    @Ctx() ctx: Context,
  ) {
    const results = await ctx.services.serving.predictBatch(input, ctx.actor);
    return {
      results: results.map(({ prediction, error }) => ({ prediction, errors: error ? [toUserError(error)] : [] })),
    };
  }

  @Mutation(() => RecordOutcomesPayload, {
    description:
      'Records what truly happened after predictions: the labels by which concept drift is seen. Predictions are named by id, or by entity and time. What ' +
      'is new or changed is told as the event OUTCOMES_RECORDED.',
  })
  async recordOutcomes(
    @Arg('input', () => RecordOutcomesInput, { description: 'The outcomes.' }) input: RecordOutcomesInput,
    @Ctx() ctx: Context,
  ) {
    const outcomes = input.outcomes.map((outcome, index) => ({
      ...outcome,
      predictionId:
        outcome.predictionId == null
          ? null
          : fromGlobalId(outcome.predictionId, 'Prediction', `input.outcomes.${index}.predictionId`),
    }));
    return { recordedCount: await ctx.services.outcomes.record(outcomes, ctx.actor) };
  }

  @FieldResolver(() => Model, { description: 'The model that was asked.' })
  model(@Root() prediction: rows.Prediction, @Ctx() ctx: Context) {
    return modelById(ctx).load(prediction.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version that answered.' })
  modelVersion(@Root() prediction: rows.Prediction, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(prediction.modelVersionId);
  }

  @FieldResolver(() => [ServedFeature], { description: 'The features as they were served.' })
  features(@Root() { features, featureStatuses }: rows.Prediction): ServedFeature[] {
    return Object.entries(features).map(([name, value]) => ({
      name,
      value,
      status: featureStatuses[name] ?? 'PRESENT',
    }));
  }

  @FieldResolver(() => PredictionOutcome, nullable('What truly happened; null until it is recorded.'))
  outcome(@Root() prediction: rows.Prediction, @Ctx() ctx: Context) {
    return outcomeOf(ctx).load(prediction.id);
  }
}
