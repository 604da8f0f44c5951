/** What becomes of predictions: policies, drift reports, alerts. */
export { AlertService, type HandleAlertInput } from './alert.service';
export { DriftReportService, type RunDriftReportInput } from './drift-report.service';
export {
  MonitoringPolicyService,
  type PolicyInForce,
  type SetMonitoringPolicyInput,
} from './monitoring-policy.service';
