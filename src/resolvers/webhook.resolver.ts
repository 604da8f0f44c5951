import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { definePageLoader } from '../schema/define-loader';
import { fromGlobalId } from '../schema/global-id';
import { Model } from '../schema/model';
import { defineNodeLoader } from '../schema/node';
import { nullable } from '../schema/nullable';
import {
  CreateWebhookInput,
  UpdateWebhookInput,
  Webhook,
  WebhookConnection,
  WebhookDeliveryConnection,
  WebhookDeliveryPayload,
  WebhookIdInput,
  WebhookPayload,
} from '../schema/webhook';
import { modelById } from './registry.loaders';

defineNodeLoader('Webhook', (ctx, ids) => ctx.services.webhooks.find(ids));
defineNodeLoader('WebhookDelivery', (ctx, ids) => ctx.services.webhooks.deliveries(ids));
const deliveriesOfWebhook = definePageLoader(
  (ctx, webhookIds, first) => ctx.services.webhooks.firstDeliveries(webhookIds, first),
  (ctx, webhookId, args) => ctx.services.webhooks.listDeliveries(webhookId, args),
);

@Resolver(() => Webhook)
export class WebhookResolver {
  @Query(() => WebhookConnection, { description: 'All webhooks, newest first.' })
  async webhooks(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.webhooks.list(args));
  }

  @Mutation(() => WebhookPayload, { description: 'Makes a webhook. It is told of events that happen from now on.' })
  createWebhook(
    @Arg('input', () => CreateWebhookInput, { description: 'The webhook.' }) input: CreateWebhookInput,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.webhooks.create(input, ctx.actor);
  }

  @Mutation(() => WebhookPayload, { description: 'Changes a webhook.' })
  updateWebhook(
    @Arg('input', () => UpdateWebhookInput, { description: 'The change.' }) input: UpdateWebhookInput,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.webhooks.update({ ...input, id: webhookId(input) }, ctx.actor);
  }

  @Mutation(() => WebhookPayload, { description: 'Ends a webhook. What waits to be sent is given up.' })
  async deleteWebhook(
    @Arg('input', () => WebhookIdInput, { description: 'The webhook.' }) input: WebhookIdInput,
    @Ctx() ctx: Context,
  ) {
    return { webhook: await ctx.services.webhooks.delete(webhookId(input), ctx.actor) };
  }

  @Mutation(() => WebhookDeliveryPayload, { description: 'Sends a webhook a message of type TEST.' })
  async testWebhook(
    @Arg('input', () => WebhookIdInput, { description: 'The webhook.' }) input: WebhookIdInput,
    @Ctx() ctx: Context,
  ) {
    return { delivery: await ctx.services.webhooks.test(webhookId(input), ctx.actor) };
  }

  @Mutation(() => WebhookDeliveryPayload, { description: 'Sends a message again, whatever became of it.' })
  async redeliverWebhook(
    @Arg('input', () => WebhookIdInput, { description: 'The delivery.' }) { id }: WebhookIdInput,
    @Ctx() ctx: Context,
  ) {
    const deliveryId = fromGlobalId(id, 'WebhookDelivery', 'input.id');
    return { delivery: await ctx.services.webhooks.redeliver(deliveryId, ctx.actor) };
  }

  @FieldResolver(() => Model, nullable('The model whose events alone are told; null: all.'))
  model(@Root() { modelId }: rows.Webhook, @Ctx() ctx: Context) {
    return modelId === null ? null : modelById(ctx).load(modelId);
  }

  @FieldResolver(() => WebhookDeliveryConnection, { description: 'What was sent to it or waits to be, newest first.' })
  async deliveries(
    @Root() webhook: rows.Webhook,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await deliveriesOfWebhook(ctx, webhook.id, args));
  }
}

const webhookId = ({ id }: { id: string }) => fromGlobalId(id, 'Webhook', 'input.id');
