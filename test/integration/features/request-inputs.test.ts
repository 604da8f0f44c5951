import type { ScalarDtype } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

const PER_CALL = { name: 'minutes_per_call', expression: 'minutes / calls' };
const AMOUNT = { name: 'amount', dtype: 'DOUBLE' as const };
const PER_MINUTE = { name: 'amount_per_minute', expression: 'amount / minutes' };

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(() => features.close());

interface Parts {
  readonly onDemandFeatures: readonly { name: string; expression: string }[];
  readonly requestInputs?: readonly { name: string; dtype: ScalarDtype; description?: string }[];
}
const apply = (parts: Parts) =>
  features.services.apply({ name: 'churn_features', features: [{ view: 'usage' }], ...parts }, ENGINEER);

/** Lets labels carry an amount: null at the first month, then 30. */
async function ingestPayments(dtype: ScalarDtype = 'DOUBLE'): Promise<void> {
  const fields = [
    { name: 'churned', dtype: 'BOOL' as const },
    { name: 'amount', dtype },
  ];
  await features.views.apply({ name: 'payment', entity: 'subscriber', fields }, ENGINEER);
  const rows = [1, 2, 3].flatMap((month) =>
    ['s0', 's1', 's2', 's3'].map((subscriber_id, index) => {
      const amount = month === 1 ? null : 30;
      return { subscriber_id, eventTimestamp: features.month(month), churned: index % 2 === 0, amount };
    }),
  );
  await features.ingest.ingest({ view: 'payment', rows }, ENGINEER);
}
const LABELS = { view: 'payment', field: 'churned' };
const materialize = async () =>
  features.finished(await features.materializations.materialize({ views: ['usage'] }, ENGINEER));

