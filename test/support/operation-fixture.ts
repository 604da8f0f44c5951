import path from 'node:path';
import type { Model, ModelVersion, TrainingRun } from '../../src/entities';
import { createLogger } from '../../src/logger';
import { FileArtifactStore } from '../../src/services/artifacts';
import { EventConsumers, EventRelay, EventStream } from '../../src/services/events';
import type { CreateDatasetInput } from '../../src/services/features';
import {
  AlertEvaluator,
  AlertMuteService,
  AlertRuleService,
  AlertService,
  DriftReportService,
  LiveDriftService,
  LiveProfiler,
  LoggedPerformance,
  MonitoringPolicyService,
  PerformanceReportService,
  ProfileLayouts,
  ServingMinutes,
} from '../../src/services/monitoring';
import { DriftTrigger, RetrainingPolicyService, RetrainingService } from '../../src/services/orchestration';
import { OutcomeService, PredictionLog, PredictionReader } from '../../src/services/predictions';
import {
  type Candidate,
  ExperimentService,
  MlflowClient,
  ModelService,
  StageService,
  TransitionRequestService,
  VersionService,
} from '../../src/services/registry';
import { type PredictionObserver, ScorerCache, ServingService } from '../../src/services/serving';
import { HeldOutService, RunSubmissionService, TrainingService } from '../../src/services/training';
import { ENGINEER, FeaturesFixture } from './features-fixture';
import { subscriberCandidate } from './subscriber-model';
import { type Change, type Subscriber, subscribers } from './subscribers';

/** Enough trees to beat chance by far, few enough for a quarter of a second. */
const QUICK = { iterations: 40, learningRate: 0.2 };

/** A window of predictions: [from, to) by the clock of the server. */
export interface PredictedWindow {
  readonly from: Date;
  readonly to: Date;
  readonly predictionIds: readonly string[];
}

/** What operates models, over a features fixture: registry, training, serving, monitoring, orchestration. Their events are relayed after startEvents. */
export class OperationFixture {
  readonly artifacts: FileArtifactStore;
  readonly models: ModelService;
  readonly experiments: ExperimentService;
  readonly versions: VersionService;
  readonly stages: StageService;
  readonly transitionRequests: TransitionRequestService;
  readonly training: TrainingService;
  readonly heldOut: HeldOutService;
  readonly submissions: RunSubmissionService;
  readonly log: PredictionLog;
  readonly predictions: PredictionReader;
  readonly outcomes: OutcomeService;
  readonly scorers: ScorerCache;
  readonly serving: ServingService;
  readonly alerts: AlertService;
  readonly alertRules: AlertRuleService;
  readonly alertMutes: AlertMuteService;
  /** Not started: tests judge by hand, at times of their own. */
  readonly evaluator: AlertEvaluator;
  readonly minutes: ServingMinutes;
  /** The time at which predictions are counted. */
  minutesClock: () => Date = () => new Date();
  readonly policies: MonitoringPolicyService;
  readonly driftReports: DriftReportService;
  readonly performanceReports: PerformanceReportService;
  readonly layouts: ProfileLayouts;
  readonly liveDrift: LiveDriftService;
  readonly retrainingPolicies: RetrainingPolicyService;
  readonly triggers: DriftTrigger;
  /** What the observer of predictions was told. */
  readonly observed: unknown[][] = [];
  private readonly events: {
    readonly stream: EventStream;
    readonly relay: EventRelay;
    readonly consumers: EventConsumers;
  };
  private eventsStarted = false;

