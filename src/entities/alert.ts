import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AlertKind, AlertSeverity, AlertStatus } from './enums';

export interface AlertDetails {
  /** What is wrong, one sentence each, the worst first. */
  causes: string[];
}

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

  @Column('uuid', { name: 'drift_report_id' })
  driftReportId!: string;

  @Column('integer', { default: () => '1' })
  occurrences!: number;

  @Column('text', { name: 'acknowledged_by', nullable: true })
  acknowledgedBy!: string | null;

  @Column('text', { name: 'resolved_by', nullable: true })
  resolvedBy!: string | null;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
