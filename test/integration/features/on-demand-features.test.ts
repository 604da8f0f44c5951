import { ExpressionInvalid, InvalidInput } from '../../../src/errors';
import { readDatasetTable } from '../../../src/services/features';
import { walkLineage } from '../../../src/services/lineage';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

const FEATURES = [{ view: 'usage' }];
const PER_CALL = { name: 'minutes_per_call', expression: 'minutes / calls' };
const LEVEL = { name: 'level', expression: "concat(plan, ' ', bucket(calls, 2, 4))" };
const AGE = { name: 'days_since_2026', expression: "floor(days_between(timestamp '2026-01-01', request_timestamp))" };

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

const apply = (onDemandFeatures?: readonly { name: string; expression: string; description?: string }[]) =>
  features.services.apply({ name: 'churn_features', features: FEATURES, onDemandFeatures }, ENGINEER);
const materialize = async () =>
  features.finished(await features.materializations.materialize({ views: ['usage'] }, ENGINEER));
const read = async (...ids: string[]) =>
  features.online.readByName(
    'churn_features',
    ids.map((subscriber_id) => ({ subscriber_id })),
  );

describe('On-demand features in a service', () => {
  it('are pinned with its version: another expression makes one, another description does not', async () => {
    const second = await apply([PER_CALL, LEVEL]);
    expect(second.version).toBe(2);
    expect(second.onDemandFeatures).toEqual([
      { ...PER_CALL, dtype: 'DOUBLE', inputs: ['minutes', 'calls'] },
      { ...LEVEL, dtype: 'STRING', inputs: ['plan', 'calls'] },
    ]);
    expect(await apply([PER_CALL, LEVEL])).toEqual(second);

    const described = await apply([{ ...PER_CALL, description: 'How long a call is.' }, LEVEL]);
    expect(described).toMatchObject({
      version: 2,
      revision: second.revision + 1,
      onDemandDescriptions: { minutes_per_call: 'How long a call is.' },
    });
    const third = await apply([{ ...PER_CALL, expression: 'minutes / (calls + 1)' }]);
    expect(third).toMatchObject({ version: 3, onDemandDescriptions: described.onDemandDescriptions });
    expect(await apply()).toMatchObject({ version: 4, onDemandFeatures: [], onDemandDescriptions: {} });
    const former = await features.services.schema(second.versionId);
    expect(former.onDemandFeatures.map(({ expression }) => expression)).toEqual([
      PER_CALL.expression,
      LEVEL.expression,
    ]);
  });

  it('are refused whole with the place of what is wrong', async () => {
    const refused = apply([PER_CALL, { name: 'broken', expression: 'minutes + plan' }]);
    await expect(refused).rejects.toThrow(
      'onDemandFeatures.1.expression, character 11: one side of "+" is STRING; expected INT64 or DOUBLE',
    );
    await expect(refused).rejects.toBeInstanceOf(ExpressionInvalid);
    await expect(refused).rejects.toMatchObject({
      field: ['input', 'onDemandFeatures', '1', 'expression'],
      details: { position: 11, expected: 'INT64 or DOUBLE' },
    });
    expect((await features.services.findByName('churn_features'))?.version).toBe(1);
  });

  it.each([
    ['calls', "onDemandFeatures.0.name: a feature of the service's views is named calls already"],
    ['subscriber_id', 'onDemandFeatures.0.name: a join key of the service is named subscriber_id'],
    ['Level', 'onDemandFeatures.0.name: "Level" is not a name'],
    ['event_timestamp', 'onDemandFeatures.0.name: "event_timestamp" is reserved'],
  ])('cannot be named %s', async (name, message) => {
    const refused = apply([{ name, expression: 'calls' }]);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(InvalidInput);
  });

  it('have names of their own, and are no more than 100', async () => {
    await expect(apply([PER_CALL, PER_CALL])).rejects.toThrow('"minutes_per_call" comes twice');
    const many = Array.from({ length: 101 }, (_, index) => ({ name: `f${index}`, expression: 'calls' }));
    await expect(apply(many)).rejects.toThrow('a service has at most 100 of them');
  });

  it('are in the audit trail', async () => {
    const { id } = await apply([PER_CALL]);
    const [{ details }] = await features.database.dataSource.query<{ details: object }[]>(
      'SELECT details FROM audit_entries WHERE subject = $1 ORDER BY sequence DESC LIMIT 1',
      [`FeatureService:${id}`],
    );
    expect(details).toMatchObject({ version: 2, onDemandFeatures: [{ ...PER_CALL, dtype: 'DOUBLE' }] });
  });
});

