import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { JobRecord } from '../entities';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import { CancelJobInput, CancelJobPayload, Job, JobError } from '../schema/job';
import { nullable } from '../schema/nullable';
import { authorize } from '../services/identity';
import { jobById } from './job.loaders';

@Resolver(() => Job)
export class JobResolver {
  @Query(() => Job, nullable('Long work by its id; null when there is none.'))
  job(@Arg('id', () => ID, { description: 'The job’s id.' }) id: string, @Ctx() ctx: Context) {
    return jobById(ctx).load(fromGlobalId(id, 'Job'));
  }

  @Mutation(() => CancelJobPayload, {
    description: 'Asks a job to stop. One that is finished stays as it is; what was already written by then stays too.',
  })
  async cancelJob(@Arg('input', () => CancelJobInput) input: CancelJobInput, @Ctx() ctx: Context) {
    // Here, because the queue lies below the floor of policies.
    authorize(ctx.actor, 'job.cancel');
    return { job: await ctx.services.jobs.cancel(fromGlobalId(input.id, 'Job', 'input.id'), ctx.actor) };
  }

  @Subscription(() => Job, {
    description: 'The job as it goes: at once, then at most once a second, and a last time when it has ended.',
    subscribe: ({ args, context }: { args: { id: string }; context: Context }) =>
      context.services.jobs.watch(fromGlobalId(args.id, 'Job')),
  })
  jobProgressed(@Arg('id', () => ID, { description: 'The job’s id.' }) _id: string, @Root() job: JobRecord): JobRecord {
    return job;
  }

  @FieldResolver(() => JobError, nullable('Why it failed.'))
  error(@Root() job: JobRecord): JobError | null {
    const { errorCode: code, errorMessage, errorProblems } = job;
    return code === null ? null : { code, message: errorMessage ?? '', problems: errorProblems ?? [] };
  }
}
