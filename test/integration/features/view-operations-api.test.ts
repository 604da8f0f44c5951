import 'reflect-metadata';
import { Client } from 'pg';
import type { Services } from '../../../src/schema/context';
import { fromGlobalId } from '../../../src/schema/global-id';
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

function ask(source: string, variableValues: Record<string, unknown> = {}): Promise<Tree> {
  const services: Partial<Services> = {
    jobs: features.jobs,
    schedules: features.schedules,
    featureViews: features.views,
    ingest: features.ingest,
    featureQuality: features.quality,
    materialization: features.materializations,
    onlineConsistency: features.consistency,
  };
  return executeOperation(services, ENGINEER, source, variableValues);
}

const mutate = (name: string, selection: string, input: object) =>
  ask(
    `mutation ($input: ${name[0].toUpperCase()}${name.slice(1)}Input!) { result: ${name}(input: $input) { ${selection} userErrors { code field message } } }`,
    { input },
  ).then(({ result }) => result);

test('the consistency of a view is read with its counts, ratio and examples', async () => {
  const query = `{ onlineConsistency(view: "usage", sample: 3) {
    view { name } sampledCount consistentRatio materializedThrough counts { outcome count }
    examples { outcome entity offlineEventTimestamp onlineEventTimestamp differingFields }
  } }`;
  const example = {
    outcome: 'PENDING',
    offlineEventTimestamp: '2026-02-01T00:00:00.000Z',
    onlineEventTimestamp: null,
    differingFields: [],
  };
  const { onlineConsistency } = await ask(query);
  expect(onlineConsistency).toMatchObject({
    view: { name: 'usage' },
    sampledCount: 3,
    consistentRatio: 1,
    materializedThrough: null,
    examples: [example, example, example],
  });
  expect(onlineConsistency.counts).toContainEqual({ outcome: 'PENDING', count: 3 });
  expect(onlineConsistency.counts).toContainEqual({ outcome: 'MISSING', count: 0 });
  await expect(ask('{ onlineConsistency(view: "usage", sample: 0) { sampledCount } }')).rejects.toThrow(
    'sample: 0 is out of range; expected 1 to 10000',
  );
});

test('schedules of a view are set, read back with what they did, and taken away', async () => {
  const view = { name: 'usage', entity: 'subscriber', fields: [{ name: 'minutes', dtype: 'DOUBLE' }] };
  const selection = `featureView {
    materializationSchedule { cron nextRunAt lastRun { decision } runs { nodes { decision job { id } } } }
    qualitySchedule { cron lastRun { dueAt decision job { id ... on FeatureQualityJob { report { id } } } } }
  }`;
  const refused = await mutate('applyFeatureView', selection, {
    ...view,
    name: 'scheduled',
    qualitySchedule: '99 * * * *',
  });
  expect(refused).toMatchObject({
    featureView: null,
    userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'qualitySchedule'] }],
  });
  const scheduled = { ...view, name: 'scheduled', materializationSchedule: '@daily', qualitySchedule: '* * * * *' };
  expect(await mutate('applyFeatureView', selection, scheduled)).toMatchObject({
    featureView: {
      materializationSchedule: { cron: '@daily', lastRun: null, runs: { nodes: [] } },
      qualitySchedule: { cron: '* * * * *', lastRun: null },
    },
    userErrors: [],
  });
  features.scheduleClock = new Date(Date.now() + 86_400_000);
  await features.schedules.fireDue();
  features.scheduleClock = null;
  // Left out, they stay.
  const again = await mutate('applyFeatureView', selection, {
    ...view,
    name: 'scheduled',
    materializationSchedule: null,
  });
  expect(again.featureView).toMatchObject({
    materializationSchedule: null,
    qualitySchedule: { cron: '* * * * *', lastRun: { decision: 'STARTED' } },
  });
  const jobId = fromGlobalId(again.featureView.qualitySchedule.lastRun.job.id as unknown as string, 'Job');
  expect(await features.finished({ id: jobId })).toMatchObject({ status: 'SUCCEEDED' });
  const { featureView } = await ask(
    `{ featureView(name: "scheduled") {
         qualitySchedule { lastRun { job { ... on FeatureQualityJob { report { passed view { name } } } } } }
         materializations { totalCount nodes { status results { rowCount view { name } } } }
       } }`,
  );
  expect(featureView.qualitySchedule.lastRun.job).toEqual({ report: { passed: true, view: { name: 'scheduled' } } });
  expect(featureView.materializations.totalCount).toBe(1);
});

