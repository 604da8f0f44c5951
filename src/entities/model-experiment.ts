import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ImportStatus, NonFinite } from './enums';

/** A figure of an MLflow run, the last one of its name. */
export interface ImportedMetric {
  name: string;
  /** null where it is no finite number; nonFinite says which. */
  value: number | null;
  nonFinite: NonFinite | null;
  step: number;
  /** Milliseconds since 1970; null where MLflow does not say. */
  recordedAtMs: number | null;
}

export interface ImportedParam {
  name: string;
  value: string;
}

/** A link of a version to an MLflow experiment and run, with what was imported from there. */
@Entity('model_experiments')
export class ModelExperiment {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('text', { name: 'tracking_uri' })
  trackingUri!: string;

  @Column('text', { name: 'experiment_id' })
  experimentId!: string;

  @Column('text', { name: 'run_id' })
  runId!: string;

  @Column('text', { default: () => "'PENDING'" })
  status!: ImportStatus;

  @Column('integer', { default: () => '0' })
  attempts!: number;

  @Column('text', { name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column('timestamptz', { name: 'next_attempt_at', nullable: true, default: () => 'now()' })
  nextAttemptAt!: Date | null;

  @Column('uuid', { name: 'job_id', nullable: true })
  jobId!: string | null;

  @Column('timestamptz', { name: 'imported_at', nullable: true })
  importedAt!: Date | null;

  @Column('text', { name: 'experiment_name', nullable: true })
  experimentName!: string | null;

  @Column('text', { name: 'run_name', nullable: true })
  runName!: string | null;

  @Column('text', { name: 'run_status', nullable: true })
  runStatus!: string | null;

  @Column('jsonb', { default: () => "'[]'" })
  metrics!: ImportedMetric[];

  @Column('jsonb', { default: () => "'[]'" })
  params!: ImportedParam[];

  @Column('jsonb', { default: () => "'{}'" })
  tags!: Record<string, string>;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
