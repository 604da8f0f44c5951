import type { CreateDatasetInput } from '../../../src/services/features';
import { lineageOf } from '../../support/lineage-of';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const request = (overrides: Partial<CreateDatasetInput> = {}) => features.datasetRequest(overrides);
const build = (overrides: Partial<CreateDatasetInput> = {}) => features.buildDataset(overrides);

/** How the job of a dataset fails. */
async function failure(overrides: Partial<CreateDatasetInput> = {}): Promise<{ code: string | null; status: string }> {
  const { dataset, job } = await features.datasets.create(request(overrides), ENGINEER);
  const { errorCode } = await features.finished(job);
  return { code: errorCode, status: (await features.datasets.find([dataset.id]))[0].status };
}

test('a split that cannot be made is a named failure of the job, and the dataset says FAILED', async () => {
  expect(await failure()).toEqual({ code: 'INVALID_INPUT', status: 'FAILED' });
  await features.ingestSubscribers(5, [1]);
  expect(await failure()).toEqual({ code: 'INVALID_INPUT', status: 'FAILED' });
  expect((await features.offline.list()).datasets).toEqual([]);
});

test('a blocking quality rule that fails refuses the dataset, a warning one does not', async () => {
  await features.ingestSubscribers(5, [1, 2]);
  const rule = { field: 'minutes', kind: 'RANGE', maximum: 5 } as const;
  const apply = (severity: 'WARN' | 'BLOCK') =>
    features.views.apply(
      {
        name: 'usage',
        entity: 'subscriber',
        fields: [
          { name: 'minutes', dtype: 'DOUBLE' },
          { name: 'plan', dtype: 'STRING' },
          { name: 'calls', dtype: 'INT64' },
        ],
        qualityRules: [{ ...rule, severity }],
      },
      ENGINEER,
    );
  await apply('WARN');
  await expect(build()).resolves.toMatchObject({ status: 'READY' });
  await apply('BLOCK');
  expect(await failure()).toEqual({ code: 'QUALITY_BLOCKED', status: 'FAILED' });
});

test('what cannot be joined is refused before a job is made', async () => {
  const refused = (overrides: Partial<CreateDatasetInput>) => features.datasets.create(request(overrides), ENGINEER);
  await features.services.apply({ name: 'with_label', features: [{ view: 'usage' }, { view: 'churn' }] }, ENGINEER);
  await expect(refused({ featureService: 'with_label' })).rejects.toThrow('its feature churned is the label itself');
  await expect(refused({ featureService: 'nope' })).rejects.toMatchObject({ field: ['input', 'featureService'] });
  const labels = { view: 'nope', field: 'churned' };
  await expect(refused({ labels })).rejects.toMatchObject({ code: 'NOT_FOUND', field: ['input', 'labels', 'view'] });
  await expect(refused({ name: ' ' })).rejects.toThrow('name: must have 1 to 200 characters');
  expect(await features.database.dataSource.query('SELECT count(*) AS jobs FROM jobs')).toEqual([{ jobs: 0 }]);
});

test('a ready dataset leads to its service and views by lineage, and was told as an event', async () => {
  await features.ingestSubscribers(5, [1, 2]);
  const dataset = await build();
  const nodes = await lineageOf(features.database.dataSource, `Dataset:${dataset.id}`, 'UPSTREAM', 3);
  expect(nodes.map((node) => node.split(':')[0]).sort()).toEqual([
    'Dataset',
    'FeatureServiceVersion',
    'FeatureView',
    'FeatureView',
  ]);
  const events = await features.database.dataSource.query<{ payload: unknown }[]>(
    "SELECT payload FROM outbox_events WHERE type = 'DATASET_READY'",
  );
  expect(events).toEqual([{ payload: { datasetId: dataset.id } }]);
});