describe('On-demand features that read one another', () => {
  const CHAIN = [
    { name: 'level', expression: "if(doubled > 3, 'high', 'low')" },
    { name: 'doubled', expression: '2 * minutes_per_call' },
    PER_CALL,
  ];

  it('are typed and computed in the order in which they depend, and stand in the order in which they are written', async () => {
    const { onDemandFeatures, version } = await apply({ onDemandFeatures: CHAIN });
    expect(onDemandFeatures.map(({ name, dtype, inputs }) => [name, dtype, inputs])).toEqual([
      ['level', 'STRING', ['doubled']],
      ['doubled', 'DOUBLE', ['minutes_per_call']],
      ['minutes_per_call', 'DOUBLE', ['minutes', 'calls']],
    ]);
    expect(await apply({ onDemandFeatures: CHAIN })).toMatchObject({ version });
    await features.ingestSubscribers(3, [1, 2]);
    const dataset = await features.buildDataset();
    const names = dataset.columns?.filter(({ role }) => role === 'FEATURE').map(({ name }) => name);
    expect(names).toEqual(['minutes', 'plan', 'calls', 'level', 'doubled', 'minutes_per_call']);
    const [row] = await features.datasets.preview(dataset, 1);
    expect(row).toMatchObject({ level: 'low', doubled: 3, minutes_per_call: 1.5 });
    await materialize();
    const [online] = await features.online.readByName('churn_features', [{ subscriber_id: 's0' }]);
    expect(online.values.slice(3).map(({ name, value }) => [name, value])).toEqual([
      ['level', 'low'],
      ['doubled', 3],
      ['minutes_per_call', 1.5],
    ]);
    const [nobody] = await features.online.readByName('churn_features', [{ subscriber_id: 'nobody' }]);
    expect(nobody.values.map(({ status }) => status).slice(4)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  it('are refused where they go in a circle, which is named, or are of another type', async () => {
    const circle = apply({
      onDemandFeatures: [
        { name: 'start', expression: 'a + 1' },
        { name: 'a', expression: 'b + 1' },
        { name: 'b', expression: 'calls + c' },
        { name: 'c', expression: '2 * a' },
      ],
    });
    await expect(circle).rejects.toThrow(
      'onDemandFeatures.1.expression: on-demand features read one another in a circle: a → b → c → a; take one of them out',
    );
    await expect(circle).rejects.toBeInstanceOf(InvalidInput);
    await expect(apply({ onDemandFeatures: [{ name: 'a', expression: 'a + 1' }] })).rejects.toThrow('a → a');
    await expect(
      apply({
        onDemandFeatures: [
          { name: 'a', expression: 'b + 1' },
          { name: 'b', expression: 'plan' },
        ],
      }),
    ).rejects.toThrow('onDemandFeatures.0.expression, character 1: one side of "+" is STRING');
    await expect(apply({ onDemandFeatures: [{ name: 'a', expression: 'nope' }, PER_CALL] })).rejects.toThrow(
      'expected one of minutes, plan, calls, minutes_per_call',
    );
  });
});

describe('Request inputs', () => {
  it('are pinned with the version of the service, and described beside it', async () => {
    const service = await apply({ onDemandFeatures: [PER_MINUTE], requestInputs: [AMOUNT] });
    expect(service).toMatchObject({ version: 2, requestInputs: [AMOUNT] });
    const described = [{ ...AMOUNT, description: 'Of the payment.' }];
    const same = await apply({ onDemandFeatures: [PER_MINUTE], requestInputs: described });
    expect(same).toMatchObject({ version: 2, onDemandDescriptions: { amount: 'Of the payment.' } });
    const retyped = await apply({
      onDemandFeatures: [PER_MINUTE],
      requestInputs: [{ name: 'amount', dtype: 'INT64' }],
    });
    expect(retyped).toMatchObject({ version: 3, requestInputs: [{ name: 'amount', dtype: 'INT64' }] });
    expect(await apply({ onDemandFeatures: [PER_CALL] })).toMatchObject({
      requestInputs: [],
      onDemandDescriptions: {},
    });
  });

  it.each<[string, Parts, string]>([
    [
      'nothing reads them',
      { onDemandFeatures: [PER_CALL], requestInputs: [AMOUNT] },
      'requestInputs.0.name: no on-demand feature reads amount',
    ],
    [
      'a feature has their name',
      { onDemandFeatures: [PER_CALL], requestInputs: [{ name: 'calls', dtype: 'INT64' }] },
      "requestInputs.0.name: a feature of the service's views is named calls already",
    ],
    [
      'an on-demand feature has their name',
      { onDemandFeatures: [{ name: 'amount', expression: '1 * amount' }], requestInputs: [AMOUNT] },
      'onDemandFeatures.0.name: a request input of the service is named amount already',
    ],
    [
      'a join key has their name',
      { onDemandFeatures: [PER_CALL], requestInputs: [{ name: 'subscriber_id', dtype: 'STRING' }] },
      'requestInputs.0.name: a join key of the service is named subscriber_id',
    ],
  ])('are refused where %s', async (_, parts, message) => {
    await expect(apply(parts)).rejects.toThrow(message);
  });

  it('come from the rows of the label in a dataset, and are part of its fingerprint', async () => {
    await features.ingestSubscribers(4, [1, 2, 3]);
    await ingestPayments();
    await apply({ onDemandFeatures: [PER_MINUTE], requestInputs: [AMOUNT] });
    const dataset = await features.buildDataset({ labels: LABELS });
    const rows = await features.datasets.preview(dataset, 100);
    expect(rows).toHaveLength(12);
    for (const { minutes, amount_per_minute, event_timestamp } of rows)
      expect(amount_per_minute).toBe(event_timestamp === features.month(1) ? null : 30 / Number(minutes));
    expect(dataset.columns?.map(({ name }) => name)).not.toContain('amount');
    expect(dataset.warnings).toContain(
      'Request inputs (amount) are taken from the rows of the label: make sure that they are what a request would have carried.',
    );
    const again = await features.buildDataset({ labels: LABELS });
    expect(again.fingerprint).toBe(dataset.fingerprint);
  });

  it.each<[ScalarDtype | null, string]>([
    ['INT64', 'payment has it as INT64. Give the view that field with applyFeatureView'],
    [null, 'churn has no such field. Give the view that field with applyFeatureView'],
  ])('that the label’s view has as %s are refused before a job is made', async (dtype, message) => {
    if (dtype) await ingestPayments(dtype);
    await apply({ onDemandFeatures: [PER_MINUTE], requestInputs: [AMOUNT] });
    const labels = dtype ? LABELS : { view: 'churn', field: 'churned' };
    const refused = features.datasets.create(features.datasetRequest({ labels }), ENGINEER);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['input', 'labels', 'view'] });
  });

  it('cannot be the label itself', async () => {
    await apply({
      onDemandFeatures: [{ name: 'known', expression: 'not churned' }],
      requestInputs: [{ name: 'churned', dtype: 'BOOL' }],
    });
    await expect(features.buildDataset()).rejects.toThrow('its request input churned is the label itself');
  });

  it('come with each entity online: as old as the request, null where that is said, else an error that names them', async () => {
    await features.ingestSubscribers(2, [1]);
    await materialize();
    const { versionId } = await apply({
      onDemandFeatures: [{ name: 'is_large', expression: 'amount > 20' }, PER_MINUTE],
      requestInputs: [AMOUNT],
    });
    const ids = [{ subscriber_id: 's0' }, { subscriber_id: 's1' }];
    const rows = await features.online.readByName('churn_features', ids, [{ amount: 30 }, { amount: null }]);
    const computed = rows.map(({ values }) => values.slice(3).map(({ value, status }) => [value, status]));
    expect(computed).toEqual([
      [
        [true, 'PRESENT'],
        [20, 'PRESENT'],
      ],
      [
        [null, 'NULL'],
        [null, 'NULL'],
      ],
    ]);
    expect(rows[0].values[3].ageSeconds).toBe(0);
    expect(rows[0].values[4].eventTimestamp).toEqual(new Date(features.month(1)));

    const asked = (requestInputs?: Record<string, number | string>[]) =>
      features.online.readByName('churn_features', [ids[0]], requestInputs);
    await expect(asked()).rejects.toThrow(
      'requestInputs.0.amount: is missing: features are computed from it (DOUBLE); send null if it is not known',
    );
    await expect(asked([{ amount: 'much' }])).rejects.toThrow('"much" is not a finite number, nor null');
    await expect(asked([{ amount: 1, amuont: 1 }])).rejects.toThrow('the service takes no such input; it takes amount');
    await expect(asked([{ amount: 1 }, { amount: 2 }])).rejects.toThrow('2 of them for 1 entities');
    const some = await features.online.read(versionId, ids, (index) => ['entities', String(index)], [
      { amount: 1 },
      {},
    ]);
    expect(some[0]).toMatchObject({ isKnown: true });
    expect(some[1]).toMatchObject({ field: ['requestInputs', '1', 'amount'] });
    const refused = features.online.readByName('churn_features', [{}], [{ amount: 1 }]);
    await expect(refused).rejects.toMatchObject({ field: ['entities', '0', 'subscriber_id'] });
  });

  it('that are new break callers, and applying says so', async () => {
    const input = { name: 'churn_features', features: [{ view: 'usage' }], onDemandFeatures: [PER_MINUTE] };
    const { change } = await features.services.applyExplained({ ...input, requestInputs: [AMOUNT] }, ENGINEER);
    expect(change).toMatchObject({ kind: 'BREAKING', added: ['amount_per_minute', 'amount'], dependents: [] });
    expect(change.warnings).toEqual(['churn_features 2 asks for amount with every request.']);
  });
});
