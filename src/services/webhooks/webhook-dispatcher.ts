import type { DataSource } from 'typeorm';
import type { NamedKey } from '../../config';
import { EVENT_TYPES } from '../../entities';
import type { Logger } from '../../logger';
import type { AuditTrail } from '../audit';
import { WakeUp } from '../database';
import type { EventConsumers, MooringEvent } from '../events';
import { outcomeOf } from './delivery-outcome.policy';
import { DeliveryRecord } from './delivery-record';
import { postMessage } from './post-message';
import { openSecret, SecretUnreadable } from './webhook-secret';
import { signatureHeaders } from './webhook-signature';
import { DELIVERIES_DUE } from './webhook.service';

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly consumers: EventConsumers;
  readonly logger: Logger;
  readonly allowPrivate: boolean;
  /** By which stored secrets are read. */
  readonly keys: readonly NamedKey[];
  /** For tests: what the pauses between attempts are multiplied with. */
  readonly paceForTests?: number;
}

interface Claimed {
  readonly id: string;
  readonly webhookId: string;
  readonly messageId: string;
  readonly body: string;
  readonly attempt: number;
  readonly url: string;
  /** As it is stored. */
  readonly secret: string;
}

const LOOK_EVERY_MS = 1000;
const TIMEOUT_MS = 10_000;
/** Longer than an attempt can take: what a killed server has begun is begun again after it. */
const LEASE_SECONDS = 30;
const MOST_IN_FLIGHT = 16;
/** A receiver that hangs must not take all places. */
const MOST_IN_FLIGHT_EACH = 2;
/** Until a delivery is looked at again that this server cannot sign. */
const UNSIGNED_SECONDS = 60;
const KEPT_DAYS = 30;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Tells webhooks of events, at least once each: every event becomes one delivery per webhook that wants it, in the consumer that no event passes by;
 * every replica takes due deliveries from the table. They come in no order; the id of a message, the event's cursor, is the same in every attempt.
 */
export class WebhookDispatcher {
  private readonly wakeUp = new WakeUp();
  private readonly stopping = new AbortController();
  private readonly inFlight = new Map<Promise<void>, string>();
  private unlisten: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  private readonly record: DeliveryRecord;

  constructor(private readonly deps: Dependencies) {
    this.record = new DeliveryRecord(deps);
    deps.consumers.add('webhooks', EVENT_TYPES, (event) => this.enqueue(event));
  }

  start(): void {
    this.unlisten = DELIVERIES_DUE.listen(this.deps.dataSource, () => this.wakeUp.ring());
    this.running = this.run();
  }

  /** Breaks off what is under way: it is sent again by whoever comes next. */
  async stop(): Promise<void> {
    this.unlisten();
    this.stopping.abort();
    this.wakeUp.ring();
    await this.running;
    await Promise.all(this.inFlight.keys());
  }

  private async enqueue(event: MooringEvent): Promise<void> {
    const { cursor, type, modelId, payload, actor, requestId, occurredAt } = event;
    const body = JSON.stringify({ id: cursor, type, occurredAt, actor, requestId, modelId, payload });
    const made = await this.deps.dataSource.query<unknown[]>(
      `INSERT INTO webhook_deliveries (webhook_id, message_id, event_type, body)
       SELECT id, $1, $2, $3 FROM webhooks
       WHERE active AND deleted_at IS NULL AND $2 = ANY(event_types) AND (model_id IS NULL OR model_id = $4)
       ON CONFLICT (webhook_id, message_id) DO NOTHING RETURNING id`,
      [cursor, type, body, modelId],
    );
    if (made.length > 0) this.wakeUp.ring();
  }

  private async run(): Promise<void> {
    let prunedAt = -Infinity;
    while (!this.stopping.signal.aborted) {
      try {
        if (performance.now() - prunedAt > PRUNE_EVERY_MS) {
          await this.prune();
          prunedAt = performance.now();
        }
        const claimed = await this.claim();
        if (claimed) {
          this.begin(claimed);
          continue;
        }
      } catch (err) {
        this.deps.logger.warn({ err }, 'webhooks could not be looked after; trying again');
      }
      await this.wakeUp.wait(LOOK_EVERY_MS);
    }
  }

