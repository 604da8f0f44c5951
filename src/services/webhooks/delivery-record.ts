import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { systemActor } from '../identity';
import type { Attempt } from './delivery-outcome.policy';
import { disablingReason } from './disabling.policy';

/** Which delivery, to which webhook, and where that was told: an answer of a former address says nothing of today's. */
export interface Delivered {
  readonly id: string;
  readonly webhookId: string;
  readonly url: string;
}

/** Notes how deliveries ended, and switches off the webhooks of receivers that fail for good. */
export class DeliveryRecord {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /** It was taken. */
  async delivered({ id, webhookId, url }: Delivered, { status }: Attempt): Promise<void> {
    const { dataSource } = this.deps;
    await dataSource.query(
      'UPDATE webhooks SET failing_since = NULL WHERE id = $1 AND url = $2 AND failing_since IS NOT NULL',
      [webhookId, url],
    );
    await dataSource.query(
      `UPDATE webhook_deliveries SET status = 'DELIVERED', next_attempt_at = NULL, response_status = $2, error = NULL, finished_at = now()
       WHERE id = $1 AND status = 'PENDING'`,
      [id, status],
    );
  }

  /** It failed and is tried again after a pause. */
  async failed({ id, webhookId, url }: Delivered, { status, error }: Attempt, pauseSeconds: number): Promise<void> {
    await noteFailure(this.deps.dataSource.manager, webhookId, url);
    await this.postpone(id, { pauseSeconds, status, error, isAttempt: true });
  }

  /** It is tried again after a pause, and the receiver had no part in that: no attempt is counted. */
  putBack(id: string, pauseSeconds: number, error: string | null): Promise<void> {
    return this.postpone(id, { pauseSeconds, status: null, error, isAttempt: false });
  }

  /** It failed and is not tried again; what that means for the webhook is decided in the same transaction. @returns why it was switched off, if so */
  async givenUp({ id, webhookId, url }: Delivered, { status, error }: Attempt): Promise<string | null> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      // The webhook first, as those who change it do.
      const [webhook] = await manager.query<{ failingSince: Date | null; isTold: boolean }[]>(
        `SELECT failing_since AS "failingSince", active AND url = $2 AS "isTold" FROM webhooks WHERE id = $1 FOR NO KEY UPDATE`,
        [webhookId, url],
      );
      await manager.query(
        `UPDATE webhook_deliveries SET status = 'FAILED', next_attempt_at = NULL, response_status = $2, error = $3, finished_at = now()
         WHERE id = $1 AND status = 'PENDING'`,
        [id, status, error],
      );
      await noteFailure(manager, webhookId, url);
      const { failingSince, isTold } = webhook;
      const reason = isTold ? disablingReason({ status, error, failingSince }, new Date()) : null;
      if (reason !== null) await this.disable(manager, webhookId, reason, url);
      return reason;
    });
  }

  private async disable(manager: EntityManager, webhookId: string, reason: string, url: string): Promise<void> {
    await manager.query(
      `UPDATE webhooks SET active = false, disabled_at = now(), disabled_reason = $2, updated_at = now(), revision = revision + 1 WHERE id = $1`,
      [webhookId, reason],
    );
    await this.deps.audit.append(manager, {
      modelId: null,
      actor: systemActor('system:webhooks', randomUUID()),
      action: 'webhook.disable',
      subject: `Webhook:${webhookId}`,
      details: { url, reason },
    });
  }

  private async postpone(
    id: string,
    end: {
      readonly pauseSeconds: number;
      readonly status: number | null;
      readonly error: string | null;
      readonly isAttempt: boolean;
    },
  ): Promise<void> {
    await this.deps.dataSource.query(
      `UPDATE webhook_deliveries SET next_attempt_at = now() + make_interval(secs => $2), response_status = $3, error = $4, attempt = attempt - $5
       WHERE id = $1 AND status = 'PENDING'`,
      [id, end.pauseSeconds, end.status, end.error, end.isAttempt ? 0 : 1],
    );
  }
}

async function noteFailure(manager: EntityManager, webhookId: string, url: string): Promise<void> {
  await manager.query(
    'UPDATE webhooks SET failing_since = now() WHERE id = $1 AND url = $2 AND failing_since IS NULL',
    [webhookId, url],
  );
}
