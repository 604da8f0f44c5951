import { type CreateDatasetInput, readDatasetTable } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const request = (overrides: Partial<CreateDatasetInput> = {}) => features.datasetRequest(overrides);
const build = (overrides: Partial<CreateDatasetInput> = {}) => features.buildDataset(overrides);

test('a dataset is the point-in-time join of the labels with the features, split at whole timestamps', async () => {
  await features.ingestSubscribers(40, [1, 2, 3, 4]);
  const dataset = await build();
  expect(dataset).toMatchObject({
    status: 'READY',
    rowCount: 160,
    heldOutRowCount: 40,
    qualityPassed: true,
    warnings: ['The leakage cutoff is off for usage: its rows have no createdTimestamp.'],
  });
  expect(dataset.minEventTimestamp).toEqual(new Date(features.month(1)));
  expect(dataset.maxEventTimestamp).toEqual(new Date(features.month(4)));
  expect(dataset.columns?.map(({ name, role }) => [name, role])).toEqual([
    ['subscriber_id', 'JOIN_KEY'],
    ['event_timestamp', 'EVENT_TIMESTAMP'],
    ['minutes', 'FEATURE'],
    ['plan', 'FEATURE'],
    ['calls', 'FEATURE'],
    ['__label', 'LABEL'],
    ['__held_out', 'HELD_OUT'],
  ]);
  expect(await features.datasets.preview(dataset, 1)).toEqual([
    {
      subscriber_id: 's0',
      event_timestamp: features.month(1),
      minutes: 1.5,
      plan: 'meter',
      calls: '1',
      __label: false,
      __held_out: false,
    },
  ]);
});

test('the training thread reads what was saved: numbers, categories, labels, held-out marks and row ids', async () => {
  await features.ingestSubscribers(6, [1, 2, 3, 4]);
  const dataset = await build();
  const file = await features.datasets.describe(dataset.id);
  const { table, labels, heldOut, rowIds } = await readDatasetTable(file);
  expect(file.features).toEqual([
    { name: 'minutes', dtype: 'DOUBLE' },
    { name: 'plan', dtype: 'STRING' },
    { name: 'calls', dtype: 'INT64' },
  ]);
  expect(table.rowCount).toBe(24);
  expect(table.columns.map(({ name, kind }) => [name, kind])).toEqual([
    ['minutes', 'NUMERIC'],
    ['plan', 'CATEGORICAL'],
    ['calls', 'NUMERIC'],
  ]);
  expect(table.columns[0].values.slice(0, 3)).toEqual(Float64Array.of(1.5, 3, 4.5));
  expect(table.columns[1].values.slice(0, 3)).toEqual(['meter', 'flat', 'meter']);
  expect(labels.slice(0, 4)).toEqual(Float64Array.of(0, 0, 1, 0));
  expect([...heldOut].indexOf(1)).toBe(18);
  expect(rowIds[0]).toBe('["s0"]@2026-01-01T00:00:00.000Z');

  const trained = await readDatasetTable(file, 'TRAINING');
  const judged = await readDatasetTable(file, 'HELD_OUT');
  expect([new Set(trained.heldOut), new Set(judged.heldOut)]).toEqual([new Set([0]), new Set([1])]);
  for (const [part, mark] of [
    [trained, 0],
    [judged, 1],
  ] as const)
    expect(part.rowIds).toEqual(rowIds.filter((_, row) => heldOut[row] === mark));
  expect(judged.labels).toEqual(labels.filter((_, row) => heldOut[row] === 1));
  expect(judged.table.columns[0].values).toEqual(
    (table.columns[0].values as Float64Array).filter((_, row) => heldOut[row] === 1),
  );
});

test('the same definition over the same rows has the same fingerprint, and other rows or another definition do not', async () => {
  await features.ingestSubscribers(20, [1, 2, 3]);
  const { fingerprint } = await build();
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect((await build({ name: 'the same again' })).fingerprint).toBe(fingerprint);
  expect((await build({ split: { strategy: 'TIME', heldOutFraction: 0.4, seed: 42 } })).fingerprint).not.toBe(
    fingerprint,
  );

  const late = { subscriber_id: 's0', eventTimestamp: features.month(1), minutes: 99 };
  await features.ingest.ingest({ view: 'usage', rows: [late] }, ENGINEER);
  expect((await build()).fingerprint).not.toBe(fingerprint);
});

test('20: what was just ingested is in the dataset that is asked for next', async () => {
  await features.ingestSubscribers(3, [1, 2]);
  const row = { subscriber_id: 's0', eventTimestamp: features.month(1), minutes: 99 };
  await features.ingest.ingest({ view: 'usage', rows: [row] }, ENGINEER);
  expect((await features.datasets.preview(await build(), 1))[0].minutes).toBe(99);
});

test('a job that is run again after later ingests still builds what was asked for', async () => {
  await features.ingestSubscribers(10, [1, 2]);
  const { fingerprint } = await build();
  const { dataset } = await features.datasets.create(request(), ENGINEER);
  const later = { subscriber_id: 's0', eventTimestamp: features.month(1), minutes: 99 };
  await features.ingest.ingest({ view: 'usage', rows: [later] }, ENGINEER);
  await features.finished({ id: dataset.jobId });
  expect((await features.datasets.find([dataset.id]))[0].fingerprint).toBe(fingerprint);
});

