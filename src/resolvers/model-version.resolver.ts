import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { Stage } from '../schema/enums';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { ModelComparison } from '../schema/model-comparison';
import { ModelExperiment } from '../schema/model-experiment';
import { Metric, ModelSubmission } from '../schema/model-submission';
import { ModelTransitionConnection, ModelVersionRegisteredEvent } from '../schema/model-transition';
import { ArtifactRef, ModelVersion, ModelVersionConnection, Param } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { ModelVersionSearchArgs } from '../schema/registry-search';
import type { MooringEvent } from '../services/events';
import {
  artifactByDigest,
  experimentsOf,
  metricsOf,
  modelById,
  modelSubmissionById,
  modelVersionById,
  paramsOf,
  transitionsOfVersion,
} from './registry.loaders';

const MODEL_NAME = { description: 'Name of the model.' };

@Resolver(() => ModelVersion)
export class ModelVersionResolver {
  @Query(
    () => ModelVersion,
    nullable('One version of a model, by exactly one of number, stage and alias; null when there is none.'),
  )
  modelVersion(
    @Arg('model', () => String, MODEL_NAME) model: string,
    @Arg('version', () => Int, nullable('Its number.')) version: number | null,
    @Arg('stage', () => Stage, nullable('The highest version in this stage.')) stage: rows.Stage | null,
    @Arg('alias', () => String, nullable('The version that this alias points to.')) alias: string | null,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.versions.find({ model, version, stage, alias });
  }

  @Query(() => ModelVersionConnection, {
    description: 'Versions of one model or of all, those that a filter lets through, newest first.',
  })
  async modelVersions(@Args(() => ModelVersionSearchArgs) args: ModelVersionSearchArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.search.versions(args));
  }

  @Query(() => ModelComparison, { description: 'From 2 to 20 versions side by side; they may be of different models.' })
  async compareModelVersions(
    @Arg('ids', () => [ID], { description: 'Ids of the versions.' }) ids: string[],
    @Arg('baseline', () => ID, nullable('Which of them deltas are against; the first where absent.'))
    baseline: string | null | undefined,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.registry.compare(
      ids.map((id, index) => fromGlobalId(id, 'ModelVersion', `ids.${index}`)),
      baseline == null ? null : fromGlobalId(baseline, 'ModelVersion', 'baseline'),
    );
  }

  @Subscription(() => ModelVersionRegisteredEvent, {
    description: 'New versions, as they pass the quality gate.',
    subscribe: async ({
      args,
      context,
    }: {
      args: { model?: string | null; after?: string | null };
      context: Context;
    }) =>
      context.services.events.subscribe({
        types: ['MODEL_VERSION_REGISTERED'],
        modelId: args.model == null ? null : await context.services.models.idOf(args.model),
        after: args.after ?? null,
      }),
  })
  async modelVersionRegistered(
    @Arg('model', () => String, nullable('Only of this model.')) _model: string | null,
    @Arg('after', () => String, nullable('Replay what came after this cursor first; null for "from now".'))
    _after: string | null,
    @Root() event: MooringEvent<'MODEL_VERSION_REGISTERED'>,
    @Ctx() ctx: Context,
  ) {
    return { cursor: event.cursor, event: await modelVersionById(ctx).load(event.payload.modelVersionId) };
  }

  @FieldResolver(() => Model, { description: 'The model that it is a version of.' })
  model(@Root() version: rows.ModelVersion, @Ctx() ctx: Context) {
    return modelById(ctx).load(version.modelId);
  }

  @FieldResolver(() => Boolean, { description: 'Whether it can answer predictions.' })
  servable(@Root() version: rows.ModelVersion): boolean {
    return version.notServableReason === null;
  }

  @FieldResolver(() => [Metric], { description: 'Its figures, by name.' })
  metrics(@Root() version: rows.ModelVersion, @Ctx() ctx: Context) {
    return metricsOf(ctx).load(version.id);
  }

  @FieldResolver(() => [Param], { description: 'What it was trained with, by name.' })
  params(@Root() version: rows.ModelVersion, @Ctx() ctx: Context) {
    return paramsOf(ctx).load(version.id);
  }

  @FieldResolver(() => ModelSubmission, {
    description: 'The submission that became this version, with the checks it passed.',
  })
  submission(@Root() version: rows.ModelVersion, @Ctx() ctx: Context) {
    return modelSubmissionById(ctx).load(version.submissionId);
  }

  @FieldResolver(() => [ArtifactRef], { description: 'Its stored bytes.' })
  async artifacts(@Root() version: rows.ModelVersion, @Ctx() ctx: Context): Promise<ArtifactRef[]> {
    const roles = {
      MODEL: version.modelDigest,
      PREPROCESSING: version.preprocessingDigest,
      REFERENCE_PROFILE: version.referenceProfileDigest,
      EVALUATION_REPORT: version.evaluationReportDigest,
    };
    const stored = Object.entries(roles).filter((entry): entry is [string, string] => entry[1] !== null);
    const artifacts = await artifactByDigest(ctx).loadMany(stored.map(([, digest]) => digest));
    return stored.map(([role, digest], index) => ({ ...(artifacts[index] as rows.Artifact), role, digest }));
  }

  @FieldResolver(() => ModelTransitionConnection, { description: 'Its moves between stages, newest first.' })
  async transitions(
    @Root() version: rows.ModelVersion,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await transitionsOfVersion(ctx, version.id, args));
  }

  @FieldResolver(() => [ModelExperiment], { description: 'The MLflow runs that it is linked to.' })
  experiments(@Root() version: rows.ModelVersion, @Ctx() ctx: Context) {
    return experimentsOf(ctx).load(version.id);
  }
}
