/** On-demand features over GraphQL and HTTP: applied, in a dataset, in a model that learns from it, online and in predictions. */
import { ask, mutate } from '../support/api-client';
import {
  createModel,
  drawCustomers,
  ingestCustomers,
  materializeCustomers,
  move,
  register,
  succeeded,
  train,
} from '../support/customers-api';
import { RestartableServer } from '../support/restartable-server';

const MODEL = 'payers';
const customers = drawCustomers(1500, 'paying').map((customer, index) => ({ ...customer, amount: (index % 70) + 0.5 }));
const SERVICE = {
  name: 'payments',
  features: [{ view: 'usage' }],
  // The first reads the second.
  onDemandFeatures: [
    { name: 'is_large', expression: 'if(share > 0.5, 1.0, 0.0)' },
    { name: 'share', expression: 'amount / spend', description: 'Of what is usual.' },
  ],
  requestInputs: [{ name: 'amount', dtype: 'DOUBLE', description: 'Of this payment.' }],
};

let server: RestartableServer;
let datasetId: string;
let version: number;

beforeAll(async () => {
  server = await RestartableServer.start();
  const { url } = server;
  await ingestCustomers(url, customers);
  await materializeCustomers(url);
  const fields = [
    { name: 'left', dtype: 'BOOL' },
    { name: 'amount', dtype: 'DOUBLE' },
  ];
  await mutate(url, 'applyFeatureView', { name: 'payment', entity: 'customer', fields }, 'featureView { id }');
  const rows = customers.map(({ id, left, amount }, index) => {
    const eventTimestamp = new Date(Date.UTC(2026, 1, 1) + index * 60_000).toISOString();
    return { customer_id: id, eventTimestamp, left, amount };
  });
  await mutate(url, 'ingestFeatures', { view: 'payment', rows }, 'batch { id }');
});
afterAll(() => server.end());

test('a service is applied with features over one another and over request inputs, and read back', async () => {
  const { featureService, change } = await mutate<{ featureService: object; change: object }>(
    server.url,
    'applyFeatureService',
    SERVICE,
    `featureService { version onDemandFeatures { name dtype inputs description } requestInputs { name dtype description } }
     change { kind }`,
  );
  expect(change).toEqual({ kind: 'CREATED' });
  expect(featureService).toEqual({
    version: 1,
    onDemandFeatures: [
      { name: 'is_large', dtype: 'DOUBLE', inputs: ['share'], description: '' },
      { name: 'share', dtype: 'DOUBLE', inputs: ['amount', 'spend'], description: 'Of what is usual.' },
    ],
    requestInputs: [{ name: 'amount', dtype: 'DOUBLE', description: 'Of this payment.' }],
  });
});

test('a dataset has them as columns', async () => {
  const { dataset, job } = await mutate<{ dataset: { id: string }; job: { id: string } }>(
    server.url,
    'createDataset',
    {
      name: 'payments',
      featureService: 'payments',
      labels: { view: 'payment', field: 'left' },
      split: { strategy: 'TIME' },
    },
    'dataset { id } job { id }',
  );
  datasetId = dataset.id;
  await succeeded(server.url, job.id);
  const { dataset: built } = await ask<{ dataset: { preview: Record<string, number>[] } }>(
    server.url,
    'query ($id: ID!) { dataset(id: $id) { preview(first: 100) featureService { requestInputs { name } } } }',
    { id: datasetId },
  );
  expect(built).toMatchObject({ featureService: { requestInputs: [{ name: 'amount' }] } });
  expect(built.preview).toHaveLength(100);
  built.preview.forEach(({ spend, share, is_large: isLarge }, index) => {
    expect(share).toBe(customers[index].amount / spend);
    expect(isLarge).toBe(share > 0.5 ? 1 : 0);
  });
});

test('a model learns from them, and predicts for an entity as for the features that are read online', async () => {
  const { url } = server;
  await createModel(url, MODEL);
  version = await register(url, MODEL, await train(url, MODEL, datasetId));
  await move(url, MODEL, version, 'NONE', 'STAGING', 'PRODUCTION');
  const [{ id, spend }] = customers;
  const entity = { customer_id: id };
  const requestInputs = { amount: 40 };
  const { onlineFeatures } = await ask<{ onlineFeatures: { values: { name: string; value: unknown }[] }[] }>(
    url,
    `query ($entities: [FeatureRow!]!, $requestInputs: [FeatureRow!]) {
       onlineFeatures(featureService: "payments", entities: $entities, requestInputs: $requestInputs) { values { name value } }
     }`,
    { entities: [entity], requestInputs: [requestInputs] },
  );
  const read = Object.fromEntries(onlineFeatures[0].values.map(({ name, value }) => [name, value]));
  expect(read).toMatchObject({ spend, share: 40 / spend, is_large: 40 / spend > 0.5 ? 1 : 0 });

  const selection = 'prediction { probability featuresHash features { name value status } }';
  interface Predicted {
    readonly prediction: {
      readonly probability: number;
      readonly featuresHash: string;
      readonly features: { name: string; value: unknown }[];
    };
  }
  const predict = (input: object) => mutate<Predicted>(url, 'predict', { model: MODEL, ...input }, selection);
  const byEntity = (await predict({ entity, requestInputs })).prediction;
  const given = (await predict({ features: read })).prediction;
  expect([given.probability, given.featuresHash]).toEqual([byEntity.probability, byEntity.featuresHash]);
  expect(byEntity.features.map(({ name }) => name).sort()).toEqual(['is_large', 'plan', 'share', 'spend', 'visits']);

  await expect(predict({ entity })).rejects.toThrow('INVALID_INPUT: requestInputs.amount: is missing');
  await expect(predict({ features: read, requestInputs })).rejects.toThrow('requestInputs: go with entities');
});

test('a batch answers each entity by its own request inputs, and errors by themselves', async () => {
  const entities = customers.slice(0, 2).map(({ id }) => ({ customer_id: id }));
  const { results } = await mutate<{ results: { prediction: object | null; errors: { field: string[] }[] }[] }>(
    server.url,
    'predictBatch',
    { model: MODEL, entities, requestInputs: [{ amount: 3 }, {}] },
    'results { prediction { features { name value } } errors { field } }',
  );
  expect(results[0].prediction).toMatchObject({
    features: expect.arrayContaining([{ name: 'share', value: 3 / customers[0].spend }]),
  });
  expect(results[1]).toEqual({
    prediction: null,
    errors: [{ field: ['input', 'requestInputs', '1', 'amount'] }],
  });
});

test('a dry run of a breaking view names the service and the version of the model that was made with it', async () => {
  const { change, featureView } = await mutate<{ change: object; featureView: object }>(
    server.url,
    'applyFeatureView',
    { name: 'usage', entity: 'customer', fields: [{ name: 'plan', dtype: 'STRING' }], dryRun: true },
    `featureView { version } change { kind removed warnings
       dependents { features featureService { version service { name } } modelVersions { version model { name } } } }`,
  );
  expect(featureView).toEqual({ version: 1 });
  expect(change).toMatchObject({
    kind: 'BREAKING',
    removed: ['spend', 'visits'],
    dependents: [
      { featureService: { service: { name: 'customers' } }, features: ['spend', 'visits'], modelVersions: [] },
      {
        featureService: { version: 1, service: { name: 'payments' } },
        features: ['spend', 'visits', 'is_large', 'share'],
        modelVersions: [{ version, model: { name: MODEL } }],
      },
    ],
  });
});
