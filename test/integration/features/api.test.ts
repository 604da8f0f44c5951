import 'reflect-metadata';
import type { Services } from '../../../src/schema/context';
import { fromGlobalId, toGlobalId } from '../../../src/schema/global-id';
import { walkLineage } from '../../../src/services/lineage';
import { executeOperation } from '../../support/execute-operation';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
  await features.ingestSubscribers(4, [1, 2]);
});
afterAll(() => features.close());

/** An answer, as far down as a test looks. */
interface Tree {
  readonly [name: string]: Tree;
}

/** Executes an operation as an engineer and answers its data. */
function ask(source: string, variableValues: Record<string, unknown> = {}): Promise<Tree> {
  const { dataSource } = features.database;
  const services: Partial<Services> = {
    jobs: features.jobs,
    lineage: { walk: (walk) => walkLineage(dataSource, walk) },
    entities: features.entities,
    featureViews: features.views,
    featureServices: features.services,
    ingest: features.ingest,
    featureQuality: features.quality,
    materialization: features.materializations,
    datasets: features.datasets,
    datasetDownloads: features.downloads,
    onlineFeatures: features.online,
  };
  return executeOperation(services, ENGINEER, source, variableValues);
}

const mutate = (name: string, selection: string, input: object) =>
  ask(
    `mutation ($input: ${name[0].toUpperCase()}${name.slice(1)}Input!) { result: ${name}(input: $input) { ${selection} userErrors { code field message } } }`,
    {
      input,
    },
  ).then(({ result }) => result);

test('definitions are applied and read back with what leads on from them', async () => {
  const applied = await mutate('applyFeatureView', 'featureView { version revision }', {
    name: 'usage',
    entity: 'subscriber',
    fields: [
      { name: 'minutes', dtype: 'DOUBLE', description: 'Called' },
      { name: 'plan', dtype: 'STRING' },
      { name: 'calls', dtype: 'INT64' },
    ],
    qualityRules: [{ kind: 'RANGE', field: 'minutes', severity: 'WARN', minimum: 4 }],
  });
  expect(applied).toEqual({ featureView: { version: 1, revision: 2 }, userErrors: [] });
  const { featureView, featureViews, entities, featureService } = await ask(`{
    featureView(name: "usage") {
      name version ttlSeconds rowCount lastIngestAt materializedThrough owner tags
      fields { name dtype description } qualityRules { kind field severity minimum maximum allowedValues }
      entity { name joinKeys { name dtype } }
    }
    featureViews(first: 1) { totalCount nodes { name } pageInfo { hasNextPage endCursor } }
    entities { nodes { name } }
    featureService(name: "churn_features") { version features { name view viewVersion field dtype } }
  }`);
  expect(featureView).toMatchObject({
    name: 'usage',
    rowCount: 8,
    lastIngestAt: expect.stringMatching(/Z$/),
    materializedThrough: null,
    fields: [{ name: 'minutes', dtype: 'DOUBLE', description: 'Called' }, { name: 'plan' }, { name: 'calls' }],
    qualityRules: [
      { kind: 'RANGE', field: 'minutes', severity: 'WARN', minimum: 4, maximum: null, allowedValues: null },
    ],
    entity: { name: 'subscriber', joinKeys: [{ name: 'subscriber_id', dtype: 'STRING' }] },
  });
  expect(featureViews).toMatchObject({ totalCount: 2, nodes: [{ name: 'churn' }], pageInfo: { hasNextPage: true } });
  expect(entities).toEqual({ nodes: [{ name: 'subscriber' }] });
  expect(featureService.features[2]).toEqual({
    name: 'calls',
    view: 'usage',
    viewVersion: 1,
    field: 'calls',
    dtype: 'INT64',
  });
});

