import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AlertKind, AlertSeverity, DriftPart, QualitySeverity } from './enums';

/** Drift in any of these parts of a report; of FEATURE only the one that is named, where one is. */
export interface DriftCondition {
  readonly parts: readonly DriftPart[];
  readonly feature: string | null;
}

/** What a metric shall keep to. Broken where the whole confidence interval lies beyond the threshold. */
export interface PerformanceCondition {
  readonly metric: string;
  readonly comparison: 'AT_LEAST' | 'AT_MOST';
  readonly threshold: number;
  readonly minimumLabels: number;
  /** How long after its end a window is judged, so that outcomes have time to come. */
  readonly labelDelaySeconds: number;
}

/** A failed rule of this severity or a graver one, in any view behind the model. */
export interface QualityCondition {
  readonly severity: QualitySeverity;
}

export interface LatencyCondition {
  readonly quantile: number;
  readonly thresholdMs: number;
  readonly minimumRequests: number;
}

export interface ErrorRatioCondition {
  readonly threshold: number;
  readonly minimumRows: number;
}

/** Fewer predictions than `below` in a window, or more than `above`. */
export interface VolumeCondition {
  readonly below: number | null;
  readonly above: number | null;
}

export interface AlertConditions extends Record<AlertKind, object> {
  DRIFT: DriftCondition;
  PERFORMANCE: PerformanceCondition;
  QUALITY: QualityCondition;
  LATENCY: LatencyCondition;
  ERROR_RATIO: ErrorRatioCondition;
  VOLUME: VolumeCondition;
}

/** What raises alerts of a model. */
@Entity('alert_rules')
export class AlertRule {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  kind!: AlertKind;

  /** Of its kind. */
  @Column('jsonb')
  condition!: AlertConditions[AlertKind];

  @Column('text')
  severity!: AlertSeverity;

  /** null for DRIFT: its windows are those of the reports. */
  @Column('integer', { name: 'window_seconds', nullable: true })
  windowSeconds!: number | null;

  /** So many of the last `outOf` windows that could be judged confirm an alert. */
  @Column('integer')
  required!: number;

  @Column('integer', { name: 'out_of' })
  outOf!: number;

  @Column('integer', { name: 'reopen_within_seconds' })
  reopenWithinSeconds!: number;

  @Column('boolean', { name: 'auto_resolve' })
  autoResolve!: boolean;

  @Column('boolean')
  enabled!: boolean;

  /** Windows that were judged before confirm nothing: the condition was another one. */
  @Column('timestamptz', { name: 'effective_at', default: () => 'clock_timestamp()' })
  effectiveAt!: Date;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('text', { name: 'updated_by' })
  updatedBy!: string;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