test('a later label for the same entity and time corrects the earlier one, and a null label takes the row out', async () => {
  await features.ingestSubscribers(4, [1, 2]);
  const at = features.month(1);
  const rows = [
    { subscriber_id: 's0', eventTimestamp: at, churned: true },
    { subscriber_id: 's1', eventTimestamp: at, churned: null },
  ];
  await features.ingest.ingest({ view: 'churn', rows }, ENGINEER);
  const dataset = await build();
  const { rowIds, labels } = await readDatasetTable(await features.datasets.describe(dataset.id));
  expect(rowIds.filter((id) => id.endsWith(`@${at}`)).map((id, row) => [id.split('@')[0], labels[row]])).toEqual([
    ['["s0"]', 1],
    ['["s2"]', 1],
    ['["s3"]', 0],
  ]);
  expect(dataset.warnings).toContain('1 rows of churn have no churned and were left out.');
});

test('only labels within from and to are taken, both inclusive', async () => {
  await features.ingestSubscribers(5, [1, 2, 3, 4]);
  const labels = {
    view: 'churn',
    field: 'churned',
    from: new Date(features.month(2)),
    to: new Date(features.month(3)),
  };
  const dataset = await build({ labels });
  expect([dataset.rowCount, dataset.heldOutRowCount]).toEqual([10, 5]);
});

test('under STRATIFIED a row keeps its side when rows are added, and all rows of an entity are on one side', async () => {
  const split = { strategy: 'STRATIFIED', heldOutFraction: 0.3, seed: 7 } as const;
  await features.ingestSubscribers(200, [1]);
  const sides = async () => {
    const dataset = await build({ split });
    const { rowIds, heldOut } = await readDatasetTable(await features.datasets.describe(dataset.id));
    return new Map(rowIds.map((id, row) => [id, heldOut[row]]));
  };
  const before = await sides();
  await features.ingestSubscribers(300, [2]);
  const after = await sides();
  for (const [id, side] of before) {
    expect(after.get(id)).toBe(side);
    expect(after.get(id.replace('-01-', '-02-'))).toBe(side);
  }
  const held = [...after.values()].filter((side) => side === 1).length / after.size;
  expect(held).toBeGreaterThan(0.2);
  expect(held).toBeLessThan(0.4);
});

test('the leakage cutoff keeps out what the source knew only later, unless it is turned off', async () => {
  await features.ingestSubscribers(2, [1, 2]);
  const backfill = {
    subscriber_id: 's0',
    eventTimestamp: features.month(1),
    createdTimestamp: features.month(3),
    minutes: 99,
  };
  const known = { ...backfill, createdTimestamp: features.month(1), minutes: 5 };
  await features.ingest.ingest({ view: 'usage', rows: [known, backfill] }, ENGINEER);
  const first = async (leakageCutoff: boolean) => {
    const dataset = await build({ leakageCutoff });
    return { minutes: (await features.datasets.preview(dataset, 1))[0].minutes, warnings: dataset.warnings };
  };
  const on = await first(true);
  expect(on.minutes).toBe(5);
  expect(on.warnings).toContain('4 rows of usage have no createdTimestamp, so the leakage cutoff leaves them out.');
  const off = await first(false);
  expect(off.minutes).toBe(99);
  expect(off.warnings[0]).toContain('The leakage cutoff was turned off');
});

test('values that are missing or too old are null, and the dataset says how many', async () => {
  const fields = [{ name: 'tier', dtype: 'STRING' } as const];
  await features.views.apply({ name: 'tier', entity: 'subscriber', fields, ttlSeconds: 40 * 86_400 }, ENGINEER);
  const both = [{ view: 'usage' }, { view: 'tier' }];
  await features.services.apply({ name: 'churn_features', features: both }, ENGINEER);
  await features.ingestSubscribers(2, [1, 2, 3]);
  const tier = { subscriber_id: 's0', eventTimestamp: features.month(1), tier: 'gold' };
  await features.ingest.ingest({ view: 'tier', rows: [tier] }, ENGINEER);
  const dataset = await build();
  const rows = await features.datasets.preview(dataset, 6);
  expect(rows.map((row) => [row.subscriber_id, row.tier])).toEqual([
    ['s0', 'gold'],
    ['s1', null],
    ['s0', 'gold'],
    ['s1', null],
    ['s0', null],
    ['s1', null],
  ]);
  expect(dataset.warnings).toContain(
    'Of 6 rows, in tier 3 found nothing and 1 only what is older than the TTL; their values are null.',
  );
});

test('more requests at once than the pool has connections are all answered', async () => {
  await features.ingestSubscribers(10, [1, 2, 3, 4]);
  const names = Array.from({ length: 25 }, (_, index) => `dataset-${index}`);
  const created = await Promise.all(names.map((name) => features.datasets.create({ ...request(), name }, ENGINEER)));
  expect(created.map(({ dataset }) => dataset.name)).toEqual(names);
});

test('a block of its views turns the data half of the gate against a dataset, and data that pass again turn it back', async () => {
  await features.ingestSubscribers(40, [1, 2, 3, 4]);
  const { id } = await build();
  expect(await features.datasets.describe(id)).toMatchObject({ qualityPassed: true });

  const rule = { kind: 'RANGE', field: 'minutes', severity: 'BLOCK', minimum: 0 } as const;
  const { fields } = (await features.views.findByName('usage')) ?? { fields: [] };
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields, qualityRules: [rule] }, ENGINEER);
  const ingest = (minutes: number, eventTimestamp: string) =>
    features.ingest.ingest({ view: 'usage', rows: [{ subscriber_id: 's0', eventTimestamp, minutes }] }, ENGINEER);
  await ingest(-1, '2030-01-01');
  await features.quality.run('usage', ENGINEER);
  expect(await features.datasets.describe(id)).toMatchObject({ qualityPassed: false });

  await ingest(1, '2030-01-02');
  await build();
  expect(await features.datasets.describe(id)).toMatchObject({ qualityPassed: true });
});
