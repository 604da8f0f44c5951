import type { FeatureQualityReference } from '../../../src/entities';
import { SeededRandom } from '../../../src/services/statistics';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const usage = {
  name: 'usage',
  entity: 'subscriber',
  fields: [
    { name: 'minutes', dtype: 'DOUBLE' },
    { name: 'plan', dtype: 'STRING' },
    { name: 'calls', dtype: 'INT64' },
  ],
} as const;

const applyDrift = (
  reference: FeatureQualityReference,
  threshold = 0.2,
  rules: readonly { readonly field: string; readonly measure: 'PSI' | 'JS_DISTANCE' }[] = [
    { field: 'minutes', measure: 'PSI' },
    { field: 'plan', measure: 'JS_DISTANCE' },
  ],
) =>
  features.views.apply(
    {
      ...usage,
      qualityRules: rules.map((rule) => ({ kind: 'DRIFT', severity: 'BLOCK', ...rule, threshold, reference })),
    },
    ENGINEER,
  );

const run = async () => (await features.quality.run('usage', ENGINEER)).results;
const asReference = ({ id }: { id: string }): FeatureQualityReference => ({ kind: 'FeatureQualityReport', id });

/** Subscribers whose minutes are normal around a mean, and of whom a share is on the flat plan. */
async function ingestDrawn(seed: string, eventTimestamp: string, mean: number, flat: number): Promise<void> {
  const random = new SeededRandom(seed);
  const rows = Array.from({ length: 800 }, (_, index) => ({
    subscriber_id: `s${index}`,
    eventTimestamp,
    minutes: mean + random.normal(),
    plan: random.uniform() < flat ? 'flat' : 'meter',
  }));
  await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
}

test('DRIFT compares with an earlier report: rows alike pass, another distribution fails', async () => {
  await ingestDrawn('first', '2026-01-01', 10, 0.5);
  const report = await features.quality.run('usage', ENGINEER);
  await applyDrift(asReference(report));
  expect(await run()).toMatchObject([
    { passed: true, actual: 0 },
    { passed: true, actual: 0 },
  ]);
  await ingestDrawn('alike', '2026-02-01', 10, 0.5);
  expect(await run()).toMatchObject([{ passed: true }, { passed: true }]);
  await ingestDrawn('other', '2026-03-01', 12, 0.9);
  const [minutes, plan] = await run();
  expect(minutes).toMatchObject({ passed: false, checkedRowCount: 800, failingRowCount: null, examples: [] });
  // Normals two standard deviations apart: PSI = 2² = 4, of which bins lose some where one window has next to nothing.
  expect(minutes.actual).toBeGreaterThan(2);
  expect(plan.passed).toBe(false);
  expect(plan.message).toMatch(/^DRIFT of plan by JS_DISTANCE stays below 0.2: it is 0.\d+ with p = \d/);
});

test('too few rows to tell pass, and are said to be too few', async () => {
  await ingestDrawn('first', '2026-01-01', 10, 0.5);
  const report = await features.quality.run('usage', ENGINEER);
  await features.views.apply({ ...usage, ttlSeconds: 1 }, ENGINEER);
  await applyDrift(asReference(report), 0.2);
  const rows = [1, 2, 3].map((index) => ({ subscriber_id: `s${index}`, eventTimestamp: '2026-01-01', minutes: 10 }));
  await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  const [minutes, plan] = await run();
  expect(minutes).toMatchObject({ passed: true, message: expect.stringMatching(/3 rows are too few to tell$/) });
  expect(plan).toMatchObject({ passed: false, message: expect.stringMatching(/all 3 are null$/) });
});

test('DRIFT compares with the feature that a dataset has of the field', async () => {
  await features.ingestSubscribers(60, [1, 2]);
  const dataset = await features.buildDataset();
  await applyDrift({ kind: 'Dataset', id: dataset.id }, 0.2, [{ field: 'minutes', measure: 'PSI' }]);
  const [minutes] = await run();
  expect(minutes.actual).toEqual(expect.any(Number));
  const label = { kind: 'DRIFT', severity: 'WARN', field: 'churned', measure: 'PSI', threshold: 0.2 } as const;
  const churn = { name: 'churn', entity: 'subscriber', fields: [{ name: 'churned', dtype: 'BOOL' }] } as const;
  const reference = { kind: 'Dataset', id: dataset.id } as const;
  await expect(
    features.views.apply({ ...churn, qualityRules: [{ ...label, reference }] }, ENGINEER),
  ).rejects.toMatchObject({
    message: 'qualityRules.0.referenceId: DRIFT of churned: it has no field churned of churn',
  });
});

test('a reference that cannot be compared with is refused, and says why', async () => {
  await features.ingest.ingest(
    { view: 'churn', rows: [{ subscriber_id: 's', eventTimestamp: '2026-01-01' }] },
    ENGINEER,
  );
  const empty = await features.quality.run('usage', ENGINEER);
  const other = await features.quality.run('churn', ENGINEER);
  const unknown = { kind: 'Dataset', id: '00000000-0000-4000-8000-000000000000' } as const;
  await expect(applyDrift(asReference(empty))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    field: ['input', 'qualityRules', '0', 'referenceId'],
    message: 'qualityRules.0.referenceId: DRIFT of minutes: it has no values of minutes; name one that has',
  });
  await expect(applyDrift(asReference(other))).rejects.toThrow('there is no such quality report on usage');
  await expect(applyDrift(unknown)).rejects.toThrow('there is no such dataset');

  await ingestDrawn('first', '2026-01-01', 10, 0.5);
  const report = await features.quality.run('usage', ENGINEER);
  await applyDrift(asReference(report));
  const retyped = usage.fields.map((field) =>
    field.name === 'minutes' ? ({ ...field, dtype: 'INT64' } as const) : field,
  );
  await expect(features.views.apply({ ...usage, fields: retyped }, ENGINEER)).rejects.toThrow(
    'minutes is DOUBLE there and INT64 here; name a newer one',
  );
  await features.database.dataSource.query(
    `UPDATE feature_quality_reports SET statistics = (SELECT jsonb_agg(s - 'profile') FROM jsonb_array_elements(statistics) s)`,
  );
  await expect(applyDrift(asReference(report))).rejects.toThrow(
    'it was made before profiles were kept; make a new one',
  );
  expect((await run())[0]).toMatchObject({
    passed: false,
    message: expect.stringMatching(/the reference has no profile of it; name another one$/),
  });
});
