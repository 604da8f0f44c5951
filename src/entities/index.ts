import { Alert } from './alert';
import { AlertEvaluation } from './alert-evaluation';
import { AlertMute } from './alert-mute';
import { AlertRule } from './alert-rule';
import { ApiToken } from './api-token';
import { Artifact } from './artifact';
import { ArtifactUpload } from './artifact-upload';
import { AuditEntry } from './audit-entry';
import { AuditHead } from './audit-head';
import { Dataset } from './dataset';
import { DriftReport } from './drift-report';
import { EntityErasure } from './entity-erasure';
import { FeatureBatch } from './feature-batch';
import { FeatureEntity } from './feature-entity';
import { FeatureQualityReport } from './feature-quality-report';
import { FeatureService } from './feature-service';
import { FeatureServiceVersion } from './feature-service-version';
import { FeatureView } from './feature-view';
import { FeatureViewVersion } from './feature-view-version';
import { JobRecord } from './job-record';
import { LineageEdge } from './lineage-edge';
import { Materialization } from './materialization';
import { MaterializationRun } from './materialization-run';
import { Model } from './model';
import { ModelAlias } from './model-alias';
import { ModelExperiment } from './model-experiment';
import { ModelSubmission } from './model-submission';
import { ModelTransition } from './model-transition';
import { ModelVersion } from './model-version';
import { ModelVersionMetric } from './model-version-metric';
import { ModelVersionParam } from './model-version-param';
import { MonitoringPolicy } from './monitoring-policy';
import { OnlineFeatureRow } from './online-feature-row';
import { OutboxEvent } from './outbox-event';
import { Prediction } from './prediction';
import { PredictionOutcome } from './prediction-outcome';
import { RetrainingPolicy } from './retraining-policy';
import { Schedule } from './schedule';
import { ScheduleRun } from './schedule-run';
import { TrainingRun } from './training-run';
import { TransitionRequest } from './transition-request';
import { TransitionVote } from './transition-vote';
import { TriggerEvaluation } from './trigger-evaluation';
import { Webhook } from './webhook';
import { WebhookDelivery } from './webhook-delivery';

export type { ActorRef } from './actor-ref';
export * from './enums';
export * from './alert';
export * from './alert-evaluation';
export * from './alert-mute';
export * from './alert-rule';
export * from './api-token';
export * from './artifact';
export * from './artifact-upload';
export * from './audit-entry';
export * from './audit-head';
export * from './dataset';
export * from './drift-report';
export * from './entity-erasure';
export * from './feature-batch';
export * from './feature-entity';
export * from './feature-quality-report';
export * from './feature-service';
export * from './feature-service-version';
export type * from './feature-value';
export * from './feature-view';
export * from './feature-view-version';
export * from './job-record';
export * from './lineage-edge';
export * from './materialization';
export * from './materialization-run';
export * from './model';
export * from './model-alias';
export * from './model-experiment';
export * from './model-submission';
export * from './model-transition';
export * from './model-version';
export * from './model-version-metric';
export * from './model-version-param';
export * from './monitoring-policy';
export * from './online-feature-row';
export * from './outbox-event';
export * from './prediction';
export * from './prediction-outcome';
export * from './retraining-policy';
export * from './schedule';
export * from './schedule-run';
export * from './training-run';
export * from './transition-request';
export * from './transition-vote';
export * from './trigger-evaluation';
export * from './webhook';
export * from './webhook-delivery';

/** Every table that TypeORM maps. */
export const ENTITIES = [
  Alert,
  AlertEvaluation,
  AlertMute,
  AlertRule,
  ApiToken,
  Artifact,
  ArtifactUpload,
  AuditEntry,
  AuditHead,
  Dataset,
  DriftReport,
  EntityErasure,
  FeatureBatch,
  FeatureEntity,
  FeatureQualityReport,
  FeatureService,
  FeatureServiceVersion,
  FeatureView,
  FeatureViewVersion,
  JobRecord,
  LineageEdge,
  Materialization,
  MaterializationRun,
  Model,
  ModelAlias,
  ModelExperiment,
  ModelSubmission,
  ModelTransition,
  ModelVersion,
  ModelVersionMetric,
  ModelVersionParam,
  MonitoringPolicy,
  OnlineFeatureRow,
  OutboxEvent,
  Prediction,
  PredictionOutcome,
  RetrainingPolicy,
  Schedule,
  ScheduleRun,
  TrainingRun,
  TransitionRequest,
  TransitionVote,
  TriggerEvaluation,
  Webhook,
  WebhookDelivery,
];
