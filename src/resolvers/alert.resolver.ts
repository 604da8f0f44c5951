import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type * as rows from '../entities';
import { ALERT_KINDS } from '../entities';
import { Alert, AlertChangedEvent, AlertConnection, AlertPayload, HandleAlertInput } from '../schema/alert';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { DriftReport } from '../schema/drift-report';
import { AlertStatus } from '../schema/enums';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import type { MooringEvent } from '../services/events';
import { alertById, driftReportById } from './monitoring.loaders';
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

  @Mutation(() => AlertPayload, { description: 'Settles an alert. The next report with its cause raises a new one.' })
  async resolveAlert(
    @Arg('input', () => HandleAlertInput, { description: 'The alert.' }) input: HandleAlertInput,
    @Ctx() ctx: Context,
  ) {
    return { alert: await ctx.services.alerts.resolve({ ...input, id: alertId(input) }, ctx.actor) };
  }

  @Subscription(() => AlertChangedEvent, {
    description: 'Alerts as they are raised, repeated, acknowledged and resolved.',
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

  @FieldResolver(() => DriftReport, { description: 'The newest report that saw the cause.' })
  driftReport(@Root() alert: rows.Alert, @Ctx() ctx: Context) {
    return driftReportById(ctx).load(alert.driftReportId);
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
