import type { FeatureRowInput } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const usage = (
  id: string,
  eventTimestamp: string,
  minutes: number | null,
  createdTimestamp?: string,
): FeatureRowInput => ({
  subscriber_id: id,
  eventTimestamp,
  minutes,
  ...(createdTimestamp === undefined ? {} : { createdTimestamp }),
});

const ingest = (...rows: FeatureRowInput[]) => features.ingest.ingest({ view: 'usage', rows }, ENGINEER);

async function materialize(...views: string[]): Promise<void> {
  const job = await features.materializations.materialize({ views: views.length > 0 ? views : ['usage'] }, ENGINEER);
  const { status, errorMessage } = await features.finished(job);
  if (status !== 'SUCCEEDED') throw new Error(errorMessage ?? status);
}

/** What the online store says of subscribers' minutes: [value, status]. */
async function minutesOf(...ids: string[]): Promise<[unknown, string][]> {
  const entities = ids.map((id) => ({ subscriber_id: id }));
  const rows = await features.online.readByName('churn_features', entities);
  return rows.map(({ values }) => [values[0].value, values[0].status]);
}

test('the newest row of every entity is served, with status, time and age', async () => {
  await ingest(usage('a', '2026-01-01', 1), usage('a', '2026-02-01', 2), usage('b', '2026-01-01', null));
  expect(await minutesOf('a')).toEqual([[null, 'NOT_FOUND']]);
  await materialize();
  expect(await minutesOf('b', 'a', 'c')).toEqual([
    [null, 'NULL'],
    [2, 'PRESENT'],
    [null, 'NOT_FOUND'],
  ]);
  const [{ values }] = await features.online.readByName('churn_features', [{ subscriber_id: 'a' }]);
  expect(values[0].eventTimestamp).toEqual(new Date('2026-02-01'));
  expect(values[0].ageSeconds).toBeCloseTo((Date.now() - Date.parse('2026-02-01')) / 1000, -1);
});

test('14, 15: in whatever order rows come, in one batch or in many, the newest is served, and an older one changes nothing', async () => {
  const dates = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01'];
  const orders = { ascending: [0, 1, 2, 3], descending: [3, 2, 1, 0], shuffled: [2, 0, 3, 1] };
  const names = Object.keys(orders);
  const rows = Object.entries(orders).flatMap(([id, order]) => order.map((n) => usage(id, dates[n], n)));
  await ingest(...rows);
  await materialize();
  const newest = names.map(() => [3, 'PRESENT']);
  expect(await minutesOf(...names)).toEqual(newest);
  // One batch and one run for each row.
  for (const n of orders.shuffled) {
    await ingest(usage('one_by_one', dates[n], n, '2026-05-01'));
    await materialize();
    const [[served]] = await minutesOf('one_by_one');
    expect(served).toBe(n === 1 || n === 3 ? 3 : 2);
  }
  await ingest(...names.map((id) => usage(id, dates[2], 99, '2026-06-01')));
  await materialize();
  expect(await minutesOf(...names)).toEqual(newest);
});

test('16, 17: runs after one another take up where the last one ended, and miss and repeat nothing', async () => {
  await ingest(usage('a', '2026-01-01', 1), usage('b', '2026-01-01', 1));
  await materialize();
  expect(await minutesOf('a', 'b')).toEqual([
    [1, 'PRESENT'],
    [1, 'PRESENT'],
  ]);
  await ingest(usage('a', '2026-02-01', 2));
  await materialize();
  expect(await minutesOf('a', 'b')).toEqual([
    [2, 'PRESENT'],
    [1, 'PRESENT'],
  ]);
  const [{ versionId }] = [await features.views.findByName('usage').then((view) => view!)];
  expect(await features.materializations.find([versionId])).toMatchObject([{ watermark: 2, rowCount: 3 }]);
});

