import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { TaskType } from './enums';

export interface QualityRule {
  /** A metric of the held-out rows: auc, f1, logLoss, … */
  metric: string;
  comparison: 'AT_LEAST' | 'AT_MOST';
  /** null: no absolute bound. */
  threshold: number | null;
  /** How much worse than production is still accepted; null: production is not looked at. */
  maxRegression: number | null;
}

export interface QualityPolicy {
  minimumEvaluationRows: number;
  rules: QualityRule[];
  /** Tags that every version has to carry. */
  requiredTags?: string[];
}

/** A model of a team: the line of its versions. */
@Entity('models')
export class Model {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'task_type' })
  taskType!: TaskType;

  @Column('text', { default: () => "''" })
  description!: string;

  @Column('text', { default: () => "''" })
  owner!: string;

  @Column('jsonb', { default: () => "'{}'" })
  tags!: Record<string, string>;

  @Column('jsonb', { name: 'quality_policy' })
  qualityPolicy!: QualityPolicy;

  @Column('integer', { name: 'last_version', default: () => '0' })
  lastVersion!: number;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
