import { randomUUID } from 'node:crypto';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import type { NamedKey } from '../../config';
import { EVENT_TYPES, type EventType, Model, Webhook, WebhookDelivery } from '../../entities';
import { InvalidInput, NotFound, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { CommitSignal, firstPages, inTransaction, type ListArgs, listPage, type Page } from '../database';
import { type Actor, authorize } from '../identity';
import { newWebhookSecret, sealSecret } from './webhook-secret';
import { checkedTarget } from './webhook-target.policy';

export interface CreateWebhookInput {
  readonly url: string;
  readonly eventTypes: readonly EventType[];
  /** Name of the model whose events alone are told; absent: all. */
  readonly model?: string | null;
  readonly description?: string | null;
}

export interface UpdateWebhookInput {
  readonly id: string;
  readonly revision: number;
  readonly url?: string | null;
  readonly eventTypes?: readonly EventType[] | null;
  readonly description?: string | null;
  readonly active?: boolean | null;
  /** Whether to sign with a new secret from now on. */
  readonly rotateSecret?: boolean | null;
}

export interface WebhookWithSecret {
  readonly webhook: Webhook;
  /** Told once; null when it has not changed. */
  readonly secret: string | null;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly allowPrivate: boolean;
  /** The first one encrypts the secrets that are stored; none: they are stored as they are. */
  readonly keys: readonly NamedKey[];
}

/** Raised by transactions after which there is something to send. */
export const DELIVERIES_DUE = new CommitSignal('mooring.deliveriesDue');

/** Webhooks: who is told of which events. The dispatcher sends. */
export class WebhookService {
  constructor(private readonly deps: Dependencies) {}

  /** @throws InvalidInput, NotFound for the model */
  async create(input: CreateWebhookInput, actor: Actor): Promise<WebhookWithSecret> {
    authorize(actor, 'webhook.manage');
    const url = checkedTarget(input.url, this.deps.allowPrivate);
    const eventTypes = checkedTypes(input.eventTypes);
    return inTransaction(this.deps.dataSource, async (manager) => {
      const modelId = input.model == null ? null : await modelIdOf(manager, input.model);
      const [id, secret] = [randomUUID(), newWebhookSecret()];
      const values = { url, eventTypes, modelId, description: input.description ?? '', createdBy: actor.name };
      await manager.insert(Webhook, { ...values, id, secret: sealSecret(secret, id, this.deps.keys) });
      await this.note(manager, id, actor, 'webhook.create', values);
      return { webhook: await manager.findOneByOrFail(Webhook, { id }), secret };
    });
  }

  /** Changes what is given and leaves the rest. @throws NotFound, StaleRevision, InvalidInput */
  async update(input: UpdateWebhookInput, actor: Actor): Promise<WebhookWithSecret> {
    authorize(actor, 'webhook.manage');
    const changes: Partial<Webhook> = {};
    if (input.url != null) changes.url = checkedTarget(input.url, this.deps.allowPrivate);
    if (input.eventTypes != null) changes.eventTypes = checkedTypes(input.eventTypes);
    if (input.description != null) changes.description = input.description;
    if (input.active != null) changes.active = input.active;
    // What failed until now says nothing of another address, nor of a receiver that somebody has mended.
    if (input.url != null || input.active === true) changes.failingSince = null;
    if (input.active === true) Object.assign(changes, { disabledAt: null, disabledReason: null });
    const secret = input.rotateSecret === true ? newWebhookSecret() : null;
    return inTransaction(this.deps.dataSource, async (manager) => {
      const webhook = await lockWebhook(manager, input.id);
      if (webhook.revision !== input.revision) throw new StaleRevision('webhook', input.revision, webhook.revision);
      const sealed = secret === null ? {} : { secret: sealSecret(secret, webhook.id, this.deps.keys) };
      await change(manager, webhook.id, { ...changes, ...sealed });
      const { url, eventTypes, description, active } = changes;
      const shown = { url, eventTypes, description, active, newSecret: secret !== null };
      await this.note(manager, webhook.id, actor, 'webhook.update', shown);
      // What waited while it was inactive is due.
      DELIVERIES_DUE.raise(manager);
      return { webhook: await manager.findOneByOrFail(Webhook, { id: webhook.id }), secret };
    });
  }

  /** What waits is not sent any more; the history stays. @throws NotFound */
  async delete(id: string, actor: Actor): Promise<Webhook> {
    authorize(actor, 'webhook.manage');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const webhook = await lockWebhook(manager, id);
      const deletedAt = new Date();
      await change(manager, id, { deletedAt, active: false });
      const dropped = {
        status: 'FAILED',
        nextAttemptAt: null,
        error: 'the webhook was deleted',
        finishedAt: deletedAt,
      } as const;
      await manager.update(WebhookDelivery, { webhookId: id, status: 'PENDING' }, dropped);
      await this.note(manager, id, actor, 'webhook.delete', { url: webhook.url });
      return manager.findOneByOrFail(Webhook, { id });
    });
  }

  /** Sends a message of type TEST, once the dispatcher comes to it. @throws NotFound */
  async test(id: string, actor: Actor): Promise<WebhookDelivery> {
    authorize(actor, 'webhook.manage');
    return inTransaction(this.deps.dataSource, async (manager) => {
      await lockWebhook(manager, id);
      const messageId = `test_${randomUUID()}`;
      const body = JSON.stringify({ id: messageId, type: 'TEST', occurredAt: new Date(), actor: actor.name });
      const delivery = await manager.save(
        manager.create(WebhookDelivery, { webhookId: id, messageId, eventType: 'TEST', body }),
      );
      await this.note(manager, id, actor, 'webhook.test', { messageId });
      DELIVERIES_DUE.raise(manager);
      return manager.findOneByOrFail(WebhookDelivery, { id: delivery.id });
    });
  }

  /** Sends a message again, whatever became of it, with all attempts anew. @throws NotFound */
  async redeliver(deliveryId: string, actor: Actor): Promise<WebhookDelivery> {
    authorize(actor, 'webhook.manage');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const delivery = await manager.findOneBy(WebhookDelivery, { id: deliveryId });
      if (!delivery) throw new NotFound('delivery', deliveryId, '', ['input', 'id']);
      await lockWebhook(manager, delivery.webhookId);
      const again = { status: 'PENDING', attempt: 0, nextAttemptAt: new Date(), finishedAt: null } as const;
      await manager.update(WebhookDelivery, { id: deliveryId }, { ...again, responseStatus: null, error: null });
      await this.note(manager, delivery.webhookId, actor, 'webhook.redeliver', { deliveryId });
      DELIVERIES_DUE.raise(manager);
      return manager.findOneByOrFail(WebhookDelivery, { id: deliveryId });
    });
  }

  find(ids: readonly string[]): Promise<Webhook[]> {
    return this.rows(Webhook).where('row.id = ANY(:ids) AND row.deletedAt IS NULL', { ids }).getMany();
  }

  /** Also those of webhooks that were deleted. */
  deliveries(ids: readonly string[]): Promise<WebhookDelivery[]> {
    return this.rows(WebhookDelivery).where('row.id = ANY(:ids)', { ids }).getMany();
  }

  list(args: ListArgs): Promise<Page<Webhook>> {
    return listPage(this.rows(Webhook).where('row.deletedAt IS NULL'), args);
  }

  /** Newest first. */
  listDeliveries(webhookId: string, args: ListArgs): Promise<Page<WebhookDelivery>> {
    return listPage(this.rows(WebhookDelivery).where('row.webhookId = :webhookId', { webhookId }), args);
  }

  /** The first page of listDeliveries for each of the webhooks, in their order. */
  firstDeliveries(webhookIds: readonly string[], first: number): Promise<Page<WebhookDelivery>[]> {
    return firstPages(this.rows(WebhookDelivery), { of: 'webhookId', ids: webhookIds }, first);
  }

  private rows<Row extends Webhook | WebhookDelivery>(entity: new () => Row) {
    return this.deps.dataSource.manager.createQueryBuilder<Row>(entity, 'row');
  }

  private note(manager: EntityManager, id: string, actor: Actor, action: string, details: object): Promise<void> {
    const subject = `Webhook:${id}`;
    return this.deps.audit.append(manager, { modelId: null, actor, action, subject, details: { ...details } });
  }
}

async function lockWebhook(manager: EntityManager, id: string): Promise<Webhook> {
  const lock = { mode: 'pessimistic_write' } as const;
  const webhook = await manager.findOne(Webhook, { where: { id, deletedAt: IsNull() }, lock });
  if (!webhook) throw new NotFound('webhook', id, '', ['input', 'id']);
  return webhook;
}

async function change(manager: EntityManager, id: string, changes: Partial<Webhook>): Promise<void> {
  await manager
    .createQueryBuilder()
    .update(Webhook)
    .set({ ...changes, updatedAt: () => 'now()', revision: () => 'revision + 1' })
    .where('id = :id', { id })
    .execute();
}

async function modelIdOf(manager: EntityManager, name: string): Promise<string> {
  const model = await manager.findOneBy(Model, { name, deletedAt: IsNull() });
  if (!model) throw new NotFound('model', name, '', ['input', 'model']);
  return model.id;
}

function checkedTypes(types: readonly EventType[]): EventType[] {
  if (types.length === 0) throw new InvalidInput('input.eventTypes', `name at least one of ${EVENT_TYPES.join(', ')}`);
  return [...new Set(types)];
}
