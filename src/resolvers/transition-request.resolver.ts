import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { TransitionRequestStatus } from '../schema/enums';
import { fromGlobalId } from '../schema/global-id';
import { Model, ModelPayload } from '../schema/model';
import { ModelTransition } from '../schema/model-transition';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import {
  ApprovalRule,
  DecideTransitionInput,
  RequestTransitionInput,
  SetApprovalRulesInput,
  TransitionRequest,
  TransitionRequestConnection,
  TransitionRequestPayload,
  TransitionVote,
} from '../schema/transition-request';
import { statusAt } from '../services/registry';
import { modelById, modelTransitionById, modelVersionById, votesOfRequest } from './registry.loaders';

@Resolver(() => TransitionRequest)
export class TransitionRequestResolver {
  @Query(() => TransitionRequestConnection, { description: 'Requests for moves between stages, newest first.' })
  async transitionRequests(
    @Arg('model', () => String, nullable('Only of this model.')) model: string | null | undefined,
    @Arg('status', () => TransitionRequestStatus, nullable('Only those in this state.'))
    status: rows.TransitionRequestStatus | null | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    const modelId = model == null ? null : await ctx.services.models.idOf(model);
    return toConnection(await ctx.services.registry.listTransitionRequests({ modelId, status: status ?? null }, args));
  }

  @Mutation(() => TransitionRequestPayload, {
    description: 'Asks others to approve a move. How many, and who, is what the model’s approval rules say now.',
  })
  async requestTransition(
    @Arg('input', () => RequestTransitionInput, { description: 'The move.' }) input: RequestTransitionInput,
    @Ctx() ctx: Context,
  ) {
    const { replaces } = input;
    const decidedAgainst =
      replaces == null ? {} : { replaces: fromGlobalId(replaces, 'ModelVersion', 'input.replaces') };
    return { request: await ctx.services.transitionRequests.request({ ...input, ...decidedAgainst }, ctx.actor) };
  }

  @Mutation(() => TransitionRequestPayload, {
    description:
      'Approves a request of somebody else. The approval that is still missing makes the move, or ends the request with BASELINE_CHANGED when production is no longer what it was to replace.',
  })
  async approveTransition(
    @Arg('input', () => DecideTransitionInput, { description: 'The request.' }) input: DecideTransitionInput,
    @Ctx() ctx: Context,
  ) {
    return { request: await ctx.services.transitionRequests.approve(decision(input), ctx.actor) };
  }

  @Mutation(() => TransitionRequestPayload, { description: 'Rejects a request, or takes back one’s own.' })
  async rejectTransition(
    @Arg('input', () => DecideTransitionInput, { description: 'The request.' }) input: DecideTransitionInput,
    @Ctx() ctx: Context,
  ) {
    return { request: await ctx.services.transitionRequests.reject(decision(input), ctx.actor) };
  }

  @Mutation(() => ModelPayload, {
    description: 'Sets which moves of a model’s versions others have to approve. Requests that wait keep their rules.',
  })
  async setApprovalRules(
    @Arg('input', () => SetApprovalRulesInput, { description: 'The rules.' }) input: SetApprovalRulesInput,
    @Ctx() ctx: Context,
  ) {
    return { model: await ctx.services.models.setApprovalRules(input, ctx.actor) };
  }

  @FieldResolver(() => TransitionRequestStatus, { description: 'What has become of it.' })
  status(@Root() request: rows.TransitionRequest) {
    return statusAt(request, new Date());
  }

  @FieldResolver(() => Model, { description: 'The model of the version.' })
  model(@Root() request: rows.TransitionRequest, @Ctx() ctx: Context) {
    return modelById(ctx).load(request.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version that shall move.' })
  modelVersion(@Root() request: rows.TransitionRequest, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(request.modelVersionId);
  }

  @FieldResolver(
    () => ModelVersion,
    nullable('The production version that it was decided against; null for none, or where production is not checked.'),
  )
  replaces(@Root() request: rows.TransitionRequest, @Ctx() ctx: Context) {
    return request.replacesId === null ? null : modelVersionById(ctx).load(request.replacesId);
  }

  @FieldResolver(() => [TransitionVote], { description: 'What was said of it, in that order.' })
  votes(@Root() request: rows.TransitionRequest, @Ctx() ctx: Context) {
    return votesOfRequest(ctx).load(request.id);
  }

  @FieldResolver(() => ModelTransition, nullable('The move that it led to; null unless it was approved.'))
  transition(@Root() request: rows.TransitionRequest, @Ctx() ctx: Context) {
    return request.transitionId === null ? null : modelTransitionById(ctx).load(request.transitionId);
  }
}

@Resolver(() => Model)
export class ModelApprovalResolver {
  @FieldResolver(() => [ApprovalRule], { description: 'Which moves of its versions others have to approve.' })
  approvalRules(@Root() model: rows.Model) {
    return model.approvalRules;
  }
}

const decision = ({ id, comment }: DecideTransitionInput) => ({
  id: fromGlobalId(id, 'TransitionRequest', 'input.id'),
  comment,
});
