import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Dataset, JobRecord } from '../../src/entities';
import { createLogger } from '../../src/logger';
import { ArtifactKeeper, FileArtifactStore } from '../../src/services/artifacts';
import { AuditTrail } from '../../src/services/audit';
import {
  type CreateDatasetInput,
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
  type OnlineStore,
  PostgresOnlineStore,
  ServiceDefinitions,
  ViewDefinitions,
} from '../../src/services/features';
import type { Actor } from '../../src/services/identity';
import { JobQueue, JobSchedules } from '../../src/services/jobs';
import { PredictionReader } from '../../src/services/predictions';
import { createTestDatabase, type TestDatabase } from './test-database';

export const ENGINEER: Actor = { name: 'ada', roles: ['ENGINEER'], requestId: 'r1' };
export const DATASETS_SECRET = 'a secret of the tests that is long enough';
export const ADMIN: Actor = { name: 'root', roles: ['ADMIN'], requestId: 'r3' };
export const VIEWER: Actor = { name: 'vic', roles: ['VIEWER'], requestId: 'r2' };

/** Fields of the view `usage` (see defineSubscribers). */
export const USAGE_FIELDS = [
  { name: 'minutes', dtype: 'DOUBLE' },
  { name: 'plan', dtype: 'STRING' },
  { name: 'calls', dtype: 'INT64' },
] as const;

/** All services of the features domain over a database and a directory of their own. */
export class FeaturesFixture {
  readonly engine = new DuckDbEngine({ memoryLimitBytes: 2 ** 29, threads: 1 });
  readonly offline: ParquetOfflineStore;
  readonly entities: EntityDefinitions;
  readonly views: ViewDefinitions;
  readonly services: ServiceDefinitions;
  readonly ingest: FeatureIngest;
  readonly staging: FeatureFileStaging;
  readonly artifacts: ArtifactKeeper;
  readonly fileIngest: FileIngest;
  readonly quality: FeatureQuality;
  readonly datasets: DatasetService;
  readonly downloads: DatasetDownloads;
  readonly materializations: MaterializationService;
  readonly compaction: FeatureCompaction;
  readonly erasures: EntityErasureService;
  readonly onlineStore: OnlineStore;
  readonly consistency: OnlineConsistency;
  readonly online: OnlineFeatures;
  readonly audit: AuditTrail;
  readonly jobs: JobQueue;
  /** Not started: see fireDue. */
  readonly schedules: JobSchedules;
  /** The clock of the schedules; the present where null. */
  scheduleClock: Date | null = null;
  private stopJobs: () => Promise<void> = async () => undefined;
  private stopped: Promise<void> | undefined;

  private constructor(
    readonly database: TestDatabase,
    readonly directory: string,
    online: OnlineStore = new PostgresOnlineStore(database.dataSource),
  ) {
    const { dataSource, url: databaseUrl } = database;
    const audit = new AuditTrail({ dataSource });
    const logger = createLogger('error');
    const timing = { pollMs: 50, progressMs: 20 };
    const jobs = new JobQueue({ dataSource, databaseUrl, logger, audit, shutdownGraceSeconds: 5, timing });
    const offline = new ParquetOfflineStore(directory, this.engine);
    const services = new ServiceDefinitions({ dataSource, audit });
    const quality = new FeatureQuality({ dataSource, audit, offline });
    const builder = new DatasetBuilder({ dataSource, audit, offline, services, quality });
    this.audit = audit;
    this.jobs = jobs;
    const schedules = new JobSchedules({ dataSource, logger, now: () => this.scheduleClock ?? new Date() });
    this.schedules = schedules;
    defineScheduledQuality({ dataSource, jobs, schedules, quality });
    this.offline = offline;
    this.services = services;
    this.quality = quality;
    this.onlineStore = online;
    this.entities = new EntityDefinitions({ dataSource, audit });
    this.views = new ViewDefinitions({ dataSource, audit, offline, schedules });
    this.ingest = new FeatureIngest({ dataSource, audit, offline });
    this.staging = new FeatureFileStaging(directory, this.engine);
    const store = new FileArtifactStore(path.join(directory, 'uploads'));
    this.artifacts = new ArtifactKeeper({ dataSource, store });
    const { artifacts, staging } = this;
    this.fileIngest = new FileIngest({ dataSource, audit, jobs, artifacts, offline, staging });
    this.datasets = new DatasetService({ dataSource, audit, jobs, offline, services, builder });
    this.downloads = new DatasetDownloads({ datasets: this.datasets, offline, signingSecret: DATASETS_SECRET });
    this.materializations = new MaterializationService({
      dataSource,
      audit,
      jobs,
      schedules,
      offline,
      online,
      quality,
    });
    this.consistency = new OnlineConsistency({ dataSource, offline, online, materialization: this.materializations });
    this.compaction = new FeatureCompaction({ dataSource, audit, jobs, offline });
    const predictions = new PredictionReader({ dataSource });
    this.erasures = new EntityErasureService({ dataSource, audit, jobs, offline, online, predictions });
    this.online = new OnlineFeatures({ services, store: online });
  }

