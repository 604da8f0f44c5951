import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AlertKind, AlertSeverity, AlertStatus } from './enums';

export interface AlertDetails {
  /** What is wrong, one sentence each, the worst first. */
  causes: string[];
  /** What was measured in the newest window that saw the cause, and what it was held against; absent where a report says it. */
  value?: number | null;
  threshold?: number | null;
  windowStart?: string;
  windowEnd?: string;
}

/** What a mute keeps from being told. */
export type UnannouncedChange = 'RAISED' | 'REOPENED';

/** Something that a person should look at. */
@Entity('alerts')
export class Alert {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('text')
  kind!: AlertKind;

  @Column('text')
  severity!: AlertSeverity;

  @Column('text', { default: () => "'OPEN'" })
  status!: AlertStatus;

  @Column('text')
  title!: string;

  @Column('jsonb')
  details!: AlertDetails;

  /** null: raised without a rule, as models without rules on drift have it. */
  @Column('uuid', { name: 'rule_id', nullable: true })
  ruleId!: string | null;

  @Column('uuid', { name: 'drift_report_id', nullable: true })
  driftReportId!: string | null;

  @Column('uuid', { name: 'feature_quality_report_id', nullable: true })
  featureQualityReportId!: string | null;

  @Column('integer', { default: () => '1' })
  occurrences!: number;

  @Column('text', { name: 'acknowledged_by', nullable: true })
  acknowledgedBy!: string | null;

  @Column('text', { name: 'resolved_by', nullable: true })
  resolvedBy!: string | null;

  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  resolvedAt!: Date | null;

  /** null: all that happened to it was told. */
  @Column('text', { name: 'unannounced_change', nullable: true })
  unannouncedChange!: UnannouncedChange | null;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
