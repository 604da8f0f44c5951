import { Column, Entity, PrimaryColumn } from 'typeorm';

export interface PromotionCriteria {
  /** false: a passing version waits in STAGING for a person. */
  automatic: boolean;
  /** A metric of the registry's gate. */
  metric: string;
  /** How much better than production, in the metric's unit, on the same held-out rows. */
  minimumImprovement: number;
  minimumHeldOutRows: number;
}

export interface RetrainingRules {
  onDrift: boolean;
  /** No retraining of this model sooner than this after the last one fired. */
  cooldownSeconds: number;
  /** How far back from now labelled rows are taken; null: all. */
  lookbackSeconds: number | null;
  promotion: PromotionCriteria;
}

/** When a model is retrained, and when the result is promoted. */
@Entity('retraining_policies')
export class RetrainingPolicy {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('jsonb')
  policy!: RetrainingRules;

  @Column('boolean', { default: () => 'false' })
  paused!: boolean;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'updated_by' })
  updatedBy!: string;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
