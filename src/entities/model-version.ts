import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ScalarDtype, Stage } from './enums';
import type { FeatureValue } from './feature-value';

export interface ModelSignature {
  /** The raw features that the model takes, before preprocessing. */
  inputs: { name: string; dtype: ScalarDtype }[];
  /** The tensors that it gives, as its maker declared them; −1 in a shape is any size. */
  outputs?: { name: string; datatype: string; shape: number[] }[];
  /** A row that it was tried with. */
  inputExample?: Record<string, FeatureValue>;
}

/** A submission that passed, with its number and stage. */
@Entity('model_versions')
export class ModelVersion {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('integer')
  version!: number;

  @Column('uuid', { name: 'submission_id' })
  submissionId!: string;

  @Column('text', { default: () => "'NONE'" })
  stage!: Stage;

  @Column('boolean', { name: 'was_production', default: () => 'false' })
  wasProduction!: boolean;

  @Column('text', { default: () => "''" })
  description!: string;

  @Column('jsonb', { default: () => "'{}'" })
  tags!: Record<string, string>;

  @Column('jsonb')
  signature!: ModelSignature;

  @Column('double precision', { name: 'decision_threshold' })
  decisionThreshold!: number;

  @Column('text', { name: 'not_servable_reason', nullable: true })
  notServableReason!: string | null;

  @Column('text', { name: 'model_digest' })
  modelDigest!: string;

  @Column('text', { name: 'preprocessing_digest', nullable: true })
  preprocessingDigest!: string | null;

  @Column('text', { name: 'reference_profile_digest', nullable: true })
  referenceProfileDigest!: string | null;

  @Column('text', { name: 'evaluation_report_digest', nullable: true })
  evaluationReportDigest!: string | null;

  @Column('uuid', { name: 'training_run_id', nullable: true })
  trainingRunId!: string | null;

  @Column('uuid', { name: 'dataset_id', nullable: true })
  datasetId!: string | null;

  @Column('text', { name: 'dataset_fingerprint', nullable: true })
  datasetFingerprint!: string | null;

  @Column('uuid', { name: 'feature_service_version_id', nullable: true })
  featureServiceVersionId!: string | null;

  @Column('text', { name: 'code_commit', nullable: true })
  codeCommit!: string | null;

  /** Free names and values of where it was made: versions of languages and libraries. */
  @Column('jsonb', { default: () => "'{}'" })
  environment!: Record<string, unknown>;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  /** Its rows elsewhere stay, and lead to it; nothing else finds it. Its number is not given again. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
