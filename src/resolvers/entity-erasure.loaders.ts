import { defineLoader } from '../schema/define-loader';

export const erasureOfJob = defineLoader(
  (ctx, jobIds) => ctx.services.erasures.findOfJobs(jobIds),
  ({ jobId }) => jobId,
);
