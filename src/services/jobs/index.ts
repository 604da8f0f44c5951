/** Long work: jobs that are made with the change that wants them, or by the clock, done by one worker, watched, cancelled, and resumed after a crash. */
export { type JobContext } from './job-definition';
export { type JobDepth, readJobDepths } from './job-depths';
export { JobQueue, type JobQueueDeps } from './job-queue';
export { JobSchedules, type ScheduleRecord } from './job-schedules';
export { checkedCron } from './schedule.policy';
