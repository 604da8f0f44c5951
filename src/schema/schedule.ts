import { Field, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { ScheduleDecision } from './enums';
import { nullable } from './nullable';
import { DateTime } from './scalars';

@ObjectType({ description: 'A time at which a schedule was due, and what became of it.' })
export class ScheduleRun {
  @Field(() => DateTime, {
    description: 'When it was due. Of times that were missed while no server ran, the first stands for all.',
  })
  dueAt!: Date;

  @Field(() => DateTime, { description: 'When it was decided upon.' })
  createdAt!: Date;

  @Field(() => ScheduleDecision, { description: 'What was decided.' })
  decision!: rows.ScheduleDecision;

  @Field(() => String, { description: 'Why there was no job; else empty.' })
  reason!: string;
}

@ObjectType({ description: 'Work that is done by the clock.' })
export class Schedule {
  @Field(() => String, {
    description: 'Minute, hour, day of month, month and day of week in UTC, or @hourly, @daily, @weekly or @monthly.',
  })
  cron!: string;

  @Field(() => DateTime, { description: 'When it is due next; what was missed is made up for once, at the start.' })
  nextRunAt!: Date;

  @Field(() => ScheduleRun, nullable('The newest of its runs.'))
  lastRun!: ScheduleRun | null;
}

export const ScheduleRunConnection = connectionType('ScheduleRun', () => ScheduleRun);
