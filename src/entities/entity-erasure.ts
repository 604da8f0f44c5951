import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ScalarValue } from './feature-value';

/** That an entity was to be forgotten, and what of it was found. */
@Entity('entity_erasures')
export class EntityErasure {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'entity_id' })
  entityId!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  /** Values of the join keys; null once the job has ended. */
  @Column('jsonb', { name: 'entity_key', nullable: true })
  entityKey!: Record<string, Exclude<ScalarValue, null>> | null;

  @Column('text', { name: 'key_digest' })
  keyDigest!: string;

  @Column('bigint', { name: 'erased_row_count', default: () => '0' })
  erasedRowCount!: number;

  @Column('bigint', { name: 'erased_online_count', default: () => '0' })
  erasedOnlineCount!: number;

  /** Null until it was looked. */
  @Column('bigint', { name: 'prediction_count', nullable: true })
  predictionCount!: number | null;

  /** Datasets that hold the entity; null until it was looked. */
  @Column('jsonb', { name: 'dataset_ids', nullable: true })
  datasetIds!: string[] | null;

  @Column('text')
  actor!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
