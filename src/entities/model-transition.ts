import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Stage } from './enums';

/** A move of a version between stages. Append-only. */
@Entity('model_transitions')
export class ModelTransition {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('text', { name: 'from_stage' })
  fromStage!: Stage;

  @Column('text', { name: 'to_stage' })
  toStage!: Stage;

  @Column('text', { default: () => "''" })
  reason!: string;

  @Column('text')
  actor!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** The order of the moves: those of a promotion carry one timestamp. Written by the database. */
  @Column({ type: 'bigint', insert: false, update: false })
  sequence!: number;
}
