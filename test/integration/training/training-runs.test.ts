import { TrainingRun } from '../../../src/entities';
import { InvalidInput, NotFound, NotReady, RunInProgress } from '../../../src/errors';
import type { StartTrainingInput } from '../../../src/services/training';
import { parseReferenceProfile } from '../../../src/services/training';
import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

/** So many small steps that it is surely still learning when the test acts. */
const LONG = { iterations: 1000, learningRate: 0.001, patience: 1000 };

let operation: OperationFixture;
let datasetId: string;

beforeAll(async () => {
  operation = await OperationFixture.open();
  await operation.features.defineSubscribers();
  await operation.ingestMonths(400, [1, 2, 3, 4]);
  datasetId = await operation.buildDataset();
});
afterAll(() => operation.close());

const start = (model: string, changes: Partial<StartTrainingInput> = {}) =>
  operation.training.start(
    { model, datasetId, algorithm: 'GRADIENT_BOOSTING', parameters: { iterations: 20 }, seed: 1, ...changes },
    'MANUAL',
    ENGINEER,
  );

const read = async ({ id }: Pick<TrainingRun, 'id'>) => (await operation.training.find([id]))[0];

const endingsOf = async (modelId: string) =>
  (await operation.recorded(modelId)).flatMap(({ type, payload }) => (type === 'TRAINING_RUN_FINISHED' ? payload : []));

/** Waits until the job of a run has told of a tree. */
async function untilLearning(jobId: string): Promise<void> {
  for await (const { progressMessage } of operation.features.jobs.watch(jobId))
    if (progressMessage.startsWith('Tree')) return;
}

describe('A training run', () => {
  it('learns in its thread and leaves a model, its preprocessing and its reference, with the figures of all', async () => {
    const model = await operation.createModel('trained');
    const run = await operation.train('trained', datasetId);
    expect(run).toMatchObject({ status: 'SUCCEEDED', trigger: 'MANUAL', createdBy: 'ada', errorCode: null });
    const result = run.result!;
    expect(result).toMatchObject({ trainingRowCount: 1200, heldOutRowCount: 400 });
    expect(result.parameters).toMatchObject({ iterations: 40, learningRate: 0.2, numLeaves: 15 });
    expect(result.metrics.auc).toBeGreaterThan(0.7);
    expect(result.baselineMetrics.auc).toBeGreaterThan(0.7);
    expect(result.parityMaxError).toBeLessThanOrEqual(1e-6);
    expect(result.featureImportance.map(({ feature }) => feature).sort()).toEqual(['calls', 'minutes', 'plan']);
    const profile = parseReferenceProfile(await operation.artifacts.get(result.referenceProfileDigest));
    expect([profile.rowCount, profile.concept.pit.length]).toEqual([400, 400]);
    expect(run.finishedAt!.getTime()).toBeGreaterThanOrEqual(run.startedAt!.getTime());
    expect(await endingsOf(model.id)).toEqual([{ trainingRunId: run.id, status: 'SUCCEEDED' }]);
    expect(await operation.features.audit.verify(model.id)).toMatchObject({ valid: true });
  });

  it('gives the same model, byte for byte, for the same dataset, parameters and seed', async () => {
    await operation.createModel('repeatable');
    const digests = async (): Promise<unknown> => {
      const { result } = await operation.train('repeatable', datasetId);
      return [result?.modelDigest, result?.preprocessingDigest, result?.referenceProfileDigest];
    };
    expect(await digests()).toEqual(await digests());
  });

  it('is refused for a dataset with a feature that is a list', async () => {
    const { features } = operation;
    const fields = [{ name: 'embedding', dtype: 'DOUBLE_LIST' }] as const;
    await features.views.apply({ name: 'embedded', entity: 'subscriber', fields }, ENGINEER);
    await features.services.apply({ name: 'embeddings', features: [{ view: 'embedded' }] }, ENGINEER);
    await operation.createModel('unfit');
    const { id } = await features.buildDataset({ featureService: 'embeddings' });
    await expect(start('unfit', { datasetId: id })).rejects.toThrow(/embedding is DOUBLE_LIST.* single values/);
  });

  it('stops soon when it is cancelled, and leaves its model free for the next one', async () => {
    const model = await operation.createModel('cancelled');
    const { trainingRun, job } = await start('cancelled', { parameters: LONG });
    await untilLearning(job.id);
    expect((await read(trainingRun)).status).toBe('RUNNING');
    await operation.features.jobs.cancel(job.id, ENGINEER);
    expect((await operation.features.finished(job)).status).toBe('CANCELLED');
    expect(await read(trainingRun)).toMatchObject({ status: 'CANCELLED', errorCode: 'CANCELLED', result: null });
    expect(await endingsOf(model.id)).toEqual([{ trainingRunId: trainingRun.id, status: 'CANCELLED' }]);
    expect(await operation.training.activeRun(model.id)).toBeNull();
    expect((await operation.train('cancelled', datasetId)).status).toBe('SUCCEEDED');
  });

  it('fails on data that cannot be learned from, and says why', async () => {
    const { ingest, month } = operation.features;
    const months = [9, 10].flatMap((at) => Array.from({ length: 100 }, (_, index) => ({ at, index })));
    const rows = months.map(({ at, index }) => ({
      subscriber_id: `s${index}`,
      eventTimestamp: month(at),
      churned: false,
    }));
    await ingest.ingest({ view: 'churn', rows }, ENGINEER);
    const labels = { view: 'churn', field: 'churned', from: new Date(month(9)) };
    const oneSided = await operation.buildDataset({ labels });
    const model = await operation.createModel('unlearnable');
    const run = await operation.train('unlearnable', oneSided);
    expect(run).toMatchObject({ status: 'FAILED', errorCode: 'INVALID_INPUT', result: null });
    expect(run.errorMessage).toMatch(/all 100 training rows have the label 0\. Add rows of the other class/);
    expect(await endingsOf(model.id)).toEqual([{ trainingRunId: run.id, status: 'FAILED' }]);
  });

  it('is the only one of its model, however many are started at once', async () => {
    const model = await operation.createModel('raced');
    const race = await Promise.allSettled(Array.from({ length: 6 }, () => start('raced', { parameters: LONG })));
    const won = race.filter((result) => result.status === 'fulfilled');
    const lost = race.filter((result) => result.status === 'rejected');
    expect(won).toHaveLength(1);
    const { trainingRun, job } = won[0].value;
    for (const { reason } of lost) {
      expect(reason).toBeInstanceOf(RunInProgress);
      expect(String(reason)).toMatch(`in progress (${trainingRun.id})`);
    }
    expect(await operation.dataSource.manager.countBy(TrainingRun, { modelId: model.id })).toBe(1);
    await operation.features.jobs.cancel(job.id, ENGINEER);
    await operation.features.finished(job);
  });

  it('is started once for one idempotency key', async () => {
    await operation.createModel('keyed');
    const [first, second] = await Promise.all([
      start('keyed', { idempotencyKey: 'k' }),
      start('keyed', { idempotencyKey: 'k' }),
    ]);
    expect(second.trainingRun.id).toBe(first.trainingRun.id);
    await operation.features.finished(first.job);
    await expect(start('keyed', { idempotencyKey: 'k', seed: 2 })).rejects.toThrow(/used with another input/);
  });

  it('is refused where it cannot be done, with the reason', async () => {
    await operation.createModel('refused');
    await operation.models.create({ name: 'priced', taskType: 'REGRESSION' }, ENGINEER);
    await expect(start('nobody')).rejects.toThrow(NotFound);
    await expect(start('priced')).rejects.toThrow(/learns BINARY_CLASSIFICATION; priced is for REGRESSION/);
    await expect(start('refused', { datasetId: crypto.randomUUID() })).rejects.toThrow(NotFound);
    await expect(start('refused', { parameters: { trees: 5 } })).rejects.toThrow(/has no such parameter/);
    await expect(start('refused', { seed: 1.5 })).rejects.toThrow(InvalidInput);
    const { dataset, job } = await operation.features.datasets.create(
      {
        name: 'late',
        featureService: 'churn_features',
        labels: { view: 'churn', field: 'churned' },
        split: { strategy: 'TIME', heldOutFraction: 0.25, seed: 42 },
        leakageCutoff: true,
      },
      ENGINEER,
    );
    await operation.features.jobs.cancel(job.id, ENGINEER);
    await operation.features.finished(job);
    await expect(start('refused', { datasetId: dataset.id })).rejects.toThrow(NotReady);
    const input = { model: 'refused', datasetId, algorithm: 'LOGISTIC_REGRESSION', seed: 1 } as const;
    await expect(operation.training.start(input, 'MANUAL', VIEWER)).rejects.toThrow(/vic may not training\.start/);
  });
});

