import { definePageLoader } from '../schema/define-loader';

export const runsOfSchedule = definePageLoader(
  (ctx, scheduleIds, first) => ctx.services.schedules.firstRuns(scheduleIds, first),
  (ctx, scheduleId, args) => ctx.services.schedules.runs(scheduleId, args),
);
