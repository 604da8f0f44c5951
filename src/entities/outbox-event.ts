import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** An event, written in the transaction of the change that it tells of. */
@Entity('outbox_events')
export class OutboxEvent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: number;

  @Column('text')
  type!: string;

  @Column('uuid', { name: 'model_id', nullable: true })
  modelId!: string | null;

  @Column('jsonb')
  payload!: Record<string, unknown>;

  @Column('text')
  actor!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('timestamptz', { name: 'occurred_at', default: () => 'now()' })
  occurredAt!: Date;

  @Column('bigint', { nullable: true })
  sequence!: number | null;
}
