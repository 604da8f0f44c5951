import type { Dtype } from '../../../src/entities';
import { inTransaction } from '../../../src/services/database';
import { recordLineage } from '../../../src/services/lineage';
import { ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

const PER_CALL = { name: 'minutes_per_call', expression: 'minutes / calls' };
const MODEL_VERSIONS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.openWithoutJobs();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const usage = (fields: Readonly<Record<string, Dtype>>, more: { ttlSeconds?: number; dryRun?: boolean } = {}) =>
  features.views.applyExplained(
    {
      name: 'usage',
      entity: 'subscriber',
      fields: Object.entries(fields).map(([name, dtype]) => ({ name, dtype })),
      ...more,
    },
    ENGINEER,
  );
const ALL = { minutes: 'DOUBLE', plan: 'STRING', calls: 'INT64' } as const;

/** Writes down that models were made with a version of a service, as datasets, training runs and versions do. */
async function makeModels(serviceVersionId: string): Promise<void> {
  await inTransaction(features.database.dataSource, async (manager) => {
    const dataset = 'Dataset:33333333-3333-4333-8333-333333333333';
    await recordLineage(manager, [`FeatureServiceVersion:${serviceVersionId}`], dataset);
    const run = 'TrainingRun:44444444-4444-4444-8444-444444444444';
    await recordLineage(manager, [dataset], run);
    for (const id of MODEL_VERSIONS) await recordLineage(manager, [run], `ModelVersion:${id}`);
  });
}
const counts = async () => {
  const [row] = await features.database.dataSource.query<object[]>(
    `SELECT (SELECT count(*) FROM audit_entries) AS audited, (SELECT count(*) FROM feature_views) AS views,
       (SELECT count(*) FROM feature_view_versions) AS "viewVersions", (SELECT count(*) FROM feature_services) AS services,
       (SELECT count(*) FROM feature_service_versions) AS "serviceVersions"`,
  );
  return row;
};

describe('The change of a view', () => {
  it('that takes away or retypes a field names the services that take it, and the models made with them', async () => {
    const first = await features.services.apply(
      {
        name: 'churn_features',
        features: [{ view: 'usage' }],
        onDemandFeatures: [PER_CALL, { name: 'flat', expression: "plan = 'flat'" }],
      },
      ENGINEER,
    );
    await makeModels(first.versionId);
    const second = await features.services.apply(
      { name: 'churn_features', features: [{ view: 'usage', fields: ['minutes', 'plan'] }] },
      ENGINEER,
    );
    await features.services.apply({ name: 'other', features: [{ view: 'usage', fields: ['plan'] }] }, ENGINEER);
    const { change, featureView } = await usage({ minutes: 'INT64', plan: 'STRING', cost: 'DOUBLE' });
    expect(featureView).toMatchObject({ version: 2 });
    expect(change).toEqual({
      kind: 'BREAKING',
      added: ['cost'],
      removed: ['calls'],
      changed: [{ name: 'minutes', before: 'DOUBLE', after: 'INT64' }],
      dependents: [
        {
          featureServiceVersionId: first.versionId,
          service: 'churn_features',
          version: 2,
          features: ['minutes', 'calls', 'minutes_per_call'],
          modelVersionIds: MODEL_VERSIONS,
          hasMoreModelVersions: false,
        },
        {
          featureServiceVersionId: second.versionId,
          service: 'churn_features',
          version: 3,
          features: ['minutes'],
          modelVersionIds: [],
          hasMoreModelVersions: false,
        },
      ],
      warnings: [
        'usage 2 no longer has calls.',
        'minutes of usage 2 is INT64 instead of DOUBLE.',
        'churn_features 2 keeps minutes, calls, minutes_per_call as it was; 2 model versions were made with it.',
        'churn_features 3 keeps minutes as it was; no model versions were made with it.',
        'usage 2 begins without rows. Ingest and materialize them, then apply the services that shall take it.',
      ],
    });
    expect((await features.services.findByName('churn_features'))?.features[0]).toMatchObject({ viewVersion: 1 });
  });

  it('is created, none, metadata or compatible where nothing is taken away', async () => {
    const created = await features.views.applyExplained(
      { name: 'more', entity: 'subscriber', fields: [{ name: 'x', dtype: 'DOUBLE' }] },
      ENGINEER,
    );
    expect(created.change).toMatchObject({ kind: 'CREATED', added: [], dependents: [], warnings: [] });
    expect((await usage(ALL)).change).toMatchObject({ kind: 'NONE', warnings: [] });
    const described = await features.views.applyExplained(
      { name: 'usage', entity: 'subscriber', description: 'x', fields: created.featureView!.fields, dryRun: true },
      ENGINEER,
    );
    expect(described.change.kind).toBe('BREAKING');
    const { fields } = (await features.views.findByName('usage'))!;
    const metadata = await features.views.applyExplained(
      { name: 'usage', entity: 'subscriber', description: 'x', fields },
      ENGINEER,
    );
    expect(metadata.change).toMatchObject({ kind: 'METADATA', warnings: [] });
    const more = await usage({ ...ALL, cost: 'DOUBLE' });
    expect(more.change).toMatchObject({ kind: 'COMPATIBLE', added: ['cost'], dependents: [] });
    expect(more.change.warnings).toEqual([expect.stringContaining('usage 2 begins without rows.')]);
  });

  it('of its TTL breaks where that is shorter, for all its features, and not where it is longer', async () => {
    const limited = await usage(ALL, { ttlSeconds: 3600 });
    expect(limited.change).toMatchObject({
      kind: 'BREAKING',
      changed: [{ name: 'ttlSeconds', before: 'none', after: '3600' }],
      dependents: [{ service: 'churn_features', features: ['minutes', 'plan', 'calls'] }],
    });
    expect((await usage(ALL, { ttlSeconds: 7200 })).change).toMatchObject({ kind: 'COMPATIBLE', dependents: [] });
    expect((await usage(ALL, { ttlSeconds: 60 })).change.kind).toBe('BREAKING');
    expect((await usage(ALL)).change.kind).toBe('COMPATIBLE');
  });

  it('can be asked about first: a dry run writes nothing, and refuses what would be refused', async () => {
    const before = await counts();
    const { change, featureView } = await usage({ plan: 'STRING' }, { dryRun: true });
    expect(change).toMatchObject({ kind: 'BREAKING', removed: ['minutes', 'calls'] });
    expect(featureView).toMatchObject({ version: 1, revision: 1 });
    const made = await features.views.applyExplained(
      { name: 'new_one', entity: 'subscriber', fields: [{ name: 'x', dtype: 'DOUBLE' }], dryRun: true },
      ENGINEER,
    );
    expect(made).toMatchObject({ featureView: null, change: { kind: 'CREATED' } });
    await expect(usage({ 'no name': 'DOUBLE' }, { dryRun: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const asViewer = { name: 'usage', entity: 'subscriber', fields: [], dryRun: true };
    await expect(features.views.applyExplained(asViewer, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await counts()).toEqual(before);
  });
});

describe('The change of a service', () => {
  it('that takes away features, or computes them otherwise, names the models that were made with them', async () => {
    const apply = (onDemandFeatures: { name: string; expression: string }[], fields: string[], dryRun = false) =>
      features.services.applyExplained(
        { name: 'churn_features', features: [{ view: 'usage', fields }], onDemandFeatures, dryRun },
        ENGINEER,
      );
    const { featureService, change } = await apply([PER_CALL], ['minutes', 'plan', 'calls']);
    expect(change).toMatchObject({ kind: 'COMPATIBLE', added: ['minutes_per_call'], dependents: [] });
    await makeModels(featureService!.versionId);

    const before = await counts();
    const asked = await apply([{ ...PER_CALL, expression: '60 * minutes / calls' }], ['minutes', 'calls'], true);
    expect(await counts()).toEqual(before);
    expect(asked.featureService).toEqual(featureService);
    expect(asked.change).toMatchObject({
      kind: 'BREAKING',
      removed: ['plan'],
      changed: [{ name: 'minutes_per_call', before: 'DOUBLE minutes / calls', after: 'DOUBLE 60 * minutes / calls' }],
      dependents: [{ version: 2, features: ['plan', 'minutes_per_call'], modelVersionIds: MODEL_VERSIONS }],
      warnings: [
        'churn_features 3 no longer has plan.',
        'minutes_per_call of churn_features 3 is DOUBLE 60 * minutes / calls instead of DOUBLE minutes / calls.',
        'churn_features 2 keeps plan, minutes_per_call as it was; 2 model versions were made with it.',
      ],
    });
    const none = await apply([PER_CALL], ['minutes', 'plan', 'calls']);
    expect(none.change.kind).toBe('NONE');
    const unknown = features.services.applyExplained(
      { name: 'new', features: [{ view: 'usage' }], dryRun: true },
      ENGINEER,
    );
    await expect(unknown).resolves.toMatchObject({ featureService: null, change: { kind: 'CREATED' } });
    expect(await counts()).toEqual(before);
  });

  it('that takes the view as it is now is compatible: what the view broke was said when it was applied', async () => {
    await usage(ALL, { ttlSeconds: 60 });
    const again = await features.services.applyExplained(
      { name: 'churn_features', features: [{ view: 'usage' }] },
      ENGINEER,
    );
    expect(again).toMatchObject({ featureService: { version: 2 }, change: { kind: 'COMPATIBLE', changed: [] } });
  });
});
