import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DriftVerdict, ReportStatus } from './enums';

export type ColumnVerdict = 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_DATA' | 'EMPTY';

/** Shares of the rows per bin, reference and current side by side. */
export interface DriftHistogram {
  bins: string[];
  reference: number[];
  current: number[];
}

export interface FeatureDrift {
  feature: string;
  verdict: ColumnVerdict;
  klDivergence: number | null;
  psi: number | null;
  /** Corrected over the features. */
  pValue: number | null;
  threshold: number;
  nullRatioReference: number;
  nullRatioCurrent: number;
  histogram: DriftHistogram;
}

export interface PredictionDrift {
  verdict: ColumnVerdict;
  jsDivergence: number | null;
  jsDistance: number | null;
  pValue: number | null;
  threshold: number;
  histogram: DriftHistogram;
}

export interface ConceptDrift {
  verdict: 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_LABELS';
  ksStatistic: number | null;
  ksPValue: number | null;
  calibrationZ: number | null;
  calibrationPValue: number | null;
  labelledRowCount: number;
  note: string;
}

export interface DriftResult {
  referenceRowCount: number;
  currentRowCount: number;
  labelledRowCount: number;
  features: FeatureDrift[];
  prediction: PredictionDrift;
  concept: ConceptDrift;
  /** Metrics of the predictions whose outcome is known; empty when there are too few. */
  performance: Record<string, number>;
  /** The alert that the report raised or that it repeated. */
  alertId: string | null;
}

/** A window of predictions compared with the reference of their version. */
@Entity('drift_reports')
export class DriftReport {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('text')
  status!: ReportStatus;

  @Column('timestamptz', { name: 'window_start' })
  windowStart!: Date;

  @Column('timestamptz', { name: 'window_end' })
  windowEnd!: Date;

  @Column('text', { nullable: true })
  verdict!: DriftVerdict | null;

  @Column('jsonb', { nullable: true })
  result!: DriftResult | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
