import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A committed Parquet file of the offline store. */
@Entity('feature_batches')
export class FeatureBatch {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('bigint', { name: 'ingest_sequence' })
  ingestSequence!: number;

  @Column('uuid', { name: 'feature_view_version_id' })
  featureViewVersionId!: string;

  @Column('text')
  file!: string;

  @Column('integer', { name: 'row_count' })
  rowCount!: number;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes!: number;

  @Column('timestamptz', { name: 'min_event_timestamp' })
  minEventTimestamp!: Date;

  @Column('timestamptz', { name: 'max_event_timestamp' })
  maxEventTimestamp!: Date;

  @Column('text')
  actor!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
