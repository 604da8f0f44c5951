import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { FeatureStatus, Variant } from './enums';
import type { FeatureValue } from './feature-value';

/** A prediction as it was served. The log is partitioned by predictedAt, which an id of version 7 tells (services/predictions/prediction-id.ts). */
@Entity('predictions')
export class Prediction {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  /** Null: made by a version that was named and is not in production, outside of the traffic. */
  @Column('text', { nullable: true })
  variant!: Variant | null;

  @Column('jsonb', { nullable: true })
  entity!: Record<string, FeatureValue> | null;

  @Column('jsonb')
  features!: Record<string, FeatureValue>;

  /** Of the features that are not PRESENT only. */
  @Column('jsonb', { name: 'feature_statuses', default: () => "'{}'" })
  featureStatuses!: Record<string, FeatureStatus>;

  @Column('text', { name: 'features_hash' })
  featuresHash!: string;

  @Column('uuid', { name: 'feature_service_version_id', nullable: true })
  featureServiceVersionId!: string | null;

  @Column('double precision')
  probability!: number;

  @Column('boolean')
  label!: boolean;

  @Column('real', { name: 'latency_ms' })
  latencyMs!: number;

  @Column('text')
  actor!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('timestamptz', { name: 'predicted_at' })
  predictedAt!: Date;
}
