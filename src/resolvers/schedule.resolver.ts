import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { Job } from '../schema/job';
import { nullable } from '../schema/nullable';
import { Schedule, ScheduleRun, ScheduleRunConnection } from '../schema/schedule';
import { jobById } from './job.loaders';
import { runsOfSchedule } from './schedule.loaders';

@Resolver(() => Schedule)
export class ScheduleResolver {
  @FieldResolver(() => ScheduleRunConnection, { description: 'Its last hundred runs, newest first.' })
  async runs(@Root() schedule: rows.Schedule, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
    return toConnection(await runsOfSchedule(ctx, schedule.id, args));
  }
}

@Resolver(() => ScheduleRun)
export class ScheduleRunResolver {
  @FieldResolver(() => Job, nullable('The job that was made.'))
  job(@Root() { jobId }: rows.ScheduleRun, @Ctx() ctx: Context) {
    return jobId === null ? null : jobById(ctx).load(jobId);
  }
}