describe('On-demand features in a dataset', () => {
  it('are columns behind the features, computed from what the join found, at the time of the row', async () => {
    await apply([PER_CALL, LEVEL, AGE]);
    await features.ingestSubscribers(3, [1, 2, 3]);
    const dataset = await features.buildDataset();
    expect(dataset.columns?.filter(({ role }) => role === 'FEATURE')).toEqual([
      { name: 'minutes', dtype: 'DOUBLE', role: 'FEATURE' },
      { name: 'plan', dtype: 'STRING', role: 'FEATURE' },
      { name: 'calls', dtype: 'INT64', role: 'FEATURE' },
      { name: 'minutes_per_call', dtype: 'DOUBLE', role: 'FEATURE' },
      { name: 'level', dtype: 'STRING', role: 'FEATURE' },
      { name: 'days_since_2026', dtype: 'DOUBLE', role: 'FEATURE' },
    ]);
    const rows = await features.datasets.preview(dataset, 100);
    expect(
      rows.map(({ calls, minutes_per_call, level, days_since_2026 }) => [
        calls,
        minutes_per_call,
        level,
        days_since_2026,
      ]),
    ).toEqual([
      ['1', 1.5, 'meter < 2', 0],
      ['2', 1.5, 'flat [2, 4)', 0],
      ['3', 1.5, 'meter [2, 4)', 0],
      ['2', 1.5, 'flat [2, 4)', 31],
      ['3', 1.5, 'meter [2, 4)', 31],
      ['4', 1.5, 'flat >= 4', 31],
      ['3', 1.5, 'meter [2, 4)', 59],
      ['4', 1.5, 'flat >= 4', 59],
      ['5', 1.5, 'meter >= 4', 59],
    ]);
    expect(dataset.statistics?.map(({ name, dtype, nullCount }) => [name, dtype, nullCount])).toContainEqual([
      'level',
      'STRING',
      0,
    ]);
    const { table } = await readDatasetTable(await features.datasets.describe(dataset.id));
    expect(table.columns.map(({ name, kind }) => [name, kind]).slice(3)).toEqual([
      ['minutes_per_call', 'NUMERIC'],
      ['level', 'CATEGORICAL'],
      ['days_since_2026', 'NUMERIC'],
    ]);
    const { nodes } = await walkLineage(features.database.dataSource, {
      start: `Dataset:${dataset.id}`,
      direction: 'UPSTREAM',
      depth: 3,
      first: 100,
    });
    expect(nodes.map(({ node }) => node)).toContain(`FeatureServiceVersion:${dataset.featureServiceVersionId}`);
  });

  it('are part of its fingerprint, by their expressions', async () => {
    await features.ingestSubscribers(4, [1, 2]);
    const fingerprints = [];
    for (const onDemand of [[], [PER_CALL], [PER_CALL], [{ ...PER_CALL, expression: 'minutes / calls + 0' }]]) {
      await apply(onDemand);
      fingerprints.push((await features.buildDataset()).fingerprint);
    }
    expect(fingerprints[2]).toBe(fingerprints[1]);
    expect(new Set(fingerprints).size).toBe(3);
  });

  it('are null where the join found nothing, unless the expression says otherwise', async () => {
    await apply([PER_CALL, { name: 'has_usage', expression: 'minutes is not null' }]);
    const churned = ['a', 'b'].map((subscriber_id, index) => {
      return { subscriber_id, eventTimestamp: features.month(index + 1), churned: index === 0 };
    });
    await features.ingest.ingest({ view: 'churn', rows: churned }, ENGINEER);
    const [row] = await features.datasets.preview(await features.buildDataset(), 1);
    expect(row).toMatchObject({ minutes_per_call: null, has_usage: false });
  });

  it('cannot be named like a join key of the label’s view', async () => {
    await features.entities.apply(
      {
        name: 'contract',
        joinKeys: [
          { name: 'subscriber_id', dtype: 'STRING' },
          { name: 'contract_id', dtype: 'INT64' },
        ],
      },
      ENGINEER,
    );
    const fields = [{ name: 'ended', dtype: 'BOOL' as const }];
    await features.views.apply({ name: 'ends', entity: 'contract', fields }, ENGINEER);
    await apply([{ name: 'contract_id', expression: 'calls' }]);
    await expect(features.buildDataset({ labels: { view: 'ends', field: 'ended' } })).rejects.toThrow(
      'its feature contract_id is named like a join key of ends',
    );
  });
});

