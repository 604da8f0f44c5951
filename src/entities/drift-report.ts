import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DriftVerdict, ReportStatus, ReportWindowKind } from './enums';

export type ColumnVerdict = 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_DATA' | 'EMPTY';

/** Shares of the rows per bin, reference and current side by side. */
export interface DriftHistogram {
  bins: string[];
  reference: number[];
  current: number[];
}

/** DEGRADED: the share has risen, by more than chance and by at least the threshold. */
export type InputQualityVerdict = 'DEGRADED' | 'NOT_DEGRADED' | 'INSUFFICIENT_DATA';

export type InputQualityKind = 'NULLS' | 'UNSEEN_CATEGORIES' | 'BELOW_RANGE' | 'ABOVE_RANGE';

/** How often one thing is wrong with a feature, in both windows. */
export interface InputQualityCheck {
  kind: InputQualityKind;
  verdict: InputQualityVerdict;
  referenceShare: number;
  currentShare: number;
  /** Of a rise like this by chance, corrected over all checks of the report. */
  pValue: number;
  /** Smallest rise of the share that counts. */
  threshold: number;
}

/** What is optional here and below is absent from reports of before it was computed. */
export interface FeatureDrift {
  feature: string;
  verdict: ColumnVerdict;
  /** Why the verdict is what it is, for a reader. */
  reason?: string;
  klDivergence: number | null;
  psi: number | null;
  jsDivergence?: number | null;
  jsDistance?: number | null;
  hellingerDistance?: number | null;
  /** Over bins, in standard deviations of the reference; null for categories. */
  wassersteinDistance?: number | null;
  /** Of the χ² test of the bins, not corrected: a figure, no part of the verdict. */
  chiSquarePValue?: number | null;
  /** Corrected over the features. */
  pValue: number | null;
  threshold: number;
  /** Share of the divergence of all features, beyond what chance brings on average. */
  contribution?: number;
  /** Rows of a window that would do for DRIFT or NO_DRIFT; null where no number would, or it is not known. */
  currentRowsNeeded?: number | null;
  nullRatioReference: number;
  nullRatioCurrent: number;
  inputQuality?: InputQualityCheck[];
  histogram: DriftHistogram;
}

/** Drift of the scores that a multiclass model gives to one class. */
export interface ClassScoreDrift {
  className: string;
  verdict: ColumnVerdict;
  jsDistance: number | null;
  pValue: number | null;
}

export interface PredictionDrift {
  verdict: ColumnVerdict;
  reason?: string;
  jsDivergence: number | null;
  jsDistance: number | null;
  pValue: number | null;
  threshold: number;
  currentRowsNeeded?: number | null;
  /** Class by class, for a multiclass model. */
  classScores?: ClassScoreDrift[];
  histogram: DriftHistogram;
}

export type ConceptVerdict = 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_LABELS' | 'NOT_APPLICABLE';

/** The concept among the predictions of one segment. */
export interface ConceptSegment {
  segment: string;
  verdict: ConceptVerdict;
  reason: string;
  labelledRowCount: number;
  rowCount: number;
  ksStatistic: number | null;
  ksPValue: number | null;
  calibrationZ: number | null;
  calibrationPValue: number | null;
}

export type ConfoundedMeasure = 'LOG_LOSS' | 'RESIDUAL' | 'SCORE_OF_POSITIVES' | 'SCORE_OF_NEGATIVES';

/** A KS test that a change of the traffic alone alarms as well: no part of any verdict. */
export interface ConfoundedTest {
  measure: ConfoundedMeasure;
  ksStatistic: number;
  /** Corrected over the tests of this kind. */
  pValue: number;
}

export interface ConceptDrift {
  verdict: ConceptVerdict;
  reason?: string;
  ksStatistic: number | null;
  ksPValue: number | null;
  calibrationZ: number | null;
  calibrationPValue: number | null;
  labelledRowCount: number;
  /** Labels that a verdict takes; null where it does not apply. */
  labelsNeeded?: number | null;
  note: string;
  segmentFeature?: string | null;
  segments?: ConceptSegment[];
  confounded?: ConfoundedTest[];
}

/** The features together. */
export interface DatasetDrift {
  verdict: DriftVerdict;
  driftedFeatureCount: number;
  featureCount: number;
  /** Share of the features that must drift; null: any one. */
  driftedShareNeeded: number | null;
}

export interface DriftResult {
  referenceRowCount: number;
  currentRowCount: number;
  labelledRowCount: number;
  /** The largest contribution first. */
  features: FeatureDrift[];
  dataset?: DatasetDrift;
  /** Of all features' checks together: DEGRADED where any is. */
  inputQuality?: InputQualityVerdict;
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

  /** How the window was asked for. */
  @Column('text', { name: 'window_kind', default: () => "'TIME_RANGE'" })
  windowKind!: ReportWindowKind;

  /** How many predictions were asked for, where that is how. */
  @Column('integer', { name: 'window_row_limit', nullable: true })
  windowRowLimit!: number | null;

  /** Predictions of the first millisecond up to this one are not in the window. */
  @Column('uuid', { name: 'window_after_id', nullable: true })
  windowAfterId!: string | null;

  @Column('text', { nullable: true })
  verdict!: DriftVerdict | null;

  @Column('jsonb', { nullable: true })
  result!: DriftResult | null;

  /** Counts what it says: 1 as it was first, and one more each time that late outcomes changed it. */
  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('timestamptz', { name: 'recomputed_at', nullable: true })
  recomputedAt!: Date | null;

  /** When the outcomes that it knows were read. */
  @Column('timestamptz', { name: 'labels_read_at', nullable: true })
  labelsReadAt!: Date | null;

  /** The job that is to look at its late outcomes and has not begun. */
  @Column('uuid', { name: 'recompute_job_id', nullable: true })
  recomputeJobId!: string | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
