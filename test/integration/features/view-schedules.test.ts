import { AuditEntry, type FeatureQualityReport } from '../../../src/entities';
import type { ApplyFeatureViewInput } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
  features.scheduleClock = new Date('2026-11-03T10:15:00Z');
});
afterEach(() => features.close());

const LABELS: ApplyFeatureViewInput = {
  name: 'churn',
  entity: 'subscriber',
  fields: [{ name: 'churned', dtype: 'BOOL' }],
};
const apply = (changes: Partial<ApplyFeatureViewInput>) => features.views.apply({ ...LABELS, ...changes }, ENGINEER);
const schedulesOf = async (kind: 'MATERIALIZATION' | 'FEATURE_QUALITY') => {
  const view = await features.views.findByName('churn');
  return features.schedules.find(kind, [`FeatureView:${view?.id}`]);
};

/** Goes to a time, and waits for the jobs that it brings. */
async function goTo(time: string): Promise<void> {
  features.scheduleClock = new Date(time);
  await features.schedules.fireDue();
  const schedules = [...(await schedulesOf('MATERIALIZATION')), ...(await schedulesOf('FEATURE_QUALITY'))];
  for (const { lastRun } of schedules) if (lastRun?.jobId) await features.finished({ id: lastRun.jobId });
}

test('a schedule is metadata: it makes no version, counts as a change once, and is audited', async () => {
  const before = await apply({});
  const set = await apply({ materializationSchedule: ' 0  3 * * * ' });
  expect([set.version, set.revision]).toEqual([before.version, before.revision + 1]);
  expect(await schedulesOf('MATERIALIZATION')).toMatchObject([
    { cron: '0 3 * * *', nextRunAt: new Date('2026-11-04T03:00:00Z'), lastRun: null },
  ]);
  for (const changes of [{ materializationSchedule: '0 3 * * *' }, { materializationSchedule: undefined }, {}])
    expect((await apply(changes)).revision).toBe(set.revision);
  expect((await apply({ materializationSchedule: null })).revision).toBe(set.revision + 1);
  expect(await schedulesOf('MATERIALIZATION')).toEqual([]);
  const entries = await features.database.dataSource.manager.find(AuditEntry, { order: { sequence: 'ASC' } });
  expect(entries.slice(-2).map(({ details }) => details.materializationSchedule)).toEqual(['0 3 * * *', null]);
});

test('a schedule that cannot be read is refused with its field, and nothing is changed', async () => {
  const before = await features.views.findByName('churn');
  const bad = apply({ description: 'other', qualitySchedule: '0 25 * * *' });
  await expect(bad).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    field: ['input', 'qualitySchedule'],
    message: expect.stringMatching(/hour "25" is not within 0 to 23.*"0 3 \* \* \*"/) as unknown,
  });
  expect(await features.views.findByName('churn')).toEqual(before);
});

test('a view is materialized by the clock, by the system itself, in the version that it has then', async () => {
  await apply({ materializationSchedule: '@hourly' });
  const later = await apply({ ttlSeconds: 3600 });
  expect(later.version).toBe(2);
  await features.ingestSubscribers(3, [1]);
  await goTo('2026-11-03T11:00:00Z');
  const { rows } = await features.materializations.history(later.id, { first: 10 });
  expect(rows).toMatchObject([{ status: 'SUCCEEDED', actor: 'system:schedule' }]);
  expect(await features.materializations.findRuns([rows[0].id])).toMatchObject([
    { featureViewVersionId: later.versionId, rowCount: 3 },
  ]);
  await features.ingestSubscribers(2, [2]);
  await goTo('2026-11-03T12:00:00Z');
  const { rows: both, totalCount } = await features.materializations.history(later.id, { first: 1 });
  expect(await totalCount()).toBe(2);
  expect(await features.materializations.findRuns([both[0].id])).toMatchObject([{ rowCount: 2 }]);
});

test('the history of a view has the jobs of several views, and none of other views', async () => {
  const job = await features.materializations.materialize({ views: ['usage', 'churn'] }, ENGINEER);
  await features.finished(job);
  await features.finished(await features.materializations.materialize({ views: ['usage'] }, ENGINEER));
  const view = await features.views.findByName('churn');
  const { rows } = await features.materializations.history(view!.id, { first: 10 });
  expect(rows.map(({ id }) => id)).toEqual([job.id]);
  expect(await features.materializations.findRuns([job.id])).toHaveLength(2);
});

test('a quality report is made by the clock, with a profile of every field, once per job', async () => {
  await apply({ qualitySchedule: '@daily' });
  await features.ingestSubscribers(6, [1]);
  await goTo('2026-11-04T00:00:00Z');
  const [{ lastRun }] = await schedulesOf('FEATURE_QUALITY');
  const jobId = lastRun!.jobId!;
  const reports = async (): Promise<readonly FeatureQualityReport[]> =>
    (await features.quality.list('churn', { first: 10 })).rows;
  expect(await reports()).toMatchObject([
    { id: jobId, actor: 'system:schedule', passed: true, rowCount: 6, statistics: [{ name: 'churned', count: 6 }] },
  ]);
  // As after a crash between the report and the end of the job.
  await features.quality.run('churn', ENGINEER, { reportId: jobId });
  expect(await reports()).toHaveLength(1);
});
