import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Algorithm, JobStatus, RunTrigger } from './enums';

export interface TrainingResult {
  modelDigest: string;
  preprocessingDigest: string;
  referenceProfileDigest: string;
  /** Absent in runs of before there were reports. */
  evaluationReportDigest?: string;
  /** Defaults filled in. */
  parameters: Record<string, number>;
  treesUsed: number | null;
  /** On held-out rows. */
  metrics: Record<string, number>;
  baselineMetrics: Record<string, number>;
  featureImportance: { feature: string; share: number }[];
  decisionThreshold: number;
  /** Greatest difference between the exported model and the trainer. */
  parityMaxError: number;
  trainingRowCount: number;
  heldOutRowCount: number;
  durationSeconds: number;
}

/** One training of one model on one dataset. */
@Entity('training_runs')
export class TrainingRun {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('uuid', { name: 'dataset_id' })
  datasetId!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('text')
  status!: JobStatus;

  @Column('text')
  algorithm!: Algorithm;

  @Column('jsonb')
  parameters!: Record<string, number>;

  @Column('integer')
  seed!: number;

  @Column('text')
  trigger!: RunTrigger;

  @Column('jsonb', { nullable: true })
  result!: TrainingResult | null;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
