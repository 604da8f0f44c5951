import { defineNodeLoader } from '../schema/node';

export const alertById = defineNodeLoader('Alert', (ctx, ids) => ctx.services.alerts.find(ids));
export const alertRuleById = defineNodeLoader('AlertRule', (ctx, ids) => ctx.services.alertRules.find(ids));
export const driftReportById = defineNodeLoader('DriftReport', (ctx, ids) => ctx.services.driftReports.find(ids));
