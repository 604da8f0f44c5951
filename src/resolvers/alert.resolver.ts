import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type * as rows from '../entities';
import { ALERT_KINDS } from '../entities';
import {
  Alert,
  AlertChangedEvent,
  AlertConnection,
  AlertFinding,
  AlertPayload,
  HandleAlertInput,
} from '../schema/alert';
import { AlertRule } from '../schema/alert-rule';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { DriftReport } from '../schema/drift-report';
import { AlertStatus } from '../schema/enums';
import { FeatureQualityReport } from '../schema/feature-quality';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import type { MooringEvent } from '../services/events';
import { featureQualityReportById } from './feature-quality.loaders';
import { alertById, alertRuleById, driftReportById } from './monitoring.loaders';
import { modelById, modelVersionById } from './registry.loaders';

interface AlertArgs {
  readonly model?: string | null;
  readonly after?: string | null;
}

const MODEL = nullable('Only of this model.');
const AFTER = nullable('Replay what came after this cursor first; null for "from now".');

const subscribeToAlerts =
  (kinds: readonly rows.AlertKind[]) =>
  async ({ args, context }: { args: AlertArgs; context: Context }) =>
    context.services.events.subscribe({
      types: ['ALERT_CHANGED'],
      modelId: args.model == null ? null : await context.services.models.idOf(args.model),
      after: args.after ?? null,
      filter: (event) => kinds.includes((event as MooringEvent<'ALERT_CHANGED'>).payload.kind),
    });

@Resolver(() => Alert)
export class AlertResolver {
  @Query(() => AlertConnection, { description: 'Alerts, newest first.' })
  async alerts(
    @Arg('model', () => String, MODEL) model: string | null | undefined,
    @Arg('status', () => AlertStatus, nullable('Only in this state.')) status: rows.AlertStatus | null | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    const modelId = model == null ? null : await ctx.services.models.idOf(model);
    return toConnection(await ctx.services.alerts.list({ modelId, status: status ?? null }, args));
  }

  @Mutation(() => AlertPayload, { description: 'Takes an alert on.' })
  async acknowledgeAlert(
    @Arg('input', () => HandleAlertInput, { description: 'The alert.' }) input: HandleAlertInput,
    @Ctx() ctx: Context,
  ) {
    return { alert: await ctx.services.alerts.acknowledge({ ...input, id: alertId(input) }, ctx.actor) };
  }

  @Mutation(() => AlertPayload, { description: 'Opens a settled alert again.' })
  async reopenAlert(
    @Arg('input', () => HandleAlertInput, { description: 'The alert.' }) input: HandleAlertInput,
    @Ctx() ctx: Context,
  ) {
    return { alert: await ctx.services.alerts.reopen({ ...input, id: alertId(input) }, ctx.actor) };
  }

  @Mutation(() => AlertPayload, {
    description:
      'Settles an alert. Should its cause come back, it is a new alert, or this one reopened where its rule has a grace.',
  })
  async resolveAlert(
    @Arg('input', () => HandleAlertInput, { description: 'The alert.' }) input: HandleAlertInput,
    @Ctx() ctx: Context,
  ) {
    return { alert: await ctx.services.alerts.resolve({ ...input, id: alertId(input) }, ctx.actor) };
  }

  @Subscription(() => AlertChangedEvent, {
    description: 'Alerts as they are raised, repeated, acknowledged, resolved and reopened.',
    subscribe: subscribeToAlerts(ALERT_KINDS),
  })
  alertChanged(
    @Arg('model', () => String, MODEL) _model: string | null,
    @Arg('after', () => String, AFTER) _after: string | null,
    @Root() event: MooringEvent<'ALERT_CHANGED'>,
    @Ctx() ctx: Context,
  ) {
    return deliver(event, ctx);
  }

  @Subscription(() => AlertChangedEvent, {
    description: 'The same, of kind DRIFT only.',
    subscribe: subscribeToAlerts(['DRIFT']),
  })
  driftAlerts(
    @Arg('model', () => String, MODEL) _model: string | null,
    @Arg('after', () => String, AFTER) _after: string | null,
    @Root() event: MooringEvent<'ALERT_CHANGED'>,
    @Ctx() ctx: Context,
  ) {
    return deliver(event, ctx);
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() alert: rows.Alert, @Ctx() ctx: Context) {
    return modelById(ctx).load(alert.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version.' })
  modelVersion(@Root() alert: rows.Alert, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(alert.modelVersionId);
  }

  @FieldResolver(
    () => AlertRule,
    nullable('The rule; null where any drift is an alert, since the model has no rule on it.'),
  )
  rule(@Root() { ruleId }: rows.Alert, @Ctx() ctx: Context) {
    return ruleId === null ? null : alertRuleById(ctx).load(ruleId);
  }

  @FieldResolver(() => DriftReport, nullable('Of kind DRIFT: the newest report that saw the cause.'))
  driftReport(@Root() { driftReportId }: rows.Alert, @Ctx() ctx: Context) {
    return driftReportId === null ? null : driftReportById(ctx).load(driftReportId);
  }

  @FieldResolver(() => FeatureQualityReport, nullable('Of kind QUALITY: the newest report that saw the cause.'))
  featureQualityReport(@Root() { featureQualityReportId: id }: rows.Alert, @Ctx() ctx: Context) {
    return id === null ? null : featureQualityReportById(ctx).load(id);
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether a mute has kept it quiet so far: it was raised or reopened, and no listener was told.',
  })
  muted(@Root() { unannouncedChange }: rows.Alert): boolean {
    return unannouncedChange !== null;
  }

  @FieldResolver(() => AlertFinding, nullable('What its rule measured last; null without a rule: see driftReport.'))
  finding(@Root() { details }: rows.Alert) {
    const { value = null, threshold = null, windowStart, windowEnd } = details;
    if (windowStart === undefined || windowEnd === undefined) return null;
    return { value, threshold, windowStart: new Date(windowStart), windowEnd: new Date(windowEnd) };
  }

  @FieldResolver(() => [String], { description: 'What is wrong, one sentence each, the worst first.' })
  causes(@Root() alert: rows.Alert): string[] {
    return alert.details.causes;
  }
}

const alertId = (input: HandleAlertInput): string => fromGlobalId(input.id, 'Alert', 'input.id');

async function deliver({ cursor, payload }: MooringEvent<'ALERT_CHANGED'>, ctx: Context) {
  return { cursor, event: { change: payload.change, alert: await alertById(ctx).load(payload.alertId) } };
}