test('rows are ingested, and each problem is a userError with its path', async () => {
  const rows = [{ subscriber_id: 's9', eventTimestamp: '2026-03-01', minutes: 9, calls: '9007199254740993' }];
  const { batch, userErrors } = await mutate(
    'ingestFeatures',
    'batch { id rowCount minEventTimestamp view { name } }',
    {
      view: 'usage',
      rows,
    },
  );
  expect(userErrors).toEqual([]);
  expect(batch).toMatchObject({ rowCount: 1, minEventTimestamp: '2026-03-01T00:00:00.000Z', view: { name: 'usage' } });
  const { node } = await ask(
    'query ($id: ID!) { node(id: $id) { id ... on FeatureBatch { ingestSequence sizeBytes } } }',
    {
      id: batch.id,
    },
  );
  expect(node).toMatchObject({ id: batch.id, ingestSequence: 3 });

  const bad = [{ subscriber_id: 's1' }, { subscriber_id: 's2', eventTimestamp: '2026-03-01', minutes: 'x' }];
  expect(await mutate('ingestFeatures', 'batch { id }', { view: 'usage', rows: bad })).toEqual({
    batch: null,
    userErrors: [
      {
        code: 'INVALID_INPUT',
        field: ['input', 'rows', '0', 'eventTimestamp'],
        message: 'rows.0.eventTimestamp: is missing; every row needs it',
      },
      {
        code: 'INVALID_INPUT',
        field: ['input', 'rows', '1', 'minutes'],
        message: 'rows.1.minutes: "x" is not a finite number',
      },
    ],
  });
});

test('quality is judged, kept and listed', async () => {
  const { report } = await mutate(
    'runFeatureQuality',
    'report { id passed blocked rowCount view { name } results { passed actual message checkedRowCount failingRowCount failingRatio examples { joinKeys eventTimestamp value } rule { kind referenceId } } statistics { name dtype mean histogram { edges } } }',
    { view: 'usage' },
  );
  expect(report).toMatchObject({
    passed: false,
    blocked: false,
    view: { name: 'usage' },
    results: [
      {
        rule: { kind: 'RANGE', referenceId: null },
        checkedRowCount: 5,
        failingRowCount: 1,
        failingRatio: 0.2,
        examples: [{ joinKeys: { subscriber_id: 's0' }, eventTimestamp: features.month(2), value: 3 }],
      },
    ],
  });
  const { featureQualityReports, featureStatistics } = await ask(`{
    featureQualityReports(view: "usage") { totalCount nodes { id } }
    featureStatistics(view: "usage") { name count nullRatio newestEventTimestamp topValues { value count } quantiles { probability value } }
  }`);
  expect(featureQualityReports).toEqual({ totalCount: 1, nodes: [{ id: report.id }] });
  expect(featureStatistics[1]).toMatchObject({
    name: 'plan',
    count: 5,
    nullRatio: 0.2,
    newestEventTimestamp: features.month(2),
  });
});

test('a rule compares with a report by its id, and other ids are refused in their place', async () => {
  const { report } = await mutate('runFeatureQuality', 'report { id }', { view: 'usage' });
  const drift = (referenceId: unknown) =>
    mutate('applyFeatureView', 'featureView { qualityRules { kind measure threshold referenceId } }', {
      name: 'usage',
      entity: 'subscriber',
      fields: [
        { name: 'minutes', dtype: 'DOUBLE' },
        { name: 'plan', dtype: 'STRING' },
        { name: 'calls', dtype: 'INT64' },
      ],
      qualityRules: [
        { kind: 'DRIFT', field: 'minutes', severity: 'WARN', measure: 'PSI', threshold: 0.2, referenceId },
      ],
    });
  expect(await drift(report.id)).toEqual({
    featureView: { qualityRules: [{ kind: 'DRIFT', measure: 'PSI', threshold: 0.2, referenceId: report.id }] },
    userErrors: [],
  });
  const field = ['input', 'qualityRules', '0', 'referenceId'];
  expect(await drift(toGlobalId('Model', '00000000-0000-4000-8000-000000000000'))).toMatchObject({
    featureView: null,
    userErrors: [{ code: 'INVALID_INPUT', field, message: expect.stringContaining('is the id of a Model') }],
  });
});

