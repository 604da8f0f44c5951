import type { DataSource } from 'typeorm';
import { systemActor } from '../../identity';
import type { JobQueue, JobSchedules } from '../../jobs';
import { currentSchemaOfSubject } from '../definitions/view-schema';
import type { FeatureQuality } from './feature-quality';

/** Lets the clock ask for quality reports: of whatever version a view has when the job runs. */
export function defineScheduledQuality(deps: {
  readonly dataSource: DataSource;
  readonly jobs: JobQueue;
  readonly schedules: JobSchedules;
  readonly quality: FeatureQuality;
}): void {
  const { dataSource, jobs, schedules, quality } = deps;
  jobs.define<{ subject: string }>('FEATURE_QUALITY', async ({ subject }, job) => {
    const { view } = await currentSchemaOfSubject(dataSource, subject);
    job.progress(0, view);
    const actor = systemActor(job.actor.name, job.actor.requestId);
    // The job's id, so that a job that is run again makes no second report.
    await quality.run(view, actor, { reportId: job.jobId, signal: job.signal });
  });
  schedules.define('FEATURE_QUALITY', async (manager, subject, actor) => {
    await currentSchemaOfSubject(manager, subject);
    return jobs.enqueue(manager, { kind: 'FEATURE_QUALITY', subject, input: { subject }, actor });
  });
}
