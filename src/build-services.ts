import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { buildAlerts } from './build-alerts';
import { buildMonitoring } from './build-monitoring';
import type { Foundation, Part } from './foundation';
import { onlineRedis } from './online-redis';
import type { Services } from './schema/context';
import { fromGlobalId } from './schema/global-id';
import {
  ArtifactCollector,
  ArtifactKeeper,
  ArtifactTransferService,
  FileArtifactStore,
  keptSigningSecret,
} from './services/artifacts';
import { pruneIdempotencyKeys } from './services/database';
import { EventConsumers, EventRelay, EventStream } from './services/events';
import {
  DatasetBuilder,
  DatasetDownloads,
  DatasetService,
  defineScheduledQuality,
  DuckDbEngine,
  EntityDefinitions,
  EntityErasureService,
  FeatureCompaction,
  FeatureFileStaging,
  FeatureIngest,
  FeatureQuality,
  FileIngest,
  MaterializationService,
  OnlineConsistency,
  OnlineFeatures,
  ParquetOfflineStore,
  PostgresOnlineStore,
  RedisOnlineStore,
  ServiceDefinitions,
  sweepOfflineFiles,
  ViewDefinitions,
} from './services/features';
import { systemActor } from './services/identity';
import { JobQueue, JobSchedules } from './services/jobs';
import { walkLineage } from './services/lineage';
import { LiveProfiler, ProfileLayouts } from './services/monitoring';
import { DriftTrigger, RetrainingPolicyService, RetrainingService } from './services/orchestration';
import { OutcomeService, PredictionLog, PredictionReader, PredictionRetention } from './services/predictions';
import {
  EvaluationReports,
  ModelHistory,
  ExperimentService,
  MlflowClient,
  ModelService,
  RegistrySearch,
  StageService,
  TransitionRequestService,
  VersionCatalog,
  VersionService,
} from './services/registry';
import { ScorerCache, ServingService } from './services/serving';
import { HeldOutService, RunSubmissionService, TrainingService, UploadSubmissionService } from './services/training';
import { WebhookDispatcher, WebhookService } from './services/webhooks';

/**
 * Builds every service, floor by floor: one line each, after those that it is given.
 * @returns the services that resolvers call, the parts that run by themselves in the order of starting (they are stopped in the opposite one), what
 *   is to be swept every hour, and what must not fail while the server is ready
 */
