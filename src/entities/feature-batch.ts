import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Rows that were ingested together, and the Parquet file of the offline store that holds them. */
@Entity('feature_batches')
export class FeatureBatch {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('bigint', { name: 'ingest_sequence' })
  ingestSequence!: number;

  @Column('uuid', { name: 'feature_view_version_id' })
  featureViewVersionId!: string;

  /** Null once all of its rows are erased. */
  @Column('text', { nullable: true })
  file!: string | null;

  /** Whether its file was written anew: that may hold other batches too, and says the position of each row. */
  @Column('boolean', { default: () => 'false' })
  rewritten!: boolean;

  @Column('integer', { name: 'row_count' })
  rowCount!: number;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes!: number;

  @Column('timestamptz', { name: 'min_event_timestamp' })
  minEventTimestamp!: Date;

  @Column('timestamptz', { name: 'max_event_timestamp' })
  maxEventTimestamp!: Date;

  /** That made it of a file; null: it came as rows. */
  @Column('uuid', { name: 'job_id', nullable: true })
  jobId!: string | null;

  @Column('text')
  actor!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
