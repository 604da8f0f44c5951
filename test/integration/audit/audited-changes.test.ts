import type { RetrainingRules } from '../../../src/entities';
import { inTransaction } from '../../../src/services/database';
import type { DriftAlert } from '../../../src/services/monitoring/alert.service';
import { buildApiSchema } from '../../../src/server/build-schema';
import { type AuditedChange, entriesLeftBy, modelEntries } from '../../support/audited-changes';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { subscriberCandidate } from '../../support/subscriber-model';

const MODEL = 'audited';
const RULES: RetrainingRules = {
  onDrift: false,
  cooldownSeconds: 3600,
  lookbackSeconds: null,
  promotion: { automatic: true, metric: 'logLoss', minimumImprovement: 0, minimumHeldOutRows: 50 },
};

let operation: OperationFixture;
let modelId: string;
let predictionIds: readonly string[];
let alertId: string;
let ruleId: string;
let muteId: string;

beforeAll(async () => {
  operation = await OperationFixture.open();
});
afterAll(() => operation.close());

const entries = () => modelEntries(operation.dataSource);

const submit = (changes: Parameters<typeof subscriberCandidate>[0] = {}) =>
  operation.versions.submit(modelId, subscriberCandidate(changes), {}, ENGINEER);
const move = (version: number, expectedStage: 'NONE' | 'STAGING', toStage: 'STAGING' | 'PRODUCTION') =>
  operation.stages.transition({ model: MODEL, version, expectedStage, toStage }, ENGINEER);
const moved = ['version.transition', 'ModelVersion'] as const;
const record = (outcome: boolean) =>
  operation.outcomes.record(
    predictionIds.map((predictionId) => ({ predictionId, outcome })),
    ENGINEER,
  );
const raise = async (): Promise<void> => {
  const [{ id: driftReportId, model_version_id: modelVersionId }] = await operation.dataSource.query<
    { id: string; model_version_id: string }[]
  >('SELECT id, model_version_id FROM drift_reports');
  const alert: DriftAlert = {
    modelId,
    modelVersionId,
    driftReportId,
    severity: 'WARNING',
    title: 'It drifts',
    causes: [],
  };
  alertId = await inTransaction(operation.dataSource, (manager) => operation.alerts.raise(manager, alert, ENGINEER));
};