  private constructor(readonly features: FeaturesFixture) {
    const { jobs, datasets, audit, online, database, directory } = features;
    const { dataSource, url: databaseUrl } = database;
    const logger = createLogger('error');
    const platform = { dataSource, databaseUrl, logger };
    const stream = new EventStream({ ...platform, subscriberQueueSize: 100 });
    const consumers = new EventConsumers({ ...platform, stream });
    this.events = { stream, relay: new EventRelay({ ...platform, retentionHours: 24 }), consumers };
    const artifacts = new FileArtifactStore(path.join(directory, 'artifacts'));
    const models = new ModelService({ dataSource, audit });
    const mlflow = new MlflowClient({ hosts: [], token: null });
    this.experiments = new ExperimentService({ dataSource, audit, jobs, mlflow });
    const versions = new VersionService({ dataSource, audit, artifacts, experiments: this.experiments });
    const stages = new StageService({ dataSource, audit });
    const transitionRequests = new TransitionRequestService({ dataSource, audit, stages });
    const training = new TrainingService({ dataSource, audit, artifacts, jobs, datasets, models });
    this.heldOut = new HeldOutService({ artifacts, datasets, versions });
    const submissions = new RunSubmissionService({
      artifacts,
      datasets,
      models,
      versions,
      training,
      heldOut: this.heldOut,
    });
    this.layouts = new ProfileLayouts({ dataSource, artifacts });
    const log = new PredictionLog({ dataSource, profiler: new LiveProfiler({ layouts: this.layouts, logger }) });
    const predictions = new PredictionReader({ dataSource });
    const scorers = new ScorerCache(artifacts);
    const minutes = new ServingMinutes({ dataSource, logger, now: () => this.minutesClock() });
    const observer: PredictionObserver = {
      predicted: (...told) => {
        this.observed.push(told);
        minutes.predicted(...told);
      },
      failed: (...told) => {
        this.observed.push(told);
        minutes.failed(...told);
      },
    };
    this.minutes = minutes;
    this.alertRules = new AlertRuleService({ dataSource, audit, models });
    this.alertMutes = new AlertMuteService({ dataSource, audit, models });
    const performance = new LoggedPerformance({ dataSource, predictions });
    this.evaluator = new AlertEvaluator({ dataSource, audit, logger, performance });
    const alerts = new AlertService({ dataSource, audit });
    const policies = new MonitoringPolicyService({ dataSource, audit, models, schedules: features.schedules });
    const retrainingPolicies = new RetrainingPolicyService({ dataSource, audit, models });
    const orchestration = { dataSource, jobs, versions, training, policies: retrainingPolicies };
    this.triggers = new DriftTrigger({ ...orchestration, audit, logger, consumers });
    new RetrainingService({ ...orchestration, datasets, stages, transitionRequests, submissions });
    this.artifacts = artifacts;
    this.models = models;
    this.versions = versions;
    this.stages = stages;
    this.transitionRequests = transitionRequests;
    this.training = training;
    this.submissions = submissions;
    this.log = log;
    this.predictions = predictions;
    this.outcomes = new OutcomeService({ dataSource, audit, retentionDays: 400 });
    this.scorers = scorers;
    this.serving = new ServingService({ versions, online, log, scorers, observer });
    this.alerts = alerts;
    this.policies = policies;
    this.driftReports = new DriftReportService({
      dataSource,
      audit,
      artifacts,
      jobs,
      schedules: features.schedules,
      versions,
      predictions,
      policies,
      alerts,
    });
    this.performanceReports = new PerformanceReportService({ artifacts, versions, predictions, policies });
    this.liveDrift = new LiveDriftService({ dataSource, versions, policies, layouts: this.layouts });
    this.retrainingPolicies = retrainingPolicies;
  }

  /** @param former one that was stopped, over whose database and directory this one goes on */
  static async open(former?: OperationFixture): Promise<OperationFixture> {
    const opened: OperationFixture[] = [];
    await FeaturesFixture.open((features) => opened.push(new OperationFixture(features)), former?.features);
    const [operation] = opened as [OperationFixture];
    await operation.artifacts.open();
    return operation;
  }

  get dataSource() {
    return this.features.database.dataSource;
  }

  async startEvents(): Promise<void> {
    const { stream, relay, consumers } = this.events;
    await stream.start();
    relay.start();
    await consumers.start();
    this.eventsStarted = true;
  }

  /** Stops what runs, in the order in which a server does. */
  async stop(): Promise<void> {
    await this.log.close();
    await this.scorers.close();
    const { stream, relay, consumers } = this.events;
    if (this.eventsStarted) await consumers.stop();
    await this.features.stop();
    if (this.eventsStarted) {
      await relay.stop();
      await stream.stop();
    }
    this.eventsStarted = false;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.features.close();
  }

