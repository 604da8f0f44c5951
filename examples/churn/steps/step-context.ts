import { createHash } from 'node:crypto';
import type { GraphqlClient } from '../graphql-client';
import { JOB, type JobState } from '../operations/operation';
import type { StepReport } from '../progress';
import type { Story } from '../story';

/** What every step works with. */
export interface StepContext {
  readonly client: GraphqlClient;
  readonly story: Story;
  /**
   * Begins the idempotency keys of this run. Made of the data and of the version in production, so a run that was interrupted finds its work again,
   * and a run after a finished one starts anew.
   */
  readonly runKey: string;
}

/** A short name for the data of a story, for idempotency keys. */
export const sourceKey = (story: Story): string => createHash('sha256').update(story.source).digest('hex').slice(0, 12);

const POLL_MS = 200;

/** Waits until a job has succeeded, showing how far it is. @throws Error when it failed or was cancelled */
export async function followJob(client: GraphqlClient, started: JobState, report: StepReport): Promise<void> {
  let job = started;
  while (job.status === 'QUEUED' || job.status === 'RUNNING') {
    report.progress(job.progressRatio, job.progressMessage);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const answer = await client.query(JOB, { id: job.id });
    if (!answer.job) throw new Error(`the server no longer knows the job ${job.id}`);
    job = answer.job;
  }
  if (job.status === 'SUCCEEDED') return;
  throw new Error(
    job.error
      ? `the job failed with ${job.error.code}: ${job.error.message}`
      : `the job was ${job.status.toLowerCase()}`,
  );
}

/**
 * Starts a job under an idempotency key and, where that key belongs to a job that has failed in an earlier run, another one in its place: a run
 * after a failure must not be answered with that failure again.
 */
export async function startJob<Started extends { readonly job: JobState }>(
  key: string,
  start: (key: string) => Promise<Started>,
): Promise<Started> {
  const started = await start(key);
  const isOver = started.job.status === 'FAILED' || started.job.status === 'CANCELLED';
  return isOver ? start(`${key}:again-${Date.now()}`) : started;
}