describe('On-demand features online', () => {
  it('have a status and the age of their oldest input', async () => {
    await features.views.apply(
      {
        name: 'payments',
        entity: 'subscriber',
        ttlSeconds: 3600,
        fields: [{ name: 'paid', dtype: 'DOUBLE' }],
      },
      ENGINEER,
    );
    await features.services.apply(
      {
        name: 'churn_features',
        features: [{ view: 'usage' }, { view: 'payments' }],
        onDemandFeatures: [
          PER_CALL,
          { name: 'paid_per_minute', expression: 'paid / minutes' },
          { name: 'paid_or_0', expression: 'coalesce(paid, 0)' },
          { name: 'asked', expression: "request_timestamp > timestamp '2026-01-01'" },
        ],
      },
      ENGINEER,
    );
    const usage = [
      { subscriber_id: 'a', eventTimestamp: features.month(1), minutes: 6, calls: 3 },
      { subscriber_id: 'b', eventTimestamp: features.month(2), minutes: 6, calls: 0 },
    ];
    await features.ingest.ingest({ view: 'usage', rows: usage }, ENGINEER);
    const paid = [{ subscriber_id: 'a', eventTimestamp: features.month(2), paid: 12 }];
    await features.ingest.ingest({ view: 'payments', rows: paid }, ENGINEER);
    await features.finished(await features.materializations.materialize({ views: ['usage', 'payments'] }, ENGINEER));
    const rows = await read('a', 'b', 'nobody');
    const statuses = rows.map(({ values }) => values.slice(4).map(({ value, status }) => [value, status]));
    expect(statuses).toEqual([
      [
        [2, 'PRESENT'],
        [null, 'OUTSIDE_TTL'],
        [0, 'PRESENT'],
        [true, 'PRESENT'],
      ],
      [
        [null, 'NULL'],
        [null, 'NOT_FOUND'],
        [0, 'PRESENT'],
        [true, 'PRESENT'],
      ],
      [
        [null, 'NOT_FOUND'],
        [null, 'NOT_FOUND'],
        [0, 'PRESENT'],
        [true, 'PRESENT'],
      ],
    ]);
    expect(rows.map(({ isKnown }) => isKnown)).toEqual([true, true, false]);
    const times = rows.map(({ values }) => values[5].eventTimestamp);
    expect(times).toEqual([new Date(features.month(1)), new Date(features.month(2)), null]);
    expect(rows[0].values[7].ageSeconds).toBe(0);
  });

  it('keep INT64 exact', async () => {
    await apply([{ name: 'next_calls', expression: 'calls + 1' }]);
    const usage = ['9007199254740992', '9223372036854775807'].map((calls, index) => {
      return { subscriber_id: `s${index}`, eventTimestamp: features.month(1), calls };
    });
    await features.ingest.ingest({ view: 'usage', rows: usage }, ENGINEER);
    await materialize();
    const rows = await read('s0', 's1');
    expect(rows.map(({ values }) => values[3].value)).toEqual(['9007199254740993', null]);
  });
});
