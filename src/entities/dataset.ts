import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DatasetStatus, Dtype, SplitStrategy } from './enums';
import type { StoredColumnStatistics } from './feature-quality-report';

export interface DatasetSplit {
  readonly strategy: SplitStrategy;
  readonly heldOutFraction: number;
  readonly seed: number;
}

/** All that decides what is in a dataset: built again from it, it has the same rows and the same fingerprint. */
export interface DatasetDefinition {
  readonly featureServiceVersionId: string;
  readonly labelView: string;
  readonly labelViewVersionId: string;
  readonly labelField: string;
  /** ISO 8601, inclusive; null is open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly split: DatasetSplit;
  readonly leakageCutoff: boolean;
  /** Batches with a greater ingest sequence are not looked at. */
  readonly throughSequence: number;
}

export interface DatasetColumn {
  readonly name: string;
  readonly dtype: Dtype;
  readonly role: 'JOIN_KEY' | 'EVENT_TIMESTAMP' | 'FEATURE' | 'LABEL' | 'HELD_OUT';
}

/** The immutable result of a point-in-time join. */
@Entity('datasets')
export class Dataset {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  status!: DatasetStatus;

  @Column('jsonb')
  definition!: DatasetDefinition;

  @Column('uuid', { name: 'feature_service_version_id' })
  featureServiceVersionId!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('text', { nullable: true })
  file!: string | null;

  @Column('jsonb', { nullable: true })
  columns!: DatasetColumn[] | null;

  @Column('jsonb', { nullable: true })
  statistics!: StoredColumnStatistics[] | null;

  @Column('jsonb', { default: () => "'[]'" })
  warnings!: string[];

  @Column('boolean', { name: 'quality_passed', nullable: true })
  qualityPassed!: boolean | null;

  @Column('bigint', { name: 'row_count', nullable: true })
  rowCount!: number | null;

  @Column('bigint', { name: 'held_out_row_count', nullable: true })
  heldOutRowCount!: number | null;

  @Column('bigint', { name: 'size_bytes', nullable: true })
  sizeBytes!: number | null;

  @Column('text', { nullable: true })
  fingerprint!: string | null;

  @Column('timestamptz', { name: 'min_event_timestamp', nullable: true })
  minEventTimestamp!: Date | null;

  @Column('timestamptz', { name: 'max_event_timestamp', nullable: true })
  maxEventTimestamp!: Date | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
