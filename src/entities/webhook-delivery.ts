import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { EventType, WebhookDeliveryStatus } from './enums';

/** One message to one webhook, through all its attempts. */
@Entity('webhook_deliveries')
export class WebhookDelivery {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'webhook_id' })
  webhookId!: string;

  @Column('text', { name: 'message_id' })
  messageId!: string;

  /** An event's type, or TEST. */
  @Column('text', { name: 'event_type' })
  eventType!: EventType | 'TEST';

  @Column('text')
  body!: string;

  @Column('text', { default: () => "'PENDING'" })
  status!: WebhookDeliveryStatus;

  /** Attempts that were begun. */
  @Column('integer', { default: () => '0' })
  attempt!: number;

  @Column('timestamptz', { name: 'next_attempt_at', nullable: true, default: () => 'now()' })
  nextAttemptAt!: Date | null;

  @Column('integer', { name: 'response_status', nullable: true })
  responseStatus!: number | null;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
