/** The GraphQL enums of the closed lists in entities/enums.ts, under the same names in the singular. */
import * as lists from '../entities/enums';
import { enumType } from './enum-type';

export const TaskType = enumType('TaskType', lists.TASK_TYPES, 'What kind of answer a model gives.', {
  BINARY_CLASSIFICATION: 'One of two classes, with a probability.',
  MULTICLASS_CLASSIFICATION: 'One of several classes.',
  REGRESSION: 'A number.',
});

export const Stage = enumType('Stage', lists.STAGES, 'Where a version stands in its life.', {
  NONE: 'Registered, not yet tried.',
  STAGING: 'Being tried before production; several versions may be.',
  PRODUCTION: 'Answers predictions; at most one version per model.',
  ARCHIVED: 'Out of use, and kept.',
});

export const SubmissionStatus = enumType('SubmissionStatus', lists.SUBMISSION_STATUSES, 'What the quality gate said.', {
  PASSED: 'It became a version.',
  REJECTED: 'It did not; its checks say why.',
});

export const TransitionRequestStatus = enumType(
  'TransitionRequestStatus',
  lists.TRANSITION_REQUEST_STATUSES,
  'What has become of a request for a move.',
  {
    PENDING: 'Waits for approvals.',
    APPROVED: 'Approved by as many as it takes, and made.',
    REJECTED: 'Somebody said no, or it was taken back.',
    EXPIRED: 'Nobody decided it in time.',
    SUPERSEDED: 'Approved when production was no longer what it was to replace; not made.',
  },
);

export const WebhookDeliveryStatus = enumType(
  'WebhookDeliveryStatus',
  lists.WEBHOOK_DELIVERY_STATUSES,
  'What has become of a message to a webhook.',
  {
    PENDING: 'Waits for its first or next attempt.',
    DELIVERED: 'The receiver answered with 2xx.',
    FAILED: 'Given up: after the last attempt, or because the receiver said that it is gone.',
  },
);

export const JobStatus = enumType('JobStatus', lists.JOB_STATUSES, 'How far long work has come.', {
  QUEUED: 'Waits for a worker.',
  RUNNING: 'A worker is at it.',
  SUCCEEDED: 'Done.',
  FAILED: 'Given up; its error says why.',
  CANCELLED: 'Stopped on request.',
});

export const DatasetStatus = enumType('DatasetStatus', lists.DATASET_STATUSES, 'Whether a dataset can be used.', {
  BUILDING: 'Its job is at it.',
  READY: 'Complete, and immutable.',
  FAILED: 'It was not built; its job says why.',
});

const SCALARS: Readonly<Record<lists.ScalarDtype, string>> = {
  INT64: '64-bit integer; a string in JSON.',
  DOUBLE: '64-bit floating point number.',
  BOOL: 'true or false.',
  STRING: 'Text.',
  TIMESTAMP: 'A moment; ISO 8601 in JSON.',
};

export const ScalarDtype = enumType(
  'ScalarDtype',
  lists.SCALAR_DTYPES,
  'Type of a single value: of join keys, model inputs and on-demand features.',
  SCALARS,
);

export const Dtype = enumType('Dtype', lists.DTYPES, 'Type of a feature. The elements of a list are never null.', {
  ...SCALARS,
  INT64_LIST: 'A list of INT64.',
  DOUBLE_LIST: 'A list of DOUBLE, such as an embedding.',
  BOOL_LIST: 'A list of BOOL.',
  STRING_LIST: 'A list of STRING.',
  TIMESTAMP_LIST: 'A list of TIMESTAMP.',
});

export const FeatureStatus = enumType(
  'FeatureStatus',
  lists.FEATURE_STATUSES,
  'How a feature’s value came about, with the same words offline and online.',
  {
    PRESENT: 'A value within its time to live.',
    NULL: 'The row exists and says null.',
    NOT_FOUND: 'No row for this entity.',
    OUTSIDE_TTL: 'The row is older than the view’s time to live.',
  },
);

export const QualitySeverity = enumType(
  'QualitySeverity',
  lists.QUALITY_SEVERITIES,
  'What a failed quality rule leads to.',
  { WARN: 'It is reported.', BLOCK: 'Datasets of this data do not pass the quality gate.' },
);

export const Algorithm = enumType('Algorithm', lists.ALGORITHMS, 'How a model is trained.', {
  GRADIENT_BOOSTING: 'Histogram gradient boosting of decision trees.',
  LOGISTIC_REGRESSION: 'Logistic regression with an L2 penalty.',
});

export const RunTrigger = enumType('RunTrigger', lists.RUN_TRIGGERS, 'Who or what started a training run.', {
  MANUAL: 'The mutation startTraining.',
  DRIFT: 'The drift trigger.',
});

export const Variant = enumType('Variant', lists.VARIANTS, 'The part of a model’s traffic that a version answers.', {
  PRIMARY: 'The production version.',
  CANARY: 'A share of the traffic, on trial.',
  SHADOW: 'Scored and logged, never answered.',
});

export const ReportStatus = enumType('ReportStatus', lists.REPORT_STATUSES, 'Whether a report can be read.', {
  RUNNING: 'Its job is at it.',
  READY: 'Complete.',
  FAILED: 'Its job says why.',
});

