/** Long work: jobs that are made with the change that wants them, done by one worker, watched, cancelled, and resumed after a crash. */
export { type JobContext } from './job-definition';
export { JobQueue, type JobQueueDeps } from './job-queue';