test('a retraining gets the definition back with other bounds, and the same version of the feature service', async () => {
  await features.ingestSubscribers(10, [1, 2]);
  const labels = { view: 'churn', field: 'churned', to: new Date(features.month(2)) };
  const first = await build({ labels });
  await features.services.apply(
    { name: 'churn_features', features: [{ view: 'usage', fields: ['minutes'] }] },
    ENGINEER,
  );
  await features.ingestSubscribers(10, [3]);
  const definition = await features.datasets.rebuildDefinition(first.id, { to: null });
  const second = await build(definition);
  expect([first.rowCount, second.rowCount]).toEqual([20, 30]);
  expect(second.featureServiceVersionId).toBe(first.featureServiceVersionId);
});

test('the same idempotency key gives the same dataset', async () => {
  await features.ingestSubscribers(5, [1, 2]);
  const first = await features.datasets.create({ ...request(), idempotencyKey: 'k' }, ENGINEER);
  const again = await features.datasets.create({ ...request(), idempotencyKey: 'k' }, ENGINEER);
  expect([again.dataset.id, again.job.id]).toEqual([first.dataset.id, first.job.id]);
  const other = { ...request({ name: 'other' }), idempotencyKey: 'k' };
  await expect(features.datasets.create(other, ENGINEER)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  await features.finished(first.job);
});

test('a cancelled build leaves no file, and a dataset that cannot be used', async () => {
  await features.ingestSubscribers(5, [1, 2]);
  const gate = jest.spyOn(features.quality, 'gate').mockImplementation(
    (_schema, _through, _actor, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const { dataset, job } = await features.datasets.create(request(), ENGINEER);
  while (gate.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await features.jobs.cancel(job.id, ENGINEER);
  expect((await features.finished(job)).status).toBe('CANCELLED');
  expect((await features.datasets.find([dataset.id]))[0].status).toBe('FAILED');
  await expect(features.datasets.describe(dataset.id)).rejects.toMatchObject({ code: 'NOT_READY' });
  expect((await features.offline.list()).datasets).toEqual([]);
});

test('cancelling while the join runs interrupts it, and leaves neither a table nor a file', async () => {
  await features.ingestSubscribers(5, [1, 2]);
  const call = features.engine.call.bind(features.engine);
  let join: () => void = () => undefined;
  const joining = new Promise<void>((resolve) => (join = resolve));
  // Joins of a few rows are over before anybody can cancel them: this one goes on with a query that has no end.
  jest.spyOn(features.engine, 'call').mockImplementation((operation, request, options) => {
    if (!('statements' in request) || !/ASOF JOIN/.test(request.statements[0]))
      return call(operation, request, options);
    join();
    const endless = 'SELECT count(*) FROM range(1000000000000) WHERE random() > 2';
    return call('run', { statements: [...request.statements, endless] }, options);
  });
  const { dataset, job } = await features.datasets.create(request(), ENGINEER);
  await joining;
  await features.jobs.cancel(job.id, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'CANCELLED' });
  expect((await features.datasets.find([dataset.id]))[0].status).toBe('FAILED');
  expect((await features.offline.list()).datasets).toEqual([]);
  const sql = 'SELECT table_name AS name FROM duckdb_tables()';
  expect(await features.engine.call('rows', { sql })).toEqual([]);
});

test('the progress of a build names what it is doing', async () => {
  await features.ingestSubscribers(5, [1, 2]);
  const told: [message: string, ratio: number][] = [];
  const build = features.offline.buildDataset.bind(features.offline);
  jest.spyOn(features.offline, 'buildDataset').mockImplementation((plan, work) =>
    build(plan, {
      ...work,
      progress: (ratio, message) => {
        told.push([message, ratio]);
        work.progress?.(ratio, message);
      },
    }),
  );
  const dataset = await features.buildDataset();
  expect(told.map(([message]) => message)).toEqual([
    'Reading the labels of churn',
    'Matching usage',
    'Reading usage',
    'Writing',
    'Computing statistics',
    'Computing the fingerprint',
  ]);
  const ratios = told.map(([, ratio]) => ratio);
  expect(ratios).toEqual(ratios.toSorted((a, b) => a - b));
  expect(Math.max(...ratios)).toBeLessThan(1);
  const [job] = await features.jobs.find([dataset.jobId]);
  expect(job).toMatchObject({ status: 'SUCCEEDED', progressRatio: 1 });
});

test('viewers cannot create datasets', async () => {
  await expect(features.datasets.create(request(), VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
