import { defineLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

export const alertById = defineNodeLoader('Alert', (ctx, ids) => ctx.services.alerts.find(ids));
export const alertRuleById = defineNodeLoader('AlertRule', (ctx, ids) => ctx.services.alertRules.find(ids));
export const driftReportById = defineNodeLoader('DriftReport', (ctx, ids) => ctx.services.driftReports.find(ids));
export const driftScheduleOfModel = defineLoader(
  (ctx, modelIds) =>
    ctx.services.schedules.find(
      'DRIFT_REPORT',
      modelIds.map((id) => `Model:${id}`),
    ),
  ({ subject }) => subject.slice('Model:'.length),
);
