import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { DriftReport } from '../schema/drift-report';
import { Job, jobSubject, RetrainingJob } from '../schema/job';
import { Model } from '../schema/model';
import { nullable } from '../schema/nullable';
import {
  RetrainingModelInput,
  RetrainingOutcome,
  RetrainingPolicy,
  RetrainingPolicyPayload,
  SetRetrainingPolicyInput,
  TriggerEvaluation,
  TriggerEvaluationConnection,
} from '../schema/retraining';
import { TrainingRun } from '../schema/training-run';
import { jobById } from './job.loaders';
import { driftReportById } from './monitoring.loaders';
import { modelById, modelVersionById } from './registry.loaders';
import { trainingRunById, triggerEvaluationById } from './training.loaders';

const MODEL_NAME = { description: 'Name of the model.' };

@Resolver(() => RetrainingPolicy)
export class RetrainingPolicyResolver {
  @Query(() => RetrainingPolicy, nullable('When a model is retrained; null where no policy was set.'))
  async retrainingPolicy(@Arg('model', () => String, MODEL_NAME) model: string, @Ctx() ctx: Context) {
    const found = await ctx.services.models.find(model);
    return found && flat(await ctx.services.retrainingPolicies.find(found.id));
  }

  @Mutation(() => RetrainingPolicyPayload, {
    description:
      'Sets when a model is retrained. A retraining builds the production version’s dataset anew with what has come since, trains with its algorithm and ' +
      'parameters, goes through the quality gate, and is promoted when it is better than production on the same held-out rows.',
  })
  async setRetrainingPolicy(
    @Arg('input', () => SetRetrainingPolicyInput, { description: 'The policy.' }) input: SetRetrainingPolicyInput,
    @Ctx() ctx: Context,
  ) {
    return { retrainingPolicy: flat(await ctx.services.retrainingPolicies.set(input, ctx.actor)) };
  }

  @Mutation(() => RetrainingPolicyPayload, { description: 'Lets triggers be evaluated without firing.' })
  async pauseRetraining(
    @Arg('input', () => RetrainingModelInput, { description: 'The model.' }) { model }: RetrainingModelInput,
    @Ctx() ctx: Context,
  ) {
    return { retrainingPolicy: flat(await ctx.services.retrainingPolicies.pause(model, ctx.actor)) };
  }

  @Mutation(() => RetrainingPolicyPayload, { description: 'Lets triggers fire again.' })
  async resumeRetraining(
    @Arg('input', () => RetrainingModelInput, { description: 'The model.' }) { model }: RetrainingModelInput,
    @Ctx() ctx: Context,
  ) {
    return { retrainingPolicy: flat(await ctx.services.retrainingPolicies.resume(model, ctx.actor)) };
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() policy: rows.RetrainingPolicy, @Ctx() ctx: Context) {
    return modelById(ctx).load(policy.modelId);
  }
}

@Resolver(() => TriggerEvaluation)
export class TriggerEvaluationResolver {
  @Query(() => TriggerEvaluationConnection, { description: 'Every look of a trigger at a model, newest first.' })
  async triggerEvaluations(
    @Arg('model', () => String, MODEL_NAME) model: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.triggers.list(await ctx.services.models.idOf(model), args));
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() evaluation: rows.TriggerEvaluation, @Ctx() ctx: Context) {
    return modelById(ctx).load(evaluation.modelId);
  }

  @FieldResolver(() => DriftReport, nullable('The report that caused it.'))
  driftReport(@Root() { driftReportId }: rows.TriggerEvaluation, @Ctx() ctx: Context) {
    return driftReportId === null ? null : driftReportById(ctx).load(driftReportId);
  }

  @FieldResolver(() => Job, nullable('The retraining that it started.'))
  job(@Root() { jobId }: rows.TriggerEvaluation, @Ctx() ctx: Context) {
    return jobId === null ? null : jobById(ctx).load(jobId);
  }

  @FieldResolver(() => TrainingRun, nullable('The training run of that retraining, once it has begun.'))
  trainingRun(@Root() { trainingRunId }: rows.TriggerEvaluation, @Ctx() ctx: Context) {
    return trainingRunId === null ? null : trainingRunById(ctx).load(trainingRunId);
  }

  @FieldResolver(() => RetrainingOutcome, nullable('What came of it; null until the retraining has ended.'))
  async outcome(@Root() { outcome }: rows.TriggerEvaluation, @Ctx() ctx: Context) {
    if (outcome === null) return null;
    const { modelVersionId } = outcome;
    return {
      ...outcome,
      modelVersion: modelVersionId === null ? null : await modelVersionById(ctx).load(modelVersionId),
    };
  }
}

@Resolver(() => RetrainingJob)
export class RetrainingJobResolver {
  @FieldResolver(() => TriggerEvaluation, nullable('The look of the trigger that started it.'))
  triggerEvaluation(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return triggerEvaluationById(ctx).load(jobSubject(job));
  }
}

const flat = (row: rows.RetrainingPolicy | null) => row && { ...row, ...row.policy };
