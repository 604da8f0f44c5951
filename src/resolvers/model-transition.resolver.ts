import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import { Stage } from '../schema/enums';
import { Model } from '../schema/model';
import {
  ModelTransition,
  ModelTransitionConnection,
  ModelTransitionedEvent,
  TransitionInput,
  TransitionModelVersionPayload,
} from '../schema/model-transition';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import type { MooringEvent } from '../services/events';
import { modelById, modelTransitionById, modelVersionById } from './registry.loaders';

interface TransitionedArgs {
  readonly model?: string | null;
  readonly toStage?: rows.Stage | null;
  readonly after?: string | null;
}

@Resolver(() => ModelTransition)
export class ModelTransitionResolver {
  @Query(() => ModelTransitionConnection, {
    description: 'Every move of a model’s versions between stages, newest first.',
  })
  async modelTransitions(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(
      await ctx.services.registry.listTransitions({ modelId: await ctx.services.models.idOf(model) }, args),
    );
  }

  @Mutation(() => TransitionModelVersionPayload, {
    description:
      'Moves a version to another stage. A promotion to PRODUCTION archives the version that was there, in the same moment.',
  })
  transitionModelVersion(
    @Arg('input', () => TransitionInput, { description: 'The move.' }) input: TransitionInput,
    @Ctx() ctx: Context,
  ) {
    const { replaces } = input;
    const decidedAgainst =
      replaces == null ? {} : { replaces: fromGlobalId(replaces, 'ModelVersion', 'input.replaces') };
    return ctx.services.stages.transition({ ...input, ...decidedAgainst }, ctx.actor);
  }

  @Subscription(() => ModelTransitionedEvent, {
    description: 'Moves of versions between stages, as they happen.',
    subscribe: async ({ args, context }: { args: TransitionedArgs; context: Context }) =>
      context.services.events.subscribe({
        types: ['MODEL_TRANSITIONED'],
        modelId: args.model == null ? null : await context.services.models.idOf(args.model),
        after: args.after ?? null,
        filter: (event) =>
          args.toStage == null || (event as MooringEvent<'MODEL_TRANSITIONED'>).payload.toStage === args.toStage,
      }),
  })
  async modelTransitioned(
    @Arg('model', () => String, nullable('Only of this model.')) _model: string | null,
    @Arg('toStage', () => Stage, nullable('Only moves to this stage.')) _toStage: rows.Stage | null,
    @Arg('after', () => String, nullable('Replay what came after this cursor first; null for "from now".'))
    _after: string | null,
    @Root() event: MooringEvent<'MODEL_TRANSITIONED'>,
    @Ctx() ctx: Context,
  ) {
    return { cursor: event.cursor, event: await modelTransitionById(ctx).load(event.payload.transitionId) };
  }

  @FieldResolver(() => Model, { description: 'The model of the version.' })
  model(@Root() transition: rows.ModelTransition, @Ctx() ctx: Context) {
    return modelById(ctx).load(transition.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version that moved.' })
  modelVersion(@Root() transition: rows.ModelTransition, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(transition.modelVersionId);
  }
}