export function buildServices(foundation: Foundation): {
  services: Services;
  parts: Record<string, Part>;
  upkeep: Record<string, () => Promise<unknown>>;
  readiness: Record<string, () => Promise<unknown>>;
} {
  const { config, logger, databaseUrl, dataSource, audit, auditHistory, registry, tokens } = foundation;
  const platform = { dataSource, databaseUrl, logger };
  const inDataDirectory = (name: string): string => path.join(config.dataDirectory, name);

  const events = new EventStream({ ...platform, subscriberQueueSize: config.subscriberQueueSize });
  const relay = new EventRelay({ ...platform, retentionHours: config.eventRetentionHours });
  const consumers = new EventConsumers({ ...platform, stream: events });
  const jobs = new JobQueue({ ...platform, audit, shutdownGraceSeconds: config.shutdownGraceSeconds });
  const schedules = new JobSchedules({ dataSource, logger });
  const files = new FileArtifactStore(inDataDirectory('artifacts'), config.artifactKeys);
  const artifacts = new ArtifactKeeper({ dataSource, store: files });
  const collector = new ArtifactCollector({ dataSource, audit, store: files });
  const signingSecret = config.signingSecret ?? keptSigningSecret(config.dataDirectory);
  const transfer = new ArtifactTransferService({
    dataSource,
    audit,
    store: files,
    keeper: artifacts,
    signingSecret,
    maxBytes: config.maxArtifactBytes,
  });

  const duckdb = new DuckDbEngine();
  const offline = new ParquetOfflineStore(inDataDirectory('offline'), duckdb);
  const staging = new FeatureFileStaging(inDataDirectory('offline'), duckdb);
  const redis = onlineRedis(config, logger);
  const online = redis ? new RedisOnlineStore(redis.redis) : new PostgresOnlineStore(dataSource);
  const entities = new EntityDefinitions({ dataSource, audit });
  const featureViews = new ViewDefinitions({ dataSource, audit, offline, schedules });
  const featureServices = new ServiceDefinitions({ dataSource, audit });
  const ingest = new FeatureIngest({ dataSource, audit, offline });
  const fileIngest = new FileIngest({ dataSource, audit, jobs, artifacts, offline, staging });
  const featureQuality = new FeatureQuality({ dataSource, audit, offline });
  defineScheduledQuality({ dataSource, jobs, schedules, quality: featureQuality });
  const materialization = new MaterializationService({
    dataSource,
    audit,
    jobs,
    schedules,
    offline,
    online,
    quality: featureQuality,
  });
  const onlineConsistency = new OnlineConsistency({ dataSource, offline, online, materialization });
  const builder = new DatasetBuilder({
    dataSource,
    audit,
    offline,
    services: featureServices,
    quality: featureQuality,
  });
  const datasets = new DatasetService({ dataSource, audit, jobs, offline, services: featureServices, builder });
  const datasetDownloads = new DatasetDownloads({ datasets, offline, signingSecret });
  const compaction = new FeatureCompaction({ dataSource, audit, jobs, offline });
  const predictions = new PredictionReader({ dataSource });
  const erasures = new EntityErasureService({ dataSource, audit, jobs, offline, online, predictions });
  const onlineFeatures = new OnlineFeatures({ services: featureServices, store: online });
  const { webhookAllowPrivate: allowPrivate, artifactKeys: keys } = config;
  const webhooks = new WebhookService({ dataSource, audit, allowPrivate, keys });
  const webhookDispatcher = new WebhookDispatcher({ dataSource, audit, consumers, logger, allowPrivate, keys });

  const models = new ModelService({ dataSource, audit });
  const evaluationReports = new EvaluationReports({ artifacts });
  const modelHistory = new ModelHistory({ dataSource });
  const mlflow = new MlflowClient({ hosts: config.mlflowHosts, token: config.mlflowToken });
  const experiments = new ExperimentService({ dataSource, audit, jobs, mlflow });
  const versions = new VersionService({ dataSource, audit, artifacts, experiments });
  const stages = new StageService({ dataSource, audit });
  const catalog = new VersionCatalog({ dataSource, audit });
  const transitionRequests = new TransitionRequestService({ dataSource, audit, stages });
  const search = new RegistrySearch({ dataSource, reader: registry, keyOf: fromGlobalId });

  const training = new TrainingService({ dataSource, audit, artifacts, jobs, datasets, models });
  const heldOut = new HeldOutService({ artifacts, datasets, versions });
  const submissions = new RunSubmissionService({ artifacts, datasets, models, versions, training, heldOut });
  const uploadSubmissions = new UploadSubmissionService({
    artifacts,
    transfer,
    datasets,
    models,
    versions,
    heldOut,
  });
  const {
    predictionBufferRows: bufferRows,
    predictionFlushMs: flushMs,
    predictionRetentionDays: retentionDays,
  } = config;
  const fast = config.predictionLog === 'fast' ? { bufferRows, flushMs, logger, observer: foundation.observer } : null;
  const layouts = new ProfileLayouts({ dataSource, artifacts });
  const profiler = new LiveProfiler({ layouts, logger });
  const predictionLog = new PredictionLog({ dataSource, fast, profiler });
  const predictionRetention = new PredictionRetention({ dataSource, audit, logger, retentionDays });
  const outcomes = new OutcomeService({ dataSource, audit, retentionDays });

  const scorers = new ScorerCache(artifacts);
  const alerting = buildAlerts(foundation, { models, predictions });
  const { observer, services: alerts } = alerting;
  const serving = new ServingService({ versions, online: onlineFeatures, log: predictionLog, scorers, observer });
  const monitoring = buildMonitoring({
    ...foundation,
    artifacts,
    jobs,
    schedules,
    models,
    versions,
    predictions,
    alerts: alerts.alerts,
    layouts,
  });

  const retrainingPolicies = new RetrainingPolicyService({ dataSource, audit, models });
  const triggers = new DriftTrigger({
    dataSource,
    audit,
    logger,
    jobs,
    consumers,
    versions,
    training,
    policies: retrainingPolicies,
  });
  // Does its jobs; nobody calls it.
  new RetrainingService({
    dataSource,
    jobs,
    datasets,
    versions,
    stages,
    transitionRequests,
    training,
    submissions,
    policies: retrainingPolicies,
  });

  return {
    services: {
      tokens,
      events,
      jobs,
      schedules,
      lineage: { walk: (walk) => walkLineage(dataSource, walk) },
      entities,
      featureViews,
      featureServices,
      ingest,
      fileIngest,
      featureQuality,
      materialization,
      onlineConsistency,
      compaction,
      erasures,
      datasets,
      datasetDownloads,
      onlineFeatures,
      artifacts: transfer,
      models,
      versions,
      experiments,
      stages,
      catalog,
      transitionRequests,
      registry,
      search,
      auditHistory,
      modelHistory,
      evaluationReports,
      training,
      submissions,
      uploadSubmissions,
      predictions,
      outcomes,
      serving,
      ...alerts,
      ...monitoring.services,
      retrainingPolicies,
      triggers,
      webhooks,
    },
    parts: {
      files: {
        start: async () => {
          await files.open();
          await sweepOfflineFiles(dataSource, offline, staging);
        },
        stop: () => undefined,
      },
      duckdb: { stop: () => duckdb.close() },
      ...(redis && { redis: redis.part }),
      events,
      relay,
      jobs,
      schedules,
      consumers,
      webhookDispatcher,
      ...monitoring.parts,
      scorers: { stop: () => scorers.close() },
      ...alerting.parts,
      predictionLog: { stop: () => predictionLog.close() },
    },
    upkeep: {
      'make and drop partitions of the prediction log': () => predictionRetention.keepUp(upkeepActor()),
      'forget old idempotency keys': () => pruneIdempotencyKeys(dataSource),
      'go on with imports from MLflow': () => experiments.resume(),
      'compact the offline store': () => compaction.keepUp(upkeepActor()),
      ...alerting.upkeep,
      'collect unreferenced artifacts': () => collector.collect(upkeepActor()),
    },
    readiness: { 'online store': () => online.id() },
  };
}

const upkeepActor = () => systemActor('system:upkeep', randomUUID());
