import { lineageOf } from '../../support/lineage-of';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.openWithoutJobs();
});
afterEach(() => features.close());

const audited = async (): Promise<string[]> => {
  const rows = await features.database.dataSource.query<{ action: string }[]>(
    'SELECT action FROM audit_entries ORDER BY chain, sequence',
  );
  return rows.map(({ action }) => action);
};

const minutes = { name: 'minutes', dtype: 'DOUBLE' } as const;
const plan = { name: 'plan', dtype: 'STRING' } as const;
const usage = { name: 'usage', entity: 'subscriber', fields: [minutes, plan] };

async function defineEntity(): Promise<void> {
  await features.entities.apply({ name: 'subscriber', joinKeys: [{ name: 'id', dtype: 'STRING' }] }, ENGINEER);
}

test('21: applying an entity again changes nothing, and new metadata counts up its revision', async () => {
  const input = { name: 'subscriber', joinKeys: [{ name: 'id', dtype: 'STRING' } as const], tags: { team: 'crm' } };
  const first = await features.entities.apply(input, ENGINEER);
  expect(await features.entities.apply(input, ENGINEER)).toEqual(first);
  const changed = await features.entities.apply({ ...input, description: 'A customer' }, ENGINEER);
  expect(changed).toMatchObject({
    id: first.id,
    revision: 2,
    description: 'A customer',
    owner: 'ada',
    tags: { team: 'crm' },
  });
  expect(await audited()).toEqual(['feature.applyEntity', 'feature.applyEntity']);
});

test('the join keys of an entity change only while no view is about it', async () => {
  await defineEntity();
  const joinKeys = [{ name: 'number', dtype: 'INT64' } as const];
  await expect(features.entities.apply({ name: 'subscriber', joinKeys }, ENGINEER)).resolves.toMatchObject({
    joinKeys,
  });
  await features.views.apply(usage, ENGINEER);
  const other = features.entities.apply({ name: 'subscriber', joinKeys: [{ name: 'id', dtype: 'STRING' }] }, ENGINEER);
  await expect(other).rejects.toMatchObject({ code: 'IN_USE', details: { users: ['usage'] } });
});

test('19, 21: a view gets a version for another schema or TTL, and none for metadata, order of fields or rules', async () => {
  await defineEntity();
  const first = await features.views.apply(usage, ENGINEER);
  expect(first).toMatchObject({ version: 1, revision: 1, ttlSeconds: null, owner: 'ada' });
  expect(await features.views.apply(usage, ENGINEER)).toEqual(first);
  const described = { ...minutes, description: 'Called in the month' };
  const rules = [{ kind: 'ROW_COUNT', severity: 'WARN', minimum: 1 } as const];
  const same = await features.views.apply(
    { ...usage, fields: [plan, described], description: 'x', qualityRules: rules },
    ENGINEER,
  );
  expect(same).toMatchObject({ version: 1, versionId: first.versionId, revision: 2 });
  expect(same.fields).toEqual([described, { ...plan, description: '' }]);
  await expect(features.views.apply({ ...usage, ttlSeconds: 60 }, ENGINEER)).resolves.toMatchObject({ version: 2 });
  await expect(features.views.apply({ ...usage, fields: [minutes] }, ENGINEER)).resolves.toMatchObject({
    version: 3,
    qualityRules: [{ kind: 'ROW_COUNT' }],
  });
});

test('rows of a new version of a view are its own', async () => {
  await defineEntity();
  await features.views.apply(usage, ENGINEER);
  const rows = [{ id: 'a', eventTimestamp: '2026-01-01', minutes: 1 }];
  await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  const { versionId: first } = (await features.views.findByName('usage'))!;
  const { versionId: second } = await features.views.apply({ ...usage, fields: [minutes] }, ENGINEER);
  expect(await features.ingest.summaries([first, second])).toMatchObject([{ viewVersionId: first, rowCount: 1 }]);
});

test('two callers that apply the same view at once make one', async () => {
  await defineEntity();
  const views = await Promise.all([1, 2, 3].map(() => features.views.apply(usage, ENGINEER)));
  expect(new Set(views.map(({ id, version }) => `${id} ${version}`)).size).toBe(1);
});

test('a service pins the versions of its views until it is applied again', async () => {
  await defineEntity();
  await features.views.apply(usage, ENGINEER);
  const input = { name: 'churn_features', features: [{ view: 'usage' }] };
  const first = await features.services.apply(input, ENGINEER);
  expect(first).toMatchObject({ version: 1, features: [{ name: 'minutes', viewVersion: 1 }, { name: 'plan' }] });
  expect(await features.services.apply(input, ENGINEER)).toEqual(first);
  await features.views.apply({ ...usage, ttlSeconds: 60 }, ENGINEER);
  expect((await features.services.findByName('churn_features'))?.features[0]).toMatchObject({ viewVersion: 1 });
  const second = await features.services.apply(input, ENGINEER);
  expect(second).toMatchObject({ version: 2, features: [{ viewVersion: 2 }, { viewVersion: 2 }] });
  await expect(features.services.schema(first.versionId)).resolves.toMatchObject({
    version: 1,
    service: 'churn_features',
  });
  const nodes = await lineageOf(
    features.database.dataSource,
    `FeatureServiceVersion:${second.versionId}`,
    'UPSTREAM',
    1,
  );
  expect(nodes.map((node) => node.split(':')[0])).toEqual(['FeatureServiceVersion', 'FeatureView']);
});

test('10: a service cannot name a feature that its view lacks, nor a view that is not there', async () => {
  await defineEntity();
  await features.views.apply(usage, ENGINEER);
  const unknown = features.services.apply({ name: 's', features: [{ view: 'usage', fields: ['age'] }] }, ENGINEER);
  await expect(unknown).rejects.toThrow('usage has no field "age"; it has minutes, plan');
  const nowhere = features.services.apply({ name: 's', features: [{ view: 'nope' }] }, ENGINEER);
  await expect(nowhere).rejects.toMatchObject({ field: ['input', 'features', '0', 'view'] });
});

test('lists go by name, page by page', async () => {
  await defineEntity();
  for (const name of ['b', 'a', 'c']) await features.views.apply({ ...usage, name }, ENGINEER);
  const first = await features.views.list({ first: 2 });
  expect(first.rows.map(({ name }) => name)).toEqual(['a', 'b']);
  const rest = await features.views.list({ first: 2, after: first.cursors[1] });
  expect([rest.rows.map(({ name }) => name), rest.hasNextPage, await rest.totalCount()]).toEqual([['c'], false, 3]);
});

test('a view of an unknown entity is refused, a view keeps its entity, and viewers define nothing', async () => {
  await expect(features.views.apply(usage, ENGINEER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await defineEntity();
  await features.views.apply(usage, ENGINEER);
  await features.entities.apply({ name: 'account', joinKeys: [{ name: 'number', dtype: 'INT64' }] }, ENGINEER);
  await expect(features.views.apply({ ...usage, entity: 'account' }, ENGINEER)).rejects.toThrow(
    'a view keeps its entity',
  );
  await expect(features.views.apply(usage, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