test('the runs of the schedules of many views cost as many statements as those of few', async () => {
  const fields = [{ name: 'minutes', dtype: 'DOUBLE' }];
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5'])
    await mutate('applyFeatureView', 'featureView { id }', {
      name,
      entity: 'subscriber',
      fields,
      materializationSchedule: '@daily',
    });
  features.scheduleClock = new Date(Date.now() + 86_400_000);
  await features.schedules.fireDue();
  features.scheduleClock = null;
  const query = jest.spyOn(Client.prototype, 'query');
  const statements = async (first: number) => {
    query.mockClear();
    const { featureViews } = await ask(
      `{ featureViews(first: ${first}) { nodes { materializationSchedule { runs { totalCount nodes { decision } } } } } }`,
    );
    const run = { totalCount: 1, nodes: [{ decision: 'STARTED' }] };
    expect(featureViews.nodes).toEqual(
      Array.from({ length: first }, () => ({ materializationSchedule: { runs: run } })),
    );
    // Of the jobs that are under way come others.
    return query.mock.calls.filter(([text]) => text.includes('"schedule_runs"')).length;
  };
  expect(await statements(5)).toBe(await statements(2));
  query.mockRestore();
});

test('a batch says what its fields hold, over all of its rows, ready to plot', async () => {
  const rows = [
    { subscriber_id: 's1', eventTimestamp: '2026-03-01', minutes: 1, plan: 'flat', calls: '7' },
    { subscriber_id: 's1', eventTimestamp: '2026-03-02', minutes: 5, plan: 'flat', calls: null },
    { subscriber_id: 's2', eventTimestamp: '2026-03-03', minutes: null, plan: 'meter', calls: null },
    { subscriber_id: 's3', eventTimestamp: '2026-03-01', minutes: 3, plan: 'flat', calls: null },
  ];
  const applied = { name: 'batched', entity: 'subscriber' };
  const fields = [
    { name: 'minutes', dtype: 'DOUBLE' },
    { name: 'plan', dtype: 'STRING' },
    { name: 'calls', dtype: 'INT64' },
  ];
  await mutate('applyFeatureView', 'featureView { id }', { ...applied, fields });
  await mutate('ingestFeatures', 'batch { id }', { view: 'batched', rows: [{ ...rows[0], minutes: 999 }] });
  const { batch } = await mutate(
    'ingestFeatures',
    `batch { id statistics {
       name count nullCount nullRatio distinctCount min max mean stddev quantiles { probability value } histogram { edges counts }
       topValues { value count } newestEventTimestamp ageSeconds
     } }`,
    { view: 'batched', rows },
  );
  const [minutes, plan, calls] = batch.statistics as unknown as Record<string, unknown>[];
  expect(minutes).toMatchObject({ name: 'minutes', count: 4, nullCount: 1, nullRatio: 0.25, distinctCount: 3 });
  expect(minutes).toMatchObject({
    min: 1,
    max: 5,
    mean: 3,
    stddev: 2,
    newestEventTimestamp: '2026-03-02T00:00:00.000Z',
  });
  expect(minutes.quantiles).toContainEqual({ probability: 0.5, value: 3 });
  const { edges, counts } = minutes.histogram as { edges: number[]; counts: number[] };
  expect([edges.length - 1, edges[0], edges.at(-1)]).toEqual([counts.length, 1, 5]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(minutes.ageSeconds).toBeCloseTo((Date.now() - Date.parse('2026-03-02')) / 1000, -1);
  expect(plan).toMatchObject({
    topValues: [
      { value: 'flat', count: 3 },
      { value: 'meter', count: 1 },
    ],
    histogram: null,
  });
  expect(calls).toMatchObject({ nullRatio: 0.75, min: 7, newestEventTimestamp: '2026-03-01T00:00:00.000Z' });
});