/** One after the other, on one model. */
const CHANGES: readonly AuditedChange[] = [
  {
    change: 'createModel',
    run: async () => {
      modelId = (await operation.createModel(MODEL)).id;
    },
    leaves: [['model.create', 'Model']],
    details: { name: MODEL },
  },
  {
    change: 'updateModel, its tags',
    run: () => operation.models.update({ model: MODEL, revision: 1, tags: { team: 'growth' } }, ENGINEER),
    leaves: [['model.update', 'Model']],
    details: { tags: { team: 'growth' } },
  },
  {
    change: 'setQualityPolicy',
    run: () => {
      const rules = [{ metric: 'auc', comparison: 'AT_LEAST', threshold: 0.7, maxRegression: null }] as const;
      const qualityPolicy = { minimumEvaluationRows: 10, rules: [...rules] };
      return operation.models.update({ model: MODEL, revision: 2, qualityPolicy }, ENGINEER);
    },
    leaves: [['model.setQualityPolicy', 'Model']],
    details: { qualityPolicy: expect.objectContaining({ minimumEvaluationRows: 10 }) as unknown },
  },
  {
    change: 'registerModelVersion',
    run: () => submit(),
    leaves: [['version.register', 'ModelVersion']],
    details: {
      version: 1,
      modelDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      preprocessingDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      referenceProfileDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    },
  },
  {
    change: 'registerModelVersion, rejected by the gate',
    run: () => submit({ metrics: { auc: 0.5 } }),
    leaves: [['submission.reject', 'ModelSubmission']],
    details: { version: null, failed: [expect.stringContaining('auc')] as unknown },
  },
  {
    change: 'linkExperiment',
    run: () => {
      const link = { trackingUri: 'http://mlflow.example.org', experimentId: '1', runId: 'r' };
      return operation.experiments.link({ model: MODEL, version: 1, ...link }, ENGINEER);
    },
    leaves: [['version.linkExperiment', 'ModelVersion']],
  },
  { change: 'transitionModelVersion', run: () => move(1, 'NONE', 'STAGING'), leaves: [moved] },
  { change: 'transitionModelVersion, to production', run: () => move(1, 'STAGING', 'PRODUCTION'), leaves: [moved] },
  {
    change: 'transitionModelVersion, in place of another',
    run: async () => {
      const { version } = await operation.inProduction(MODEL, {
        baseline: {
          modelVersionId: (await operation.versions.production(modelId))?.id ?? '',
          rowCount: 9,
          production: { auc: 0.8 },
          candidate: { auc: 0.8 },
        },
      });
      return version;
    },
    leaves: [['version.register', 'ModelVersion'], moved, moved, moved],
    details: { toStage: 'PRODUCTION' },
  },
  {
    change: 'setMonitoringPolicy',
    run: () => operation.policies.set({ model: MODEL, alpha: 0.01 }, ENGINEER),
    leaves: [['monitoring.setPolicy', 'Model']],
    details: { alpha: 0.01 },
  },
  {
    change: 'setRetrainingPolicy',
    run: () => operation.retrainingPolicies.set({ model: MODEL, ...RULES }, ENGINEER),
    leaves: [['retraining.setPolicy', 'Model']],
  },
  {
    change: 'pauseRetraining',
    run: () => operation.retrainingPolicies.pause(MODEL, ENGINEER),
    leaves: [['retraining.pause', 'Model']],
  },
  {
    change: 'resumeRetraining',
    run: () => operation.retrainingPolicies.resume(MODEL, ENGINEER),
    leaves: [['retraining.resume', 'Model']],
  },
  {
    change: 'recordOutcomes, for the first time',
    run: async () => {
      ({ predictionIds } = await operation.predictWindow(MODEL, 5, { labelled: 0 }));
      await record(true);
    },
    leaves: [],
  },
  {
    change: 'recordOutcomes, some of them corrected',
    run: () =>
      operation.outcomes.record(
        predictionIds.map((predictionId, index) => ({ predictionId, outcome: index < 2 })),
        ENGINEER,
      ),
    leaves: [['outcome.correct', 'Model']],
    details: { count: 3, toTrue: 0, toFalse: 3 },
  },
  {
    change: 'runDriftReport',
    run: async () => {
      const { job } = await operation.driftReports.run({ model: MODEL, from: new Date(0), to: new Date(1) }, ENGINEER);
      await operation.features.finished(job);
    },
    leaves: [['monitoring.runReport', 'DriftReport']],
    details: { version: 2, windowStart: '1970-01-01T00:00:00.000Z' },
  },
  {
    change: 'an alert that is raised',
    run: raise,
    leaves: [['alert.raise', 'Alert']],
    details: { severity: 'WARNING', title: 'It drifts', occurrences: 1 },
  },
  { change: 'an alert that comes again', run: raise, leaves: [['alert.recur', 'Alert']], details: { occurrences: 2 } },
  {
    change: 'acknowledgeAlert',
    run: () => operation.alerts.acknowledge({ id: alertId, revision: 2 }, ENGINEER),
    leaves: [['alert.acknowledge', 'Alert']],
  },
  {
    change: 'resolveAlert',
    run: () => operation.alerts.resolve({ id: alertId, revision: 3 }, ENGINEER),
    leaves: [['alert.resolve', 'Alert']],
  },
  {
    change: 'reopenAlert',
    run: () => operation.alerts.reopen({ id: alertId, revision: 4 }, ENGINEER),
    leaves: [['alert.reopen', 'Alert']],
  },
  {
    change: 'setAlertRule',
    run: async () => {
      const rule = { model: MODEL, name: 'silence', volume: { below: 1 }, windowSeconds: 60 };
      ruleId = (await operation.alertRules.set(rule, ENGINEER)).id;
    },
    leaves: [['alertRule.set', 'AlertRule']],
    details: { name: 'silence', kind: 'VOLUME', condition: { below: 1, above: null } },
  },
  {
    change: 'deleteAlertRule',
    run: () => operation.alertRules.delete({ id: ruleId, revision: 1 }, ENGINEER),
    leaves: [['alertRule.delete', 'AlertRule']],
  },
  {
    change: 'muteAlerts',
    run: async () => {
      const mute = { model: MODEL, to: new Date(Date.now() + 60_000), reason: 'maintenance' };
      muteId = (await operation.alertMutes.mute(mute, ENGINEER)).id;
    },
    leaves: [['alertMute.set', 'AlertMute']],
    details: { kinds: null, reason: 'maintenance' },
  },
  {
    change: 'unmuteAlerts',
    run: () => operation.alertMutes.unmute(muteId, ENGINEER),
    leaves: [['alertMute.end', 'AlertMute']],
  },
];

