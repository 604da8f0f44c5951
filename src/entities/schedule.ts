import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { JobKind } from './enums';

/** When jobs of a kind are made for a subject by the clock. */
@Entity('schedules')
export class Schedule {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  kind!: JobKind;

  @Column('text')
  subject!: string;

  /** Five fields, in UTC, or @daily and its like. */
  @Column('text')
  cron!: string;

  @Column('timestamptz', { name: 'next_run_at' })
  nextRunAt!: Date;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
