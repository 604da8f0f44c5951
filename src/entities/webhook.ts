import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { EventType } from './enums';

/** An address that is told of events. */
@Entity('webhooks')
export class Webhook {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  url!: string;

  @Column('text', { default: () => "''" })
  description!: string;

  @Column('text', { name: 'event_types', array: true })
  eventTypes!: EventType[];

  /** Null: of all models, and of what belongs to none. */
  @Column('uuid', { name: 'model_id', nullable: true })
  modelId!: string | null;

  /** What its messages are signed with; encrypted where keys are configured. */
  @Column('text', { select: false })
  secret!: string;

  @Column('boolean', { default: () => 'true' })
  active!: boolean;

  /** The first failed attempt since the last that succeeded. */
  @Column('timestamptz', { name: 'failing_since', nullable: true })
  failingSince!: Date | null;

  /** When Mooring itself switched it off. */
  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
