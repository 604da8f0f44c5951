import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { Alert } from '../schema/alert';
import {
  AlertEvaluation,
  AlertEvaluationArgs,
  AlertEvaluationConnection,
  AlertRule,
  AlertRulePayload,
  Confirmation,
  DeleteAlertRuleInput,
  DriftCondition,
  ErrorRatioCondition,
  LatencyCondition,
  PerformanceCondition,
  QualityCondition,
  SetAlertRuleInput,
  VolumeCondition,
} from '../schema/alert-rule';
import { toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { DriftReport } from '../schema/drift-report';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { alertById, driftReportById } from './monitoring.loaders';
import { modelById, modelVersionById } from './registry.loaders';

@Resolver(() => AlertRule)
export class AlertRuleResolver {
  @Query(() => [AlertRule], { description: 'The rules of a model by name, 50 at most.' })
  async alertRules(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.alertRules.list(await ctx.services.models.idOf(model));
  }

  @Query(() => AlertEvaluationConnection, {
    description:
      'What came of a rule, newest first. Kept for 30 days, and the last hundred of each version however old they are.',
  })
  async alertEvaluations(@Args(() => AlertEvaluationArgs) { rule, ...args }: AlertEvaluationArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.alertRules.evaluations(fromGlobalId(rule, 'AlertRule', 'rule'), args));
  }

  @Mutation(() => AlertRulePayload, {
    description:
      'Makes a rule, or changes the one of that name. With another condition or window, what was judged before confirms nothing.',
  })
  async setAlertRule(
    @Arg('input', () => SetAlertRuleInput, { description: 'The rule.' }) input: SetAlertRuleInput,
    @Ctx() ctx: Context,
  ) {
    return { alertRule: await ctx.services.alertRules.set(input, ctx.actor) };
  }

  @Mutation(() => AlertRulePayload, {
    description: 'Deletes a rule. Its alerts that are not resolved are resolved by that.',
  })
  async deleteAlertRule(
    @Arg('input', () => DeleteAlertRuleInput, { description: 'The rule.' }) input: DeleteAlertRuleInput,
    @Ctx() ctx: Context,
  ) {
    const id = fromGlobalId(input.id, 'AlertRule', 'input.id');
    return { alertRule: await ctx.services.alertRules.delete({ ...input, id }, ctx.actor) };
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() rule: rows.AlertRule, @Ctx() ctx: Context) {
    return modelById(ctx).load(rule.modelId);
  }

  @FieldResolver(() => Confirmation, { description: 'How many windows confirm an alert.' })
  confirmation(@Root() { required, outOf }: rows.AlertRule): Confirmation {
    return { required, of: outOf };
  }

  @FieldResolver(() => DriftCondition, nullable('Of kind DRIFT.'))
  drift(@Root() rule: rows.AlertRule) {
    return conditionOf(rule, 'DRIFT');
  }

  @FieldResolver(() => PerformanceCondition, nullable('Of kind PERFORMANCE.'))
  performance(@Root() rule: rows.AlertRule) {
    return conditionOf(rule, 'PERFORMANCE');
  }

  @FieldResolver(() => QualityCondition, nullable('Of kind QUALITY.'))
  quality(@Root() rule: rows.AlertRule) {
    return conditionOf(rule, 'QUALITY');
  }

  @FieldResolver(() => LatencyCondition, nullable('Of kind LATENCY.'))
  latency(@Root() rule: rows.AlertRule) {
    return conditionOf(rule, 'LATENCY');
  }

  @FieldResolver(() => ErrorRatioCondition, nullable('Of kind ERROR_RATIO.'))
  errorRatio(@Root() rule: rows.AlertRule) {
    return conditionOf(rule, 'ERROR_RATIO');
  }

  @FieldResolver(() => VolumeCondition, nullable('Of kind VOLUME.'))
  volume(@Root() rule: rows.AlertRule) {
    return conditionOf(rule, 'VOLUME');
  }
}

const conditionOf = ({ kind, condition }: rows.AlertRule, asked: rows.AlertKind) => (kind === asked ? condition : null);

@Resolver(() => AlertEvaluation)
export class AlertEvaluationResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version that was judged.' })
  modelVersion(@Root() evaluation: rows.AlertEvaluation, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(evaluation.modelVersionId);
  }

  @FieldResolver(() => DriftReport, nullable('Of a rule on drift: the report.'))
  driftReport(@Root() { driftReportId }: rows.AlertEvaluation, @Ctx() ctx: Context) {
    return driftReportId === null ? null : driftReportById(ctx).load(driftReportId);
  }

  @FieldResolver(() => Alert, nullable('The alert that it raised, repeated, reopened or resolved.'))
  alert(@Root() { alertId }: rows.AlertEvaluation, @Ctx() ctx: Context) {
    return alertId === null ? null : alertById(ctx).load(alertId);
  }
}
