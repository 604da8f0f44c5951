import type { NamedKey } from '../../src/config';
import type { EventType } from '../../src/entities';
import { createLogger } from '../../src/logger';
import { inTransaction } from '../../src/services/database';
import { EventConsumers, EventRelay, EventStream, recordEvent } from '../../src/services/events';
import type { Actor } from '../../src/services/identity';
import { WebhookDispatcher, WebhookService } from '../../src/services/webhooks';
import { DeliveryRecord } from '../../src/services/webhooks/delivery-record';
import { engineer, openRegistry, type RegistryFixture } from './registry-fixture';
import { until } from './until';
import { WebhookReceiver } from './webhook-receiver';

export const webhookAdmin: Actor = { name: 'root', roles: ['ADMIN'], requestId: 'request-9' };

interface Settings {
  readonly allowPrivate?: boolean;
  readonly keys?: readonly NamedKey[];
}

/** A receiver, and a database with the parts of a server that send webhooks, at a hundredth of the pauses. */
export class WebhookFixture {
  webhooks!: WebhookService;
  /** Stops what sends. */
  stop: () => Promise<void> = async () => undefined;

  private constructor(
    readonly registry: RegistryFixture,
    readonly receiver: WebhookReceiver,
  ) {}

  static async open(settings: Settings = {}): Promise<WebhookFixture> {
    const fixture = new WebhookFixture(await openRegistry(), await WebhookReceiver.start());
    await fixture.start(settings);
    return fixture;
  }

  async start({ allowPrivate = true, keys = [] }: Settings = {}): Promise<void> {
    const { dataSource, databaseUrl, audit } = this.registry;
    const logger = createLogger('silent');
    this.webhooks = new WebhookService({ dataSource, audit, allowPrivate: true, keys });
    const stream = new EventStream({ dataSource, databaseUrl, logger, subscriberQueueSize: 100 });
    const relay = new EventRelay({ dataSource, databaseUrl, logger, retentionHours: 1 });
    const consumers = new EventConsumers({ dataSource, databaseUrl, logger, stream });
    const sender = { dataSource, audit, consumers, logger, allowPrivate, keys, paceForTests: 0.01 };
    const dispatcher = new WebhookDispatcher(sender);
    await stream.start();
    relay.start();
    await consumers.start();
    dispatcher.start();
    this.stop = async () => {
      await dispatcher.stop();
      await consumers.stop();
      await relay.stop();
      await stream.stop();
    };
  }

  async restart(settings: Settings): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  record(): DeliveryRecord {
    return new DeliveryRecord(this.registry);
  }

  async close(): Promise<void> {
    await this.stop();
    await this.receiver.close();
    await this.registry.close();
  }

  create(eventTypes: EventType[] = ['DATASET_READY'], model: string | null = null) {
    return this.webhooks.create({ url: `${this.receiver.url}/hook`, eventTypes, model }, webhookAdmin);
  }

  happen(datasetId: string, modelId: string | null = null): Promise<void> {
    return inTransaction(this.registry.dataSource, (manager) =>
      recordEvent(manager, { type: 'DATASET_READY', modelId, payload: { datasetId }, actor: engineer }),
    );
  }

  receivedIds(): string[] {
    return this.receiver.received.map(
      ({ body }) => (JSON.parse(body) as { payload: { datasetId: string } }).payload.datasetId,
    );
  }

  async deliveriesOf(webhookId: string) {
    return (await this.webhooks.listDeliveries(webhookId, { first: 50 })).rows;
  }

  arrived(count: number): Promise<void> {
    return until(`message number ${count}`, () => this.receiver.received.length >= count);
  }

  settled(webhookId: string, status: string): Promise<void> {
    return until(`end as ${status}`, async () =>
      (await this.deliveriesOf(webhookId)).every((delivery) => delivery.status === status),
    );
  }
}
