/** What becomes of predictions: policies, drift reports, rules, alerts. */
export { type AlertCount, countUnresolvedAlerts } from './alert-counts';
export { AlertEvaluator } from './alerts/alert-evaluator';
export { AlertMuteService, type MuteAlertsInput } from './alerts/alert-mute.service';
export { AlertRuleService, type DeleteAlertRuleInput, type SetAlertRuleInput } from './alerts/alert-rule.service';
export { LoggedPerformance } from './alerts/performance-figures';
export { ServingMinutes } from './alerts/serving-minutes';
export { AlertService, type HandleAlertInput } from './alert.service';
export { type DriftScoreLimits, type DriftScores, readDriftScores, type VersionDrift } from './drift-scores';
export { DriftReportService, type RunDriftReportInput } from './drift-report.service';
export { LateLabels } from './late-labels';
export { type LiveDrift, type LiveDriftInput, LiveDriftService } from './live/live-drift.service';
export { LiveProfiler } from './live/live-profiler';
export { ProfileLayouts } from './live/profile-layouts';
export { ProfileRollup } from './live/profile-rollup';
export {
  MonitoringPolicyService,
  type PolicyInForce,
  type SetMonitoringPolicyInput,
} from './monitoring-policy.service';
export {
  MAX_PERFORMANCE_ROWS,
  type PerformanceReport,
  PerformanceReportService,
  type PerformanceSlice,
} from './performance/performance-report.service';
export { PERFORMANCE_FLAGS } from './performance/performance-flags.policy';
