import { Column, Entity, PrimaryColumn } from 'typeorm';

export interface MonitoringRules {
  /** Smallest KL divergence (nats) of a feature that counts as drift. */
  klThreshold: number;
  /** Smallest Jensen–Shannon distance (nats) of the predictions that counts as drift. */
  jsThreshold: number;
  /** Level of significance, corrected over the features. */
  alpha: number;
  /** A window with fewer predictions is INSUFFICIENT_DATA. */
  minimumRows: number;
  /** A window with fewer outcomes is INSUFFICIENT_LABELS for concept drift. */
  minimumLabels: number;
  /** Share of the features that must drift before the features together do; null or absent: any one is enough. */
  driftedShare?: number | null;
  /** Thresholds of single features, in place of klThreshold. */
  featureThresholds?: readonly FeatureThreshold[] | null;
  /** The feature by which the concept is looked at in segments; null or absent: only as a whole. */
  segmentFeature?: string | null;
}

export interface FeatureThreshold {
  feature: string;
  /** Smallest KL divergence (nats) that counts. */
  klThreshold: number;
}

/** What counts as drift for a model. */
@Entity('monitoring_policies')
export class MonitoringPolicy {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('jsonb')
  policy!: MonitoringRules;

  /** How far back reports by the clock look; null: to the last one. */
  @Column('integer', { name: 'drift_window_seconds', nullable: true })
  driftWindowSeconds!: number | null;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'updated_by' })
  updatedBy!: string;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
