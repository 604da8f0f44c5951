import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import {
  CreateModelInput,
  DeleteModelInput,
  Model,
  ModelAlias,
  ModelConnection,
  ModelPayload,
  QualityPolicy,
  RestoreModelInput,
  SetQualityPolicyInput,
  UpdateModelInput,
} from '../schema/model';
import { ModelTransitionConnection } from '../schema/model-transition';
import { ModelVersion, ModelVersionConnection } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import {
  aliasesOfModel,
  latestVersionOf,
  productionVersionOf,
  transitionsOfModel,
  versionsOfModel,
} from './registry.loaders';
import { ModelSearchArgs } from '../schema/registry-search';
import { DateTime } from '../schema/scalars';
import type { ModelAsOf } from '../services/registry';

const isPast = (model: rows.Model | ModelAsOf): model is ModelAsOf => 'asOf' in model;

@Resolver(() => Model)
export class ModelResolver {
  @Query(() => Model, nullable('A model by its name; null when there is none.'))
  model(
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Arg(
      'asOf',
      () => DateTime,
      nullable(
        'Answers production, latestVersion, versions (with their stages) and transitions as they were at this moment; null before the model was ' +
          'created and while it was deleted. Names, descriptions, owner, tags, aliases, policies and revisions are those of today: auditEntries tells ' +
          'what they were.',
      ),
    )
    asOf: Date | null | undefined,
    @Ctx() ctx: Context,
  ) {
    return asOf ? ctx.services.modelHistory.find(name, asOf) : ctx.services.models.find(name);
  }

  @Query(() => ModelConnection, { description: 'All models, or those that a filter lets through, by name.' })
  async models(@Args(() => ModelSearchArgs) args: ModelSearchArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.search.models(args));
  }

  @Query(() => ModelConnection, { description: 'Models that restoreModel can bring back, last deleted first.' })
  async deletedModels(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.registry.listDeletedModels(args));
  }

  @Mutation(() => ModelPayload, { description: 'Creates a model. Its versions come with registerModelVersion.' })
  async createModel(
    @Arg('input', () => CreateModelInput, { description: 'The model.' }) input: CreateModelInput,
    @Ctx() ctx: Context,
  ) {
    return { model: await ctx.services.models.create(input, ctx.actor) };
  }

  @Mutation(() => ModelPayload, { description: 'Changes name, description, owner or tags of a model.' })
  async updateModel(
    @Arg('input', () => UpdateModelInput, { description: 'The change.' }) input: UpdateModelInput,
    @Ctx() ctx: Context,
  ) {
    return { model: await ctx.services.models.update(input, ctx.actor) };
  }

  @Mutation(() => ModelPayload, {
    description: 'Sets what the quality gate asks of coming submissions. Versions that passed stay.',
  })
  async setQualityPolicy(
    @Arg('input', () => SetQualityPolicyInput, { description: 'The policy.' }) input: SetQualityPolicyInput,
    @Ctx() ctx: Context,
  ) {
    return { model: await ctx.services.models.update(input, ctx.actor) };
  }

  @Mutation(() => ModelPayload, {
    description:
      'Takes a model and its versions out of sight and frees its name and aliases; refused while a version is in production. restoreModel brings it back.',
  })
  async deleteModel(
    @Arg('input', () => DeleteModelInput, { description: 'The model.' }) input: DeleteModelInput,
    @Ctx() ctx: Context,
  ) {
    return { model: await ctx.services.models.delete(input, ctx.actor) };
  }

  @Mutation(() => ModelPayload, { description: 'Brings a deleted model back, with its versions but not its aliases.' })
  async restoreModel(
    @Arg('input', () => RestoreModelInput, { description: 'The model.' }) { id, name }: RestoreModelInput,
    @Ctx() ctx: Context,
  ) {
    return { model: await ctx.services.models.restore({ id: fromGlobalId(id, 'Model', 'input.id'), name }, ctx.actor) };
  }

  @FieldResolver(() => QualityPolicy, { description: 'What the quality gate asks of its submissions.' })
  qualityPolicy(@Root() { qualityPolicy }: rows.Model) {
    return { ...qualityPolicy, requiredTags: qualityPolicy.requiredTags ?? [] };
  }

  @FieldResolver(() => [ModelAlias], { description: 'Its aliases, by name.' })
  aliases(@Root() model: rows.Model, @Ctx() ctx: Context) {
    return aliasesOfModel(ctx).load(model.id);
  }

  @FieldResolver(() => DateTime, nullable('The moment that was asked for; null: now.'))
  asOf(@Root() model: rows.Model | ModelAsOf): Date | null {
    return isPast(model) ? model.asOf : null;
  }

  @FieldResolver(() => ModelVersion, nullable('The version that answers predictions; null when there is none.'))
  production(@Root() model: rows.Model | ModelAsOf, @Ctx() ctx: Context) {
    if (isPast(model)) return ctx.services.modelHistory.production(model);
    return productionVersionOf(ctx).load(model.id);
  }

  @FieldResolver(() => ModelVersion, nullable('The version with the highest number; null when there is none.'))
  latestVersion(@Root() model: rows.Model | ModelAsOf, @Ctx() ctx: Context) {
    if (isPast(model)) return ctx.services.modelHistory.latestVersion(model);
    return latestVersionOf(ctx).load(model.id);
  }

  @FieldResolver(() => ModelVersionConnection, { description: 'Its versions, newest first.' })
  async versions(
    @Root() model: rows.Model | ModelAsOf,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    if (isPast(model)) return toConnection(await ctx.services.modelHistory.versions(model, args));
    return toConnection(await versionsOfModel(ctx, model.id, args));
  }

  @FieldResolver(() => ModelTransitionConnection, {
    description: 'Every move of its versions between stages, newest first.',
  })
  async transitions(
    @Root() model: rows.Model | ModelAsOf,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    if (isPast(model)) return toConnection(await ctx.services.modelHistory.transitions(model, args));
    return toConnection(await transitionsOfModel(ctx, model.id, args));
  }
}