  createModel(name: string): Promise<Model> {
    return this.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, ENGINEER);
  }

  /** Registers a version of a model of subscribers, made without training, and brings it to production. */
  async inProduction(name: string, changes: Partial<Candidate> = {}): Promise<{ model: Model; version: ModelVersion }> {
    const model = (await this.models.find(name)) ?? (await this.createModel(name));
    const { modelVersion } = await this.versions.submit(model.id, subscriberCandidate(changes), {}, ENGINEER);
    if (!modelVersion) throw new Error('The gate rejected the fixture');
    const move = { model: name, version: modelVersion.version };
    await this.stages.transition({ ...move, expectedStage: 'NONE', toStage: 'STAGING' }, ENGINEER);
    await this.stages.transition({ ...move, expectedStage: 'STAGING', toStage: 'PRODUCTION' }, ENGINEER);
    return { model, version: modelVersion };
  }

  /** Predicts for so many subscribers and records what happened to the first `labelled` of them. */
  async predictWindow(
    model: string,
    count: number,
    { labelled = count, ...change }: Change & { readonly labelled?: number } = {},
  ): Promise<PredictedWindow> {
    const people = subscribers(count, `window of ${model} ${JSON.stringify(change)}`, change);
    const from = new Date();
    const predictionIds: string[] = [];
    for (let start = 0; start < count; start += 1000) {
      const rows = people.slice(start, start + 1000).map(({ features }: Subscriber) => features);
      const results = await this.serving.predictBatch({ model, rows }, ENGINEER);
      predictionIds.push(...results.map(({ prediction }) => prediction?.id ?? ''));
    }
    const known = people.slice(0, labelled).map(({ churned }, index) => {
      return { predictionId: predictionIds[index] ?? '', outcome: churned };
    });
    if (known.length > 0) await this.outcomes.record(known, ENGINEER);
    return { from, to: new Date(Date.now() + 1), predictionIds };
  }

  /** Ingests usage and labels of so many subscribers in each of these months of 2026. */
  async ingestMonths(count: number, months: readonly number[], change: Change = {}): Promise<void> {
    const { ingest, month: monthStart } = this.features;
    const people = months.flatMap((month) =>
      subscribers(count, `month ${month}`, change).map((person, index) => ({
        ...person,
        key: { subscriber_id: `s${index}`, eventTimestamp: monthStart(month) },
      })),
    );
    await ingest.ingest(
      { view: 'usage', rows: people.map(({ key, features }) => ({ ...key, ...features })) },
      ENGINEER,
    );
    await ingest.ingest({ view: 'churn', rows: people.map(({ key, churned }) => ({ ...key, churned })) }, ENGINEER);
  }

  /** Builds a dataset of what is ingested, the latest quarter held out. @returns its id */
  async buildDataset(changes: Partial<CreateDatasetInput> = {}): Promise<string> {
    const { dataset, job } = await this.features.datasets.create(
      {
        name: 'churn',
        featureService: 'churn_features',
        labels: { view: 'churn', field: 'churned' },
        split: { strategy: 'TIME', heldOutFraction: 0.25, seed: 42 },
        leakageCutoff: true,
        ...changes,
      },
      ENGINEER,
    );
    const { status, errorMessage } = await this.features.finished(job);
    if (status !== 'SUCCEEDED') throw new Error(errorMessage ?? status);
    return dataset.id;
  }

  /** Trains to the end, with few trees. @returns the run as it has ended */
  async train(model: string, datasetId: string, parameters: Record<string, number> = QUICK): Promise<TrainingRun> {
    const input = { model, datasetId, algorithm: 'GRADIENT_BOOSTING', parameters, seed: 42 } as const;
    const { trainingRun, job } = await this.training.start(input, 'MANUAL', ENGINEER);
    await this.features.finished(job);
    return (await this.training.find([trainingRun.id]))[0];
  }

  /** The types and payloads of the events that were recorded for a model, oldest first. */
  recorded(modelId: string): Promise<{ type: string; payload: Record<string, unknown> }[]> {
    return this.dataSource.query('SELECT type, payload FROM outbox_events WHERE model_id = $1 ORDER BY id', [modelId]);
  }
}