  /**
   * @param prepare defines more kinds of jobs before the queue starts
   * @param former one that was stopped, over whose database and directory this one goes on
   * @param online where online features are kept; PostgreSQL where absent
   */
  static async open(
    prepare: (fixture: FeaturesFixture) => void = () => undefined,
    former?: FeaturesFixture,
    online?: OnlineStore,
  ): Promise<FeaturesFixture> {
    const database = former?.database ?? (await createTestDatabase());
    const directory = former?.directory ?? (await mkdtemp(path.join(os.tmpdir(), 'mooring-features-')));
    const fixture = new FeaturesFixture(database, directory, online);
    prepare(fixture);
    await fixture.jobs.start();
    fixture.stopJobs = () => fixture.jobs.stop();
    return fixture;
  }

  /** Where no job is asked for: half a second faster. */
  static async openWithoutJobs(): Promise<FeaturesFixture> {
    const database = await createTestDatabase();
    return new FeaturesFixture(database, await mkdtemp(path.join(os.tmpdir(), 'mooring-features-')));
  }

  /** Stops what runs, as a server does. Idempotent. */
  stop(): Promise<void> {
    this.stopped ??= this.stopJobs().then(() => this.engine.close());
    return this.stopped;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.drop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Waits for a job and answers how it ended. */
  finished({ id }: Pick<JobRecord, 'id'>): Promise<JobRecord> {
    return this.jobs.wait(id);
  }

  /**
   * Subscribers with usage and a label: entity `subscriber` (id STRING), views `usage` (minutes DOUBLE, plan STRING, calls INT64) and `churn` (churned
   * BOOL), service `churn_features` of all of usage.
   */
  async defineSubscribers(): Promise<void> {
    await this.entities.apply({ name: 'subscriber', joinKeys: [{ name: 'subscriber_id', dtype: 'STRING' }] }, ENGINEER);
    await this.views.apply(
      {
        name: 'usage',
        entity: 'subscriber',
        fields: USAGE_FIELDS,
      },
      ENGINEER,
    );
    await this.views.apply(
      { name: 'churn', entity: 'subscriber', fields: [{ name: 'churned', dtype: 'BOOL' }] },
      ENGINEER,
    );
    await this.services.apply({ name: 'churn_features', features: [{ view: 'usage' }] }, ENGINEER);
  }

  /** A dataset of the subscribers: all labels, split by time. */
  readonly datasetRequest = (overrides: Partial<CreateDatasetInput> = {}): CreateDatasetInput => ({
    name: 'churn',
    featureService: 'churn_features',
    labels: { view: 'churn', field: 'churned' },
    split: { strategy: 'TIME', heldOutFraction: 0.25, seed: 42 },
    leakageCutoff: true,
    ...overrides,
  });

  /** Creates it and waits for its job. @throws Error when that does not succeed */
  async buildDataset(overrides: Partial<CreateDatasetInput> = {}): Promise<Dataset> {
    const { dataset, job } = await this.datasets.create(this.datasetRequest(overrides), ENGINEER);
    const { status, errorCode, errorMessage } = await this.finished(job);
    if (status !== 'SUCCEEDED') throw new Error(`${status} ${errorCode}: ${errorMessage}`);
    return (await this.datasets.find([dataset.id]))[0];
  }

  /** A month of 2026, 1 to 12, as a timestamp. */
  readonly month = (month: number): string => new Date(Date.UTC(2026, month - 1, 1)).toISOString();

  /** Ingests usage and labels of so many subscribers in these months; every third one churns. */
  async ingestSubscribers(count: number, months: readonly number[]): Promise<void> {
    const ids = Array.from({ length: count }, (_, index) => index);
    const rowsOf = (row: (index: number) => Record<string, string | number | boolean>) =>
      months.flatMap((month) =>
        ids.map((index) => ({ subscriber_id: `s${index}`, eventTimestamp: this.month(month), ...row(index + month) })),
      );
    const usage = rowsOf((n) => ({ minutes: n * 1.5, plan: n % 2 === 0 ? 'flat' : 'meter', calls: n }));
    await this.ingest.ingest({ view: 'usage', rows: usage }, ENGINEER);
    const churn = rowsOf((n) => ({ churned: n % 3 === 0 }));
    await this.ingest.ingest({ view: 'churn', rows: churn }, ENGINEER);
  }
}
