import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ScheduleDecision } from './enums';

/** What became of one time at which a schedule was due. */
@Entity('schedule_runs')
export class ScheduleRun {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'schedule_id' })
  scheduleId!: string;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;

  @Column('text')
  decision!: ScheduleDecision;

  /** Why no job was made; else empty. */
  @Column('text')
  reason!: string;

  @Column('uuid', { name: 'job_id', nullable: true })
  jobId!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
