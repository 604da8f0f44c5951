/** The closed sets of the domain. Each list is the single source of its type, its GraphQL enum and its place in messages. */

export const TASK_TYPES = ['BINARY_CLASSIFICATION', 'MULTICLASS_CLASSIFICATION', 'REGRESSION'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export const STAGES = ['NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED'] as const;
export type Stage = (typeof STAGES)[number];

export const SUBMISSION_STATUSES = ['PASSED', 'REJECTED'] as const;
export type SubmissionStatus = (typeof SUBMISSION_STATUSES)[number];

/** What stored bytes are to their version, and FEATURE_FILE, which belongs to none. */
export const ARTIFACT_ROLES = [
  'MODEL',
  'PREPROCESSING',
  'REFERENCE_PROFILE',
  'EVALUATION_REPORT',
  'FEATURE_FILE',
] as const;
export type ArtifactRole = (typeof ARTIFACT_ROLES)[number];

export const JOB_STATUSES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const JOB_KINDS = [
  'DATASET',
  'MATERIALIZATION',
  'FEATURE_QUALITY',
  'TRAINING',
  'DRIFT_REPORT',
  'RETRAINING',
  'EXPERIMENT_IMPORT',
  'COMPACTION',
  'ENTITY_ERASURE',
  'FEATURE_INGEST',
] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const REPORT_WINDOW_KINDS = ['TIME_RANGE', 'LAST_ROWS', 'SINCE_LAST'] as const;
export type ReportWindowKind = (typeof REPORT_WINDOW_KINDS)[number];

/** What became of a time at which a schedule was due. */
export const SCHEDULE_DECISIONS = ['STARTED', 'SKIPPED', 'FAILED'] as const;
export type ScheduleDecision = (typeof SCHEDULE_DECISIONS)[number];

export const DATASET_STATUSES = ['BUILDING', 'READY', 'FAILED'] as const;
export type DatasetStatus = (typeof DATASET_STATUSES)[number];

/** Types of join keys, model inputs and most features. INT64 crosses JSON as a string, TIMESTAMP as ISO 8601. */
export const SCALAR_DTYPES = ['INT64', 'DOUBLE', 'BOOL', 'STRING', 'TIMESTAMP'] as const;
export type ScalarDtype = (typeof SCALAR_DTYPES)[number];

/** Features that are lists: stored, joined and served like others, and read by no expression, learner or rule about values. */
export const LIST_DTYPES = ['INT64_LIST', 'DOUBLE_LIST', 'BOOL_LIST', 'STRING_LIST', 'TIMESTAMP_LIST'] as const;
export type ListDtype = (typeof LIST_DTYPES)[number];

export const DTYPES = [...SCALAR_DTYPES, ...LIST_DTYPES] as const;
export type Dtype = (typeof DTYPES)[number];

export const FEATURE_FILE_FORMATS = ['CSV', 'PARQUET'] as const;
export type FeatureFileFormat = (typeof FEATURE_FILE_FORMATS)[number];

/** The same words offline and online. */
export const FEATURE_STATUSES = ['PRESENT', 'NULL', 'NOT_FOUND', 'OUTSIDE_TTL'] as const;
export type FeatureStatus = (typeof FEATURE_STATUSES)[number];

/** What the online store has of an entity, held against the offline store. */
export const ONLINE_OUTCOMES = ['EQUAL', 'PENDING', 'MISSING', 'STALE', 'DIFFERENT', 'UNEXPECTED'] as const;
export type OnlineOutcome = (typeof ONLINE_OUTCOMES)[number];

export const FEATURE_QUALITY_KINDS = [
  'NOT_NULL_RATIO',
  'RANGE',
  'ALLOWED_VALUES',
  'PATTERN',
  'UNIQUE',
  'FRESHNESS',
  'ROW_COUNT',
  'DRIFT',
] as const;
export type FeatureQualityKind = (typeof FEATURE_QUALITY_KINDS)[number];

export const FEATURE_DRIFT_MEASURES = ['PSI', 'JS_DISTANCE'] as const;
export type FeatureDriftMeasure = (typeof FEATURE_DRIFT_MEASURES)[number];

export const DEFINITION_CHANGE_KINDS = ['CREATED', 'NONE', 'METADATA', 'COMPATIBLE', 'BREAKING'] as const;
export type DefinitionChangeKind = (typeof DEFINITION_CHANGE_KINDS)[number];

export const SPLIT_STRATEGIES = ['TIME', 'STRATIFIED'] as const;
export type SplitStrategy = (typeof SPLIT_STRATEGIES)[number];

export const QUALITY_SEVERITIES = ['WARN', 'BLOCK'] as const;
export type QualitySeverity = (typeof QUALITY_SEVERITIES)[number];

export const ALGORITHMS = ['GRADIENT_BOOSTING', 'LOGISTIC_REGRESSION'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export const RUN_TRIGGERS = ['MANUAL', 'DRIFT'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

export const VARIANTS = ['PRIMARY', 'CANARY', 'SHADOW'] as const;
export type Variant = (typeof VARIANTS)[number];

export const REPORT_STATUSES = ['RUNNING', 'READY', 'FAILED'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

export const DRIFT_VERDICTS = ['DRIFT', 'NO_DRIFT', 'INSUFFICIENT_DATA'] as const;
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

export const ALERT_KINDS = ['DRIFT', 'PERFORMANCE', 'QUALITY', 'LATENCY', 'ERROR_RATIO', 'VOLUME'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const ALERT_SEVERITIES = ['WARNING', 'CRITICAL'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export const ALERT_STATUSES = ['OPEN', 'ACKNOWLEDGED', 'RESOLVED'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** What came of a rule in one window. */
export const ALERT_OUTCOMES = ['BREACHED', 'CLEAN', 'NOT_EVALUABLE'] as const;
export type AlertOutcome = (typeof ALERT_OUTCOMES)[number];

/** The parts of a drift report that a rule can look at. */
export const DRIFT_PARTS = ['FEATURE', 'PREDICTION', 'CONCEPT'] as const;
export type DriftPart = (typeof DRIFT_PARTS)[number];

export const TRIGGER_KINDS = ['DRIFT'] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

export const TRIGGER_DECISIONS = ['FIRED', 'SKIPPED', 'FAILED'] as const;
export type TriggerDecision = (typeof TRIGGER_DECISIONS)[number];

export const ROLES = ['ADMIN', 'ENGINEER', 'SERVICE', 'VIEWER'] as const;
export type Role = (typeof ROLES)[number];

export const TRANSITION_REQUEST_STATUSES = ['PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'SUPERSEDED'] as const;
export type TransitionRequestStatus = (typeof TRANSITION_REQUEST_STATUSES)[number];

export const WEBHOOK_DELIVERY_STATUSES = ['PENDING', 'DELIVERED', 'FAILED'] as const;
export type WebhookDeliveryStatus = (typeof WEBHOOK_DELIVERY_STATUSES)[number];
export const IMPORT_STATUSES = ['PENDING', 'IMPORTED', 'FAILED'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/** Figures that JSON has no number for. */
export const NON_FINITES = ['NAN', 'INFINITY', 'NEGATIVE_INFINITY'] as const;
export type NonFinite = (typeof NON_FINITES)[number];

export const EVENT_TYPES = [
  'MODEL_VERSION_REGISTERED',
  'MODEL_TRANSITIONED',
  'TRANSITION_REQUESTED',
  'TRANSITION_REQUEST_DECIDED',
  'FEATURE_QUALITY_FAILED',
  'OUTCOMES_RECORDED',
  'DRIFT_DETECTED',
  'ALERT_CHANGED',
  'TRAINING_RUN_FINISHED',
  'RETRAINING_FINISHED',
  'DATASET_READY',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const SORT_DIRECTIONS = ['ASC', 'DESC'] as const;
export type SortDirection = (typeof SORT_DIRECTIONS)[number];

export const MODEL_ORDER_FIELDS = ['NAME', 'CREATED_AT', 'UPDATED_AT'] as const;
export type ModelOrderField = (typeof MODEL_ORDER_FIELDS)[number];

export const MODEL_VERSION_ORDER_FIELDS = [...MODEL_ORDER_FIELDS, 'VERSION', 'METRIC'] as const;
export type ModelVersionOrderField = (typeof MODEL_VERSION_ORDER_FIELDS)[number];
