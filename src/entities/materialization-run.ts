import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one job has written of one view to the online store. */
@Entity('materialization_runs')
export class MaterializationRun {
  @PrimaryColumn('uuid', { name: 'job_id' })
  jobId!: string;

  @PrimaryColumn('uuid', { name: 'feature_view_version_id' })
  featureViewVersionId!: string;

  /** Rows that were newer than what the store had. */
  @Column('bigint', { name: 'row_count' })
  rowCount!: number;

  @Column('timestamptz', { name: 'materialized_at' })
  materializedAt!: Date;
}