/** Mutations without an entry in the chain of a model, and those whose entries another test looks at. */
const OTHERS: Readonly<Record<string, string>> = {
  applyEntity: 'the platform’s chain: features/definitions',
  applyFeatureService: 'the platform’s chain: features/definitions',
  applyFeatureView: 'the platform’s chain: features/definitions',
  cancelJob: 'the platform’s chain: jobs/job-queue',
  approveTransition: 'audit/audited-catalog',
  compactFeatures: 'the platform’s chain: features/compaction',
  createArtifactUpload: 'the platform’s chain: artifacts',
  createWebhook: 'the platform’s chain: webhooks',
  deleteWebhook: 'the platform’s chain: webhooks',
  redeliverWebhook: 'the platform’s chain: webhooks',
  testWebhook: 'the platform’s chain: webhooks',
  updateWebhook: 'the platform’s chain: webhooks',
  createDataset: 'the platform’s chain: features/datasets',
  createToken: 'the platform’s chain: identity/token-service',
  deleteModel: 'audit/audited-catalog',
  deleteModelAlias: 'audit/audited-catalog',
  deleteModelVersion: 'audit/audited-catalog',
  eraseEntity: 'the platform’s chain: features/entity-erasure',
  importExperiment: 'registry/experiment-imports',
  ingestFeatureFile: 'the platform’s chain: features/file-ingest',
  ingestFeatures: 'the platform’s chain: features/ingest',
  materializeFeatures: 'the platform’s chain: features/materialization',
  predict: 'none: the prediction log is its record',
  predictBatch: 'none: the prediction log is its record',
  rejectTransition: 'audit/audited-catalog',
  requestTransition: 'audit/audited-catalog',
  restoreModel: 'audit/audited-catalog',
  revokeToken: 'the platform’s chain: identity/token-service',
  runFeatureQuality: 'the platform’s chain: features/quality',
  setApprovalRules: 'audit/audited-catalog',
  setModelAlias: 'audit/audited-catalog',
  startTraining: 'training/training-runs',
  updateModelVersion: 'audit/audited-catalog',
};

describe('Every change of a model and what belongs to it', () => {
  it.each(CHANGES)('leaves its entries: $change', async (change) => {
    const { leaves, details, chains, actors } = await entriesLeftBy(change, operation.dataSource);
    expect(leaves).toEqual(change.leaves);
    expect(details).toMatchObject(change.details ?? {});
    expect([chains, actors]).toEqual(leaves.length === 0 ? [[], []] : [[`model:${modelId}`], ['ada']]);
  });

  it('is a mutation that stands in this table, or that says where its entry is looked at', () => {
    const shown = new Set(CHANGES.map(({ change }) => change.split(',')[0]));
    const mutations = Object.keys(buildApiSchema().getMutationType()?.getFields() ?? {});
    expect(mutations.filter((name) => !shown.has(name) && !(name in OTHERS))).toEqual([]);
  });

  it('leaves a chain that verifies', async () => {
    expect(await operation.features.audit.verify(modelId)).toMatchObject({ valid: true });
  });

  it('leaves nothing more when it is repeated with its idempotency key, or refused', async () => {
    const input = { model: MODEL, version: 1, expectedStage: 'ARCHIVED', toStage: 'STAGING' } as const;
    await operation.stages.transition({ ...input, idempotencyKey: 'k' }, ENGINEER);
    const before = await entries();
    await operation.stages.transition({ ...input, idempotencyKey: 'k' }, ENGINEER);
    await expect(operation.stages.transition(input, ENGINEER)).rejects.toThrow(/is in STAGING/);
    await expect(operation.createModel(MODEL)).rejects.toThrow(/exists already/);
    expect(await entries()).toEqual(before);
  });
});
