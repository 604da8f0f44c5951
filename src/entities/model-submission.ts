import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SubmissionStatus } from './enums';

/** Production and a candidate, judged on the same held-out rows. */
export interface HeldOutComparison {
  modelVersionId: string;
  /** The figures are what the makers of both declare of one dataset. Otherwise both were run here, on rows that neither was trained on. */
  declared?: boolean;
  /** 0: there was nothing to compare by. */
  rowCount: number;
  production: Record<string, number>;
  candidate: Record<string, number>;
}

/** One question of the quality gate, with what it was answered by. */
export interface QualityCheck {
  kind: 'DATA' | 'MODEL';
  name: string;
  /** The value of a feature whose rows were looked at; absent: all rows. */
  segment?: { feature: string; value: string };
  rule: string;
  threshold: number | null;
  actual: number | null;
  /** Production's figure on the same rows, where the rule compares. */
  baseline: number | null;
  passed: boolean;
  message: string;
}

/** What was offered to the quality gate, with its evaluation, passed or not. */
@Entity('model_submissions')
export class ModelSubmission {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('text')
  status!: SubmissionStatus;

  @Column('jsonb')
  checks!: QualityCheck[];

  @Column('jsonb')
  metrics!: Record<string, number>;

  @Column('jsonb', { nullable: true })
  comparison!: HeldOutComparison | null;

  @Column('uuid', { name: 'training_run_id', nullable: true })
  trainingRunId!: string | null;

  @Column('uuid', { name: 'dataset_id', nullable: true })
  datasetId!: string | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
