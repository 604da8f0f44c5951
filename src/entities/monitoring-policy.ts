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
}

/** What counts as drift for a model. */
@Entity('monitoring_policies')
export class MonitoringPolicy {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('jsonb')
  policy!: MonitoringRules;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'updated_by' })
  updatedBy!: string;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
