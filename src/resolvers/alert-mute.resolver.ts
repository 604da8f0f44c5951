import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import {
  AlertMute,
  AlertMuteConnection,
  AlertMutePayload,
  MuteAlertsInput,
  UnmuteAlertsInput,
} from '../schema/alert-mute';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { defineNodeLoader } from '../schema/node';
import { modelById } from './registry.loaders';

defineNodeLoader('AlertMute', (ctx, ids) => ctx.services.alertMutes.find(ids));

@Resolver(() => AlertMute)
export class AlertMuteResolver {
  @Query(() => AlertMuteConnection, { description: 'The mutes of a model, newest first, also those that have ended.' })
  async alertMutes(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.alertMutes.list(await ctx.services.models.idOf(model), args));
  }

  @Mutation(() => AlertMutePayload, { description: 'Keeps alerts of a model quiet for a time.' })
  async muteAlerts(
    @Arg('input', () => MuteAlertsInput, { description: 'The mute.' }) input: MuteAlertsInput,
    @Ctx() ctx: Context,
  ) {
    return { alertMute: await ctx.services.alertMutes.mute(input, ctx.actor) };
  }

  @Mutation(() => AlertMutePayload, { description: 'Ends a mute before its time.' })
  async unmuteAlerts(
    @Arg('input', () => UnmuteAlertsInput, { description: 'The mute.' }) input: UnmuteAlertsInput,
    @Ctx() ctx: Context,
  ) {
    const id = fromGlobalId(input.id, 'AlertMute', 'input.id');
    return { alertMute: await ctx.services.alertMutes.unmute(id, ctx.actor) };
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() mute: rows.AlertMute, @Ctx() ctx: Context) {
    return modelById(ctx).load(mute.modelId);
  }
}