  /** Takes a due delivery for this replica, for as long as an attempt can last. */
  private async claim(): Promise<Claimed | null> {
    if (this.inFlight.size >= MOST_IN_FLIGHT) return null;
    const [[claimed]] = await this.deps.dataSource.query<[Claimed[], number]>(
      `UPDATE webhook_deliveries AS delivery
       SET attempt = attempt + 1, next_attempt_at = now() + make_interval(secs => ${LEASE_SECONDS})
       FROM webhooks AS webhook
       WHERE webhook.id = delivery.webhook_id AND delivery.id = (
         SELECT due.id FROM webhook_deliveries AS due JOIN webhooks AS hook ON hook.id = due.webhook_id
         WHERE due.status = 'PENDING' AND due.next_attempt_at <= now() AND hook.active AND due.webhook_id <> ALL($1)
         ORDER BY due.next_attempt_at LIMIT 1 FOR UPDATE OF due SKIP LOCKED
       )
       RETURNING delivery.id, delivery.webhook_id AS "webhookId", delivery.message_id AS "messageId", delivery.body, delivery.attempt,
         webhook.url, webhook.secret`,
      [this.busyWebhooks()],
    );
    return claimed ?? null;
  }

  private busyWebhooks(): string[] {
    const webhooks = [...this.inFlight.values()];
    const count = (id: string) => webhooks.filter((other) => other === id).length;
    return [...new Set(webhooks)].filter((id) => count(id) >= MOST_IN_FLIGHT_EACH);
  }

  private begin(delivery: Claimed): void {
    const attempt = this.attempt(delivery)
      .catch((err: unknown) => {
        // The lease runs out, and it is sent again.
        this.deps.logger.warn({ err, deliveryId: delivery.id }, 'the end of a webhook delivery could not be noted');
      })
      .finally(() => {
        this.inFlight.delete(attempt);
        this.wakeUp.ring();
      });
    this.inFlight.set(attempt, delivery.webhookId);
  }

  private async attempt(delivery: Claimed): Promise<void> {
    const { id, messageId, body, url, attempt } = delivery;
    const { allowPrivate, paceForTests = 1 } = this.deps;
    const { signal } = this.stopping;
    const secret = await this.secretOf(delivery);
    if (secret === null) return;
    const headers = { ...signatureHeaders(secret, messageId, body, new Date()), 'user-agent': 'Mooring' };
    const end = await postMessage({ url, headers, body }, { allowPrivate, timeoutMs: TIMEOUT_MS, signal });
    const now = new Date();
    // An attempt that this server broke off itself says nothing of the receiver.
    if (signal.aborted && end.status === null) return this.record.putBack(id, 0, end.error);
    const outcome = outcomeOf(end, attempt, now, Math.random());
    if (outcome.kind === 'DELIVERED') return this.record.delivered(delivery, end);
    if (outcome.kind === 'RETRY')
      return this.record.failed(delivery, end, ((outcome.at.getTime() - now.getTime()) / 1000) * paceForTests);
    const reason = await this.record.givenUp(delivery, end);
    if (reason !== null) this.deps.logger.warn({ webhookId: delivery.webhookId }, `webhook switched off. ${reason}`);
  }

  /** null, and a note, where it cannot be read: that is no fault of the receiver, so it counts as no attempt. */
  private async secretOf({ id, webhookId, secret }: Claimed): Promise<string | null> {
    try {
      return openSecret(secret, webhookId, this.deps.keys);
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      this.deps.logger.warn({ webhookId }, `webhook cannot be told of anything: ${error.message}`);
      await this.record.putBack(id, UNSIGNED_SECONDS * (this.deps.paceForTests ?? 1), error.message);
      return null;
    }
  }

  private async prune(): Promise<void> {
    await this.deps.dataSource.query(
      `DELETE FROM webhook_deliveries WHERE status <> 'PENDING' AND finished_at < now() - make_interval(days => ${KEPT_DAYS})`,
    );
  }
}
