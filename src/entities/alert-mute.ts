import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AlertKind } from './enums';

/** A time in which alerts of a model are raised without being told. */
@Entity('alert_mutes')
export class AlertMute {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  /** null: all kinds. */
  @Column('text', { array: true, nullable: true })
  kinds!: AlertKind[] | null;

  @Column('timestamptz', { name: 'starts_at' })
  startsAt!: Date;

  @Column('timestamptz', { name: 'ends_at' })
  endsAt!: Date;

  @Column('text')
  reason!: string;

  /** Who ended it before its time. */
  @Column('text', { name: 'ended_by', nullable: true })
  endedBy!: string | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
