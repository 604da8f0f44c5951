import type { ArtifactTransferService } from '../services/artifacts';
import type { EventStream } from '../services/events';
import type {
  DatasetDownloads,
  DatasetService,
  EntityDefinitions,
  EntityErasureService,
  FeatureCompaction,
  FeatureIngest,
  FeatureQuality,
  FileIngest,
  MaterializationService,
  OnlineConsistency,
  OnlineFeatures,
  ServiceDefinitions,
  ViewDefinitions,
} from '../services/features';
import type { Actor, TokenService } from '../services/identity';
import type { JobQueue, JobSchedules } from '../services/jobs';
import type { LineagePage, LineageWalk } from '../services/lineage';
import type {
  AlertMuteService,
  AlertRuleService,
  AlertService,
  DriftReportService,
  LiveDriftService,
  MonitoringPolicyService,
  PerformanceReportService,
} from '../services/monitoring';
import type { DriftTrigger, RetrainingPolicyService } from '../services/orchestration';
import type { OutcomeService, PredictionReader } from '../services/predictions';
import type {
  AuditHistory,
  EvaluationReports,
  ModelHistory,
  ExperimentService,
  ModelService,
  RegistryReader,
  RegistrySearch,
  StageService,
  TransitionRequestService,
  VersionCatalog,
  VersionService,
} from '../services/registry';
import type { ServingService } from '../services/serving';
import type { RunSubmissionService, TrainingService, UploadSubmissionService } from '../services/training';
import type { WebhookService } from '../services/webhooks';

/** The services that resolvers call, one line each; `src/build-services.ts` builds them. */
export interface Services {
  readonly tokens: TokenService;
  readonly events: EventStream;
  readonly jobs: JobQueue;
  readonly schedules: JobSchedules;
  readonly lineage: { walk(walk: LineageWalk): Promise<LineagePage> };
  readonly entities: EntityDefinitions;
  readonly featureViews: ViewDefinitions;
  readonly featureServices: ServiceDefinitions;
  readonly ingest: FeatureIngest;
  readonly fileIngest: FileIngest;
  readonly featureQuality: FeatureQuality;
  readonly materialization: MaterializationService;
  readonly onlineConsistency: OnlineConsistency;
  readonly compaction: FeatureCompaction;
  readonly erasures: EntityErasureService;
  readonly datasets: DatasetService;
  readonly datasetDownloads: DatasetDownloads;
  readonly onlineFeatures: OnlineFeatures;
  readonly artifacts: ArtifactTransferService;
  readonly models: ModelService;
  readonly versions: VersionService;
  readonly experiments: ExperimentService;
  readonly stages: StageService;
  readonly catalog: VersionCatalog;
  readonly transitionRequests: TransitionRequestService;
  readonly registry: RegistryReader;
  readonly search: RegistrySearch;
  readonly auditHistory: AuditHistory;
  readonly modelHistory: ModelHistory;
  readonly evaluationReports: EvaluationReports;
  readonly predictions: PredictionReader;
  readonly outcomes: OutcomeService;
  readonly training: TrainingService;
  readonly submissions: RunSubmissionService;
  readonly uploadSubmissions: UploadSubmissionService;
  readonly serving: ServingService;
  readonly alerts: AlertService;
  readonly alertRules: AlertRuleService;
  readonly alertMutes: AlertMuteService;
  readonly monitoringPolicies: MonitoringPolicyService;
  readonly driftReports: DriftReportService;
  readonly performanceReports: PerformanceReportService;
  readonly liveDrift: LiveDriftService;
  readonly retrainingPolicies: RetrainingPolicyService;
  readonly triggers: DriftTrigger;
  readonly webhooks: WebhookService;
}

/** Loaders of one operation by their definition (see define-loader.ts). Subscriptions get a fresh one for every event. */
export type LoaderCache = Map<object, unknown>;

/** What every resolver gets as its context, over HTTP and WebSocket alike. */
export interface Context {
  readonly actor: Actor;
  readonly requestId: string;
  readonly services: Services;
  readonly loaders: LoaderCache;
  /** Aborted when the client has gone: hand it to long reads. */
  readonly signal: AbortSignal;
}