test('views are materialized by a job and served online', async () => {
  const { job } = await mutate('materializeFeatures', 'job { id status views { name } }', { views: ['usage'] });
  expect(job.views).toEqual([{ name: 'usage' }]);
  await features.finished({ id: fromGlobalId(job.id as unknown as string, 'Job') });
  const { onlineFeatures } = await ask(`{
    onlineFeatures(featureService: "churn_features", entities: [{ subscriber_id: "s9" }, { subscriber_id: "nobody" }]) {
      entity values { name value status eventTimestamp ageSeconds }
    }
  }`);
  expect(onlineFeatures[0]).toMatchObject({
    entity: { subscriber_id: 's9' },
    values: [
      { name: 'minutes', value: 9, status: 'PRESENT', eventTimestamp: '2026-03-01T00:00:00.000Z' },
      { name: 'plan', value: null, status: 'NULL' },
      { name: 'calls', value: '9007199254740993', status: 'PRESENT' },
    ],
  });
  expect(onlineFeatures[1].values[0]).toMatchObject({ value: null, status: 'NOT_FOUND', ageSeconds: null });
});

test('a dataset is built by a job, described, previewed, and traced back', async () => {
  const { dataset, job } = await mutate('createDataset', 'dataset { id status } job { id dataset { name } }', {
    name: 'churn',
    featureService: 'churn_features',
    labels: { view: 'churn', field: 'churned', to: '2026-02-01T00:00:00Z' },
    split: { strategy: 'TIME' },
  });
  expect([dataset.status, job.dataset.name]).toEqual(['BUILDING', 'churn']);
  await features.finished({ id: fromGlobalId(job.id as unknown as string, 'Job') });
  const answer = await ask(
    `query ($id: ID!) {
      dataset(id: $id) {
        status rowCount heldOutRowCount fingerprint qualityPassed warnings labelView labelField from to leakageCutoff createdBy
        split { strategy heldOutFraction seed } columns { name dtype } statistics { name dtype count }
        featureService { version service { name } features { name } } preview(first: 1) downloadUrl job { status progressRatio }
      }
      datasets { totalCount }
      lineage(id: $id, direction: UPSTREAM) { nodes { id kind name } edges { fromId toId } }
    }`,
    { id: dataset.id },
  );
  expect(answer.dataset).toMatchObject({
    status: 'READY',
    rowCount: 8,
    heldOutRowCount: 4,
    qualityPassed: true,
    labelView: 'churn',
    labelField: 'churned',
    from: null,
    to: '2026-02-01T00:00:00.000Z',
    leakageCutoff: true,
    split: { strategy: 'TIME', heldOutFraction: 0.25, seed: 42 },
    featureService: { version: 1, service: { name: 'churn_features' } },
    preview: [{ subscriber_id: 's0', calls: '1', __label: false }],
    downloadUrl: expect.stringMatching(/^\/datasets\/[0-9a-f-]{36}\?expires=\d+&signature=/),
    job: { status: 'SUCCEEDED', progressRatio: 1 },
  });
  expect(answer.dataset.statistics).toMatchObject(['minutes', 'plan', 'calls', '__label'].map((name) => ({ name })));
  expect(answer.lineage.nodes).toEqual(
    expect.arrayContaining(
      [
        ['Dataset', 'churn'],
        ['FeatureServiceVersion', 'churn_features 1'],
        ['FeatureView', 'churn'],
        ['FeatureView', 'usage'],
      ].map(([kind, name]) => ({ kind, name, id: expect.any(String) })),
    ),
  );
  expect(answer.lineage.nodes).toHaveLength(4);
  expect(answer.lineage.nodes[0].id).toBe(dataset.id);
  expect(answer.lineage.edges).toHaveLength(3);
});

test('what does not exist is null, and a forged id is refused', async () => {
  const id = toGlobalId('Dataset', '00000000-0000-4000-8000-000000000000');
  expect(
    await ask(
      'query ($id: ID!) { dataset(id: $id) { id } featureView(name: "nope") { id } featureService(name: "x") { id } }',
      { id },
    ),
  ).toEqual({
    dataset: null,
    featureView: null,
    featureService: null,
  });
  await expect(ask('{ dataset(id: "zzz") { id } }')).rejects.toThrow('is not an id that this API gave');
});
