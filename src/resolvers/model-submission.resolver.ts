import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { Metric, ModelSubmission, ModelSubmissionConnection } from '../schema/model-submission';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { HELD_OUT } from '../services/registry';
import { modelById, modelSubmissionById, versionOfSubmission } from './registry.loaders';

@Resolver(() => ModelSubmission)
export class ModelSubmissionResolver {
  @Query(() => ModelSubmission, nullable('A submission by its id; null when there is none.'))
  modelSubmission(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() ctx: Context) {
    return modelSubmissionById(ctx).load(fromGlobalId(id, 'ModelSubmission'));
  }

  @Query(() => ModelSubmissionConnection, {
    description: 'What was offered to a model’s quality gate, rejected ones included, newest first.',
  })
  async modelSubmissions(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.registry.listSubmissions(await ctx.services.models.idOf(model), args));
  }

  @FieldResolver(() => Model, { description: 'The model that it was offered to.' })
  model(@Root() submission: rows.ModelSubmission, @Ctx() ctx: Context) {
    return modelById(ctx).load(submission.modelId);
  }

  @FieldResolver(() => [Metric], { description: 'The figures that it was judged by.' })
  metrics(@Root() submission: rows.ModelSubmission): Metric[] {
    return Object.entries(submission.metrics).map(([name, value]) => ({ name, split: HELD_OUT, value }));
  }

  @FieldResolver(() => ModelVersion, nullable('The version that it became; null when it was rejected.'))
  modelVersion(@Root() submission: rows.ModelSubmission, @Ctx() ctx: Context) {
    return versionOfSubmission(ctx).load(submission.id);
  }
}
