import type { ActorRef, AlertKind, EventType, JobStatus, Stage } from '../../entities';

/** What happened, by type. Payloads carry ids: a listener reads the rows as they are when it handles the event. */
interface EventPayloads extends Record<EventType, unknown> {
  MODEL_VERSION_REGISTERED: { modelVersionId: string };
  MODEL_TRANSITIONED: { transitionId: string; modelVersionId: string; fromStage: Stage; toStage: Stage };
  TRANSITION_REQUESTED: { transitionRequestId: string; modelVersionId: string; toStage: Stage };
  TRANSITION_REQUEST_DECIDED: {
    transitionRequestId: string;
    modelVersionId: string;
    status: 'APPROVED' | 'REJECTED' | 'SUPERSEDED';
  };
  FEATURE_QUALITY_FAILED: { reportId: string; view: string };
  /** Of one version in one request; the times are those of its predictions that first and last were made, in ISO 8601. */
  OUTCOMES_RECORDED: { modelVersionId: string; firstPredictedAt: string; lastPredictedAt: string; count: number };
  DRIFT_DETECTED: { driftReportId: string; modelVersionId: string };
  ALERT_CHANGED: { alertId: string; change: AlertChange; kind: AlertKind };
  TRAINING_RUN_FINISHED: { trainingRunId: string; status: JobStatus };
  RETRAINING_FINISHED: { triggerEvaluationId: string; promoted: boolean };
  DATASET_READY: { datasetId: string };
}

export const ALERT_CHANGES = ['RAISED', 'ACKNOWLEDGED', 'RESOLVED', 'REOPENED', 'RECURRED'] as const;
export type AlertChange = (typeof ALERT_CHANGES)[number];

export interface MooringEvent<T extends EventType = EventType> {
  /** Where to resume after this event. */
  readonly cursor: string;
  /** 1, 2, 3 … without a gap over all events, in the order of relaying. */
  readonly sequence: number;
  readonly type: T;
  readonly modelId: string | null;
  readonly payload: EventPayloads[T];
  readonly actor: string;
  readonly requestId: string;
  readonly occurredAt: Date;
}

/** An event as a service tells of it; the payload is that of its type. */
export type EventDraft = {
  [T in EventType]: {
    readonly type: T;
    /** null: it is about no model. */
    readonly modelId: string | null;
    readonly payload: EventPayloads[T];
    readonly actor: ActorRef;
  };
}[EventType];
