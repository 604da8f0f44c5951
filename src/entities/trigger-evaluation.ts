import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { TriggerDecision, TriggerKind } from './enums';

export interface RetrainingOutcome {
  promoted: boolean;
  reason: string;
  modelVersionId: string | null;
  comparedRowCount: number;
  comparison: { metric: string; production: number; challenger: number }[];
}

/** One look of a trigger: fired, skipped and why, or failed. */
@Entity('trigger_evaluations')
export class TriggerEvaluation {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('text')
  trigger!: TriggerKind;

  @Column('text', { name: 'idempotency_key' })
  idempotencyKey!: string;

  @Column('text')
  decision!: TriggerDecision;

  @Column('text')
  reason!: string;

  @Column('uuid', { name: 'drift_report_id', nullable: true })
  driftReportId!: string | null;

  @Column('uuid', { name: 'job_id', nullable: true })
  jobId!: string | null;

  @Column('uuid', { name: 'training_run_id', nullable: true })
  trainingRunId!: string | null;

  @Column('jsonb', { nullable: true })
  outcome!: RetrainingOutcome | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