describe('A training run whose server stops or dies', () => {
  /** What a kill -9 leaves: a job that is RUNNING, of a worker that is gone. */
  const orphan = (jobId: string) =>
    operation.dataSource.query(
      `UPDATE jobs SET status = 'RUNNING', finished_at = NULL, worker_id = gen_random_uuid(), heartbeat_at = now() WHERE id = $1`,
      [jobId],
    );

  async function restart(): Promise<void> {
    await operation.stop();
    operation = await OperationFixture.open(operation);
  }

  it('is not cancelled by the stop: it is trained after the next start', async () => {
    const model = await operation.createModel('interrupted');
    const { trainingRun, job } = await start('interrupted', { parameters: { ...LONG, iterations: 500 } });
    await untilLearning(job.id);
    await restart();
    expect(await read(trainingRun)).toMatchObject({ status: 'RUNNING', errorCode: null });
    expect((await operation.features.finished(job)).status).toBe('SUCCEEDED');
    expect((await read(trainingRun)).status).toBe('SUCCEEDED');
    expect(await endingsOf(model.id)).toHaveLength(1);
  });

  it('that had succeeded before its job could say so is not trained again', async () => {
    const model = await operation.createModel('finished');
    const run = await operation.train('finished', datasetId);
    await orphan(run.jobId);
    await restart();
    expect((await operation.features.finished({ id: run.jobId })).status).toBe('SUCCEEDED');
    expect(await read(run)).toEqual(run);
    expect(await endingsOf(model.id)).toHaveLength(1);
  });

  it('that had failed before its job could say so stays failed, also when its model is trained anew', async () => {
    const model = await operation.createModel('failed');
    const { trainingRun, job } = await start('failed', { parameters: LONG });
    await untilLearning(job.id);
    await operation.features.jobs.cancel(job.id, ENGINEER);
    await operation.features.finished(job);
    const next = await start('failed', { parameters: { iterations: 5 } });
    await operation.dataSource.query(
      `UPDATE jobs SET cancel_requested = false, error_code = NULL, error_message = NULL WHERE id = $1`,
      [job.id],
    );
    await orphan(job.id);
    await restart();
    expect((await operation.features.finished(job)).status).toBe('CANCELLED');
    expect((await operation.features.finished(next.job)).status).toBe('SUCCEEDED');
    expect((await read(trainingRun)).status).toBe('CANCELLED');
    expect(await endingsOf(model.id)).toHaveLength(2);
  });
});
