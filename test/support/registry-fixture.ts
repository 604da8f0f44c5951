import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { fromGlobalId } from '../../src/schema/global-id';
import { createLogger } from '../../src/logger';
import { FileArtifactStore } from '../../src/services/artifacts';
import { AuditReader, AuditTrail } from '../../src/services/audit';
import { type Actor } from '../../src/services/identity';
import { JobQueue } from '../../src/services/jobs';
import {
  AuditHistory,
  type Candidate,
  EvaluationReports,
  ModelHistory,
  ExperimentService,
  MlflowClient,
  ModelService,
  RegistryReader,
  RegistrySearch,
  StageService,
  TransitionRequestService,
  VersionCatalog,
  VersionService,
} from '../../src/services/registry';
import { createTestDatabase } from './test-database';

export const engineer: Actor = { name: 'ada', roles: ['ENGINEER'], requestId: 'request-1' };
export const viewer: Actor = { name: 'vic', roles: ['VIEWER'], requestId: 'request-2' };

/** The registry's services over a database and a directory of their own. */
export interface RegistryFixture {
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  /** As the owner of the schema. */
  readonly ownerUrl: string;
  readonly audit: AuditTrail;
  readonly models: ModelService;
  /** Not started: start it before what makes jobs. */
  readonly jobs: JobQueue;
  readonly experiments: ExperimentService;
  /** What another process would have over the same database; whoever starts it stops it. */
  anotherServer(): { readonly jobs: JobQueue; readonly experiments: ExperimentService };
  readonly versions: VersionService;
  readonly stages: StageService;
  readonly catalog: VersionCatalog;
  readonly requests: TransitionRequestService;
  readonly reader: RegistryReader;
  readonly search: RegistrySearch;
  readonly auditHistory: AuditHistory;
  readonly modelHistory: ModelHistory;
  readonly evaluationReports: EvaluationReports;
  close(): Promise<void>;
}

/** @param mlflow which hosts may be asked, and how long */
export async function openRegistry(
  mlflow: Partial<ConstructorParameters<typeof MlflowClient>[0]> = {},
): Promise<RegistryFixture> {
  const database = await createTestDatabase();
  const { dataSource } = database;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'mooring-registry-'));
  const artifacts = new FileArtifactStore(directory);
  await artifacts.open();
  const audit = new AuditTrail({ dataSource });
  const client = new MlflowClient({ hosts: [], token: null, ...mlflow });
  const anotherServer = () => {
    const jobs = new JobQueue({
      dataSource,
      databaseUrl: database.url,
      logger: createLogger('error'),
      audit,
      shutdownGraceSeconds: 5,
      timing: { pollMs: 100 },
    });
    return { jobs, experiments: new ExperimentService({ dataSource, audit, jobs, mlflow: client }) };
  };
  const { jobs, experiments } = anotherServer();
  const stages = new StageService({ dataSource, audit });
  const reader = new RegistryReader({ dataSource });
  return {
    dataSource,
    databaseUrl: database.url,
    ownerUrl: database.ownerUrl,
    audit,
    models: new ModelService({ dataSource, audit }),
    jobs,
    experiments,
    anotherServer,
    versions: new VersionService({ dataSource, audit, artifacts, experiments }),
    stages,
    requests: new TransitionRequestService({ dataSource, audit, stages }),
    catalog: new VersionCatalog({ dataSource, audit }),
    reader,
    search: new RegistrySearch({ dataSource, reader, keyOf: fromGlobalId }),
    evaluationReports: new EvaluationReports({ artifacts }),
    modelHistory: new ModelHistory({ dataSource }),
    auditHistory: new AuditHistory({ dataSource, audit, reader: new AuditReader({ dataSource }) }),
    async close() {
      await jobs.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a training would offer; its bytes are never run here. */
export function aCandidate(changes: Partial<Candidate> = {}): Candidate {
  const text = new TextEncoder();
  return {
    modelBytes: text.encode('model bytes'),
    notServableReason: null,
    preprocessing: text.encode('{}'),
    referenceProfile: text.encode('{}'),
    signature: { inputs: [{ name: 'tenure', dtype: 'INT64' }] },
    decisionThreshold: 0.5,
    metrics: { auc: 0.84, logLoss: 0.41 },
    params: { algorithm: 'GRADIENT_BOOSTING' },
    evaluationRows: 1000,
    baseline: null,
    segments: [],
    datasetId: crypto.randomUUID(),
    datasetFingerprint: 'f'.repeat(64),
    dataQualityPassed: true,
    featureServiceVersionId: crypto.randomUUID(),
    trainingRunId: crypto.randomUUID(),
    ...changes,
  };
}
