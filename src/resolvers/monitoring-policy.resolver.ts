import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context';
import { Model } from '../schema/model';
import { MonitoringPolicy, SetMonitoringPolicyInput, SetMonitoringPolicyPayload } from '../schema/monitoring-policy';
import { nullable } from '../schema/nullable';
import { Schedule } from '../schema/schedule';
import type { PolicyInForce } from '../services/monitoring';
import { driftScheduleOfModel } from './monitoring.loaders';
import { modelById } from './registry.loaders';

@Resolver(() => MonitoringPolicy)
export class MonitoringPolicyResolver {
  @Query(() => MonitoringPolicy, {
    description: 'What counts as drift for a model; the default policy where none was set.',
  })
  async monitoringPolicy(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Ctx() ctx: Context,
  ) {
    return flat(await ctx.services.monitoringPolicies.get(await ctx.services.models.idOf(model)));
  }

  @Mutation(() => SetMonitoringPolicyPayload, { description: 'Sets what counts as drift in coming reports.' })
  async setMonitoringPolicy(
    @Arg('input', () => SetMonitoringPolicyInput, { description: 'The policy.' }) input: SetMonitoringPolicyInput,
    @Ctx() ctx: Context,
  ) {
    return { monitoringPolicy: flat(await ctx.services.monitoringPolicies.set(input, ctx.actor)) };
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() policy: PolicyInForce, @Ctx() ctx: Context) {
    return modelById(ctx).load(policy.modelId);
  }

  @FieldResolver(() => Schedule, nullable('When drift reports are made by the clock; null: only when asked for.'))
  driftSchedule(@Root() policy: PolicyInForce, @Ctx() ctx: Context) {
    return driftScheduleOfModel(ctx).load(policy.modelId);
  }
}

const flat = ({ policy, ...row }: PolicyInForce) => ({ ...row, ...policy });
