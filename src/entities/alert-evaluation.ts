import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AlertOutcome } from './enums';

/** What came of a rule in one window. Append-only, kept for a while. */
@Entity('alert_evaluations')
export class AlertEvaluation {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'rule_id' })
  ruleId!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  /** Of a rule on drift: the report that it looked at. */
  @Column('uuid', { name: 'drift_report_id', nullable: true })
  driftReportId!: string | null;

  @Column('timestamptz', { name: 'window_start' })
  windowStart!: Date;

  @Column('timestamptz', { name: 'window_end' })
  windowEnd!: Date;

  @Column('text')
  outcome!: AlertOutcome;

  @Column('double precision', { nullable: true })
  value!: number | null;

  @Column('double precision', { nullable: true })
  threshold!: number | null;

  /** What was seen, or why the window could not be judged. */
  @Column('text')
  reason!: string;

  /** The alert that it raised, repeated, reopened or resolved. */
  @Column('uuid', { name: 'alert_id', nullable: true })
  alertId!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