test('27: data that arrives late, and corrections of the same event, reach the online store', async () => {
  await ingest(usage('a', '2026-02-01', 1, '2026-02-01'), usage('b', '2026-02-01', 1, '2026-02-01'));
  await materialize();
  await ingest(
    usage('a', '2026-01-01', 9, '2026-05-01'),
    usage('b', '2026-02-01', 5, '2026-03-01'),
    usage('c', '2020-01-01', 7, '2020-01-01'),
  );
  await materialize();
  expect(await minutesOf('a', 'b', 'c')).toEqual([
    [1, 'PRESENT'],
    [5, 'PRESENT'],
    [7, 'PRESENT'],
  ]);
});

test('28: a row of the future is not served before its time, and then it is', async () => {
  const soon = new Date(Date.now() + 1500);
  await ingest(usage('a', '2026-01-01', 1), usage('a', soon.toISOString(), 2), usage('a', '2999-01-01', 3));
  await materialize();
  expect(await minutesOf('a')).toEqual([[1, 'PRESENT']]);
  await new Promise((resolve) => setTimeout(resolve, soon.getTime() - Date.now() + 10));
  await materialize();
  expect(await minutesOf('a')).toEqual([[2, 'PRESENT']]);
});

test('two runs at once leave the newest rows and a watermark that covers them', async () => {
  await ingest(usage('a', '2026-01-01', 1));
  await Promise.all([materialize(), ingest(usage('a', '2026-03-01', 3)), materialize()]);
  await materialize();
  expect(await minutesOf('a')).toEqual([[3, 'PRESENT']]);
});

test('a run that fails half way is taken up again from the last watermark', async () => {
  await ingest(usage('a', '2026-01-01', 1), usage('b', '2026-01-01', 2));
  const write = jest.spyOn(features.onlineStore, 'write').mockRejectedValueOnce(new Error('the database went away'));
  await materialize();
  expect(write.mock.calls.length).toBeGreaterThan(1);
  expect(await minutesOf('a', 'b')).toEqual([
    [1, 'PRESENT'],
    [2, 'PRESENT'],
  ]);
});

test('a value outside the TTL is null and says so', async () => {
  const fields = [{ name: 'minutes', dtype: 'DOUBLE' } as const];
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields, ttlSeconds: 3600 }, ENGINEER);
  await features.services.apply({ name: 'churn_features', features: [{ view: 'usage' }] }, ENGINEER);
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  await ingest(usage('a', minutesAgo(59), 1), usage('b', minutesAgo(61), 2));
  await materialize();
  expect(await minutesOf('a', 'b')).toEqual([
    [1, 'PRESENT'],
    [null, 'OUTSIDE_TTL'],
  ]);
});

test('a blocking quality rule that fails stops the run, and nothing is written', async () => {
  const fields = [{ name: 'minutes', dtype: 'DOUBLE' } as const];
  const qualityRules = [{ field: 'minutes', kind: 'RANGE', severity: 'BLOCK', minimum: 0 } as const];
  await features.views.apply({ name: 'usage', entity: 'subscriber', fields, qualityRules }, ENGINEER);
  await features.services.apply({ name: 'churn_features', features: [{ view: 'usage' }] }, ENGINEER);
  await ingest(usage('a', '2026-01-01', -1));
  await expect(materialize()).rejects.toThrow('Blocking quality rules of usage failed: minutes lies within 0 and ∞');
  expect(await minutesOf('a')).toEqual([[null, 'NOT_FOUND']]);
});

test('unknown views, empty requests, wrong entities and viewers are refused', async () => {
  const { materializations, online } = features;
  await expect(materializations.materialize({ views: ['nope'] }, ENGINEER)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    field: ['input', 'views', '0'],
  });
  await expect(materializations.materialize({ views: [] }, ENGINEER)).rejects.toThrow('name 1 to 100 views');
  await expect(materializations.materialize({ views: ['usage'] }, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(online.readByName('nope', [{}])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(online.readByName('churn_features', [{ subscriber: 'a' }])).rejects.toMatchObject({
    field: ['entities', '0', 'subscriber_id'],
  });
});

test('the same idempotency key starts one job', async () => {
  const request = { views: ['usage'], idempotencyKey: 'k' };
  const first = await features.materializations.materialize(request, ENGINEER);
  const again = await features.materializations.materialize(request, ENGINEER);
  expect(again.id).toBe(first.id);
  await features.finished(first);
});
