import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Role, Stage, TaskType } from './enums';

export interface QualityRule {
  /** A metric of the held-out rows: auc, f1, logLoss, … */
  metric: string;
  comparison: 'AT_LEAST' | 'AT_MOST';
  /** null: no absolute bound. */
  threshold: number | null;
  /** How much worse than production is still accepted; null: production is not looked at. */
  maxRegression: number | null;
  /** A feature: the threshold is asked of the held-out rows of each of its values. null: of all rows together. */
  segmentBy?: string | null;
  /** Values with fewer held-out rows are not judged. */
  minimumSegmentRows?: number | null;
}

export interface QualityPolicy {
  minimumEvaluationRows: number;
  rules: QualityRule[];
  /** Tags that every version has to carry. */
  requiredTags?: string[];
}

/** Moves to a stage that others have to approve. */
export interface ApprovalRule {
  toStage: Exclude<Stage, 'NONE'>;
  /** By so many people, none of them the one who asks. */
  approvals: number;
  /** Who have this role; null: whoever may move versions. */
  role: Role | null;
  /** A request that is not decided by then has run out. */
  expiresAfterHours: number;
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

  /** At most one per stage. */
  @Column('jsonb', { name: 'approval_rules', default: () => "'[]'" })
  approvalRules!: ApprovalRule[];

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