export const DriftVerdict = enumType('DriftVerdict', lists.DRIFT_VERDICTS, 'What a drift report concludes.', {
  DRIFT: 'Significant after correction over the features, and an effect over its threshold.',
  NO_DRIFT: 'Enough data, and no such effect.',
  INSUFFICIENT_DATA: 'Too few rows to say either.',
});

export const AlertKind = enumType('AlertKind', lists.ALERT_KINDS, 'What an alert is about.', {
  DRIFT: 'Drift in a drift report.',
  PERFORMANCE: 'A metric of predictions whose outcome is known.',
  QUALITY: 'Failed quality rules of the views behind the model.',
  LATENCY: 'How long requests wait for their predictions.',
  ERROR_RATIO: 'Rows that were asked for and got no prediction.',
  VOLUME: 'How many predictions there are.',
});

export const AlertOutcome = enumType('AlertOutcome', lists.ALERT_OUTCOMES, 'What came of a rule in one window.', {
  BREACHED: 'The rule was broken.',
  CLEAN: 'It was kept.',
  NOT_EVALUABLE: 'Nothing could be said: it counts neither way.',
});

export const DriftPart = enumType('DriftPart', lists.DRIFT_PARTS, 'A part of a drift report.', {
  FEATURE: 'Distributions of features.',
  PREDICTION: 'The distribution of predicted probabilities.',
  CONCEPT: 'How outcomes follow the probabilities.',
});

export const AlertSeverity = enumType('AlertSeverity', lists.ALERT_SEVERITIES, 'How pressing an alert is.', {
  WARNING: 'To be looked at.',
  CRITICAL: 'To be looked at now.',
});

export const AlertStatus = enumType('AlertStatus', lists.ALERT_STATUSES, 'Who cares for an alert.', {
  OPEN: 'Nobody yet.',
  ACKNOWLEDGED: 'Somebody is at it.',
  RESOLVED: 'Settled.',
});

export const TriggerKind = enumType('TriggerKind', lists.TRIGGER_KINDS, 'What caused a trigger to be evaluated.', {
  DRIFT: 'A drift report with the verdict DRIFT.',
});

export const TriggerDecision = enumType(
  'TriggerDecision',
  lists.TRIGGER_DECISIONS,
  'What the evaluation of a trigger came to.',
  {
    FIRED: 'A retraining was started.',
    SKIPPED: 'None was; the reason says why.',
    FAILED: 'It should have been and could not be; the reason says why.',
  },
);

export const Role = enumType('Role', lists.ROLES, 'What an actor may do; the rights of several roles add up.', {
  ADMIN: 'Everything, tokens included.',
  ENGINEER: 'Builds: models, features, datasets, training, promotion, monitoring.',
  SERVICE: 'Asks for predictions, ingests features and reports outcomes.',
  VIEWER: 'Reads.',
});

export const ScheduleDecision = enumType(
  'ScheduleDecision',
  lists.SCHEDULE_DECISIONS,
  'What became of a time at which a schedule was due.',
  {
    STARTED: 'A job was made.',
    SKIPPED: 'The job before it had not ended, or there was nothing to do.',
    FAILED: 'No job could be made.',
  },
);

export const ImportStatus = enumType(
  'ImportStatus',
  lists.IMPORT_STATUSES,
  'What has become of the import of an MLflow run.',
  {
    PENDING: 'Not done yet; it is tried again, with growing pauses, until it is.',
    IMPORTED: 'Done.',
    FAILED: 'It cannot be done: the run does not exist, or is one of another experiment. Asking anew tries again.',
  },
);

export const NonFinite = enumType('NonFinite', lists.NON_FINITES, 'A figure that is no finite number.', {
  NAN: 'Not a number.',
  INFINITY: 'Greater than every number.',
  NEGATIVE_INFINITY: 'Less than every number.',
});

export const ReportWindowKind = enumType(
  'ReportWindowKind',
  lists.REPORT_WINDOW_KINDS,
  'How the window of a drift report was asked for.',
  {
    TIME_RANGE: 'From a moment to another one.',
    LAST_ROWS: 'The newest so many predictions.',
    SINCE_LAST: 'From the end of the report before it.',
  },
);
export const EventType = enumType('EventType', lists.EVENT_TYPES, 'What happened.', {
  MODEL_VERSION_REGISTERED: 'A submission passed the gate and became a version.',
  MODEL_TRANSITIONED: 'A version moved to another stage.',
  TRANSITION_REQUESTED: 'Somebody asked for a move that others have to approve.',
  TRANSITION_REQUEST_DECIDED: 'Such a move was approved and made, rejected, or superseded.',
  FEATURE_QUALITY_FAILED: 'A quality rule of a feature view failed.',
  OUTCOMES_RECORDED: 'Outcomes of predictions became known, or were corrected.',
  DRIFT_DETECTED: 'A drift report came to the verdict DRIFT.',
  ALERT_CHANGED: 'An alert was raised, acknowledged, resolved, reopened, or came again.',
  TRAINING_RUN_FINISHED: 'A training run ended, one way or another.',
  RETRAINING_FINISHED: 'A retraining ended, promoted or not.',
  DATASET_READY: 'A dataset can be used.',
});
