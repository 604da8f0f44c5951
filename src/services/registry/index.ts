export { AuditHistory, type AuditSearch } from './audit-history';
export { ExperimentService, type LinkExperimentInput } from './experiment.service';
export { MlflowClient } from './mlflow-client';
export {
  type CreateModelInput,
  type DeleteModelInput,
  ModelService,
  type RestoreModelInput,
  type SetApprovalRulesInput,
  type UpdateModelInput,
} from './model.service';
export { type ModelAsOf, ModelHistory } from './model-history';
export { checkEvaluationReport } from './check-evaluation-report';
export { type EvaluationReport, readEvaluationReport, serializeEvaluationReport } from './evaluation-report';
export { EvaluationReports } from './evaluation-reports';
export type { SegmentMetrics } from '../statistics';
export { GATE_METRICS, improvement } from './metric.policy';
export { RegistryReader, type VersionComparison } from './registry-reader';
export type {
  MetricMatch,
  ModelFilter,
  ModelVersionFilter,
  NumberMatch,
  ParamMatch,
  TagMatch,
  TextMatch,
  TimeMatch,
} from './search/search-filter';
export type { ModelOrder, ModelVersionOrder } from './search/search-order';
export { type ModelVersionSearch, RegistrySearch } from './search/registry-search';
export type { VersionSelector } from './selector';
export { statusAt } from './approval.policy';
export { StageService, type Transition, type TransitionInput } from './stage.service';
export {
  type DecideTransitionInput,
  type RequestTransitionInput,
  TransitionRequestService,
} from './transition-request.service';
export {
  type DeleteModelAliasInput,
  type DeleteModelVersionInput,
  type SetModelAliasInput,
  type UpdateModelVersionInput,
  VersionCatalog,
} from './version-catalog';
export {
  type Candidate,
  HELD_OUT,
  type SubmissionRequest,
  type VersionLabels,
  type VersionMetric,
  VersionService,
} from './version.service';
export { LINEAGE_FACTS, type LineageComparison, type LineageFact } from './version-comparison';
export { checkedRun, type RunReference } from './tracking-target.policy';
