import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest values of one entity in one view version. */
@Entity('online_features')
export class OnlineFeatureRow {
  @PrimaryColumn('uuid', { name: 'feature_view_version_id' })
  featureViewVersionId!: string;

  @PrimaryColumn('text', { name: 'entity_key' })
  entityKey!: string;

  @Column('timestamptz', { name: 'event_timestamp' })
  eventTimestamp!: Date;

  @Column('timestamptz', { name: 'created_timestamp', nullable: true })
  createdTimestamp!: Date | null;

  @Column('bigint', { name: 'ingest_sequence' })
  ingestSequence!: number;

  @Column('jsonb', { name: 'feature_values' })
  featureValues!: Record<string, unknown>;
}
