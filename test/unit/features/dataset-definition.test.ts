import type { DatasetDefinition, ServiceFeature } from '../../../src/entities';
import {
  checkDataset,
  checkSplit,
  datasetColumns,
  definitionWarnings,
} from '../../../src/services/features/datasets/dataset-definition.policy';
import { datasetFingerprint } from '../../../src/services/features/datasets/dataset-fingerprint';
import { serviceSources } from '../../../src/services/features/definitions/service-features.policy';
import type { ServiceSchema } from '../../../src/services/features/definitions/service-definitions';
import type { ViewSchema } from '../../../src/services/features/definitions/view-schema';

const view = (name: string, overrides: Partial<ViewSchema> = {}): ViewSchema => ({
  viewId: `${name}-id`,
  view: name,
  viewVersionId: `${name}-v1`,
  version: 1,
  joinKeys: [{ name: 'id', dtype: 'STRING' }],
  fields: [{ name: 'value', dtype: 'DOUBLE' }],
  ttlSeconds: null,
  ...overrides,
});

const churn = view('churn', {
  fields: [
    { name: 'churned', dtype: 'BOOL' },
    { name: 'reason', dtype: 'STRING' },
  ],
});

function serviceOf(...views: ViewSchema[]): ServiceSchema {
  const features = views.flatMap(({ view: name, viewVersionId, version, fields }) =>
    fields.map(({ name: field, dtype }): ServiceFeature => {
      return { name: field, view: name, viewVersion: version, viewVersionId, field, dtype };
    }),
  );
  const byId = new Map(views.map((each) => [each.viewVersionId, each]));
  return {
    versionId: 's-v1',
    service: 's',
    version: 1,
    features,
    onDemandFeatures: [],
    computations: [],
    requestInputs: [],
    views: byId,
    sources: serviceSources(features, byId),
    joinKeys: [{ name: 'id', dtype: 'STRING' }],
  };
}

const LABELS = { view: 'churn', field: 'churned' };

test('features and labels of one entity can be joined', () => {
  expect(() => checkDataset(serviceOf(view('usage')), churn, LABELS)).not.toThrow();
});

test('the label view may have more join keys than a feature view, not fewer', () => {
  const both = [
    { name: 'id', dtype: 'STRING' },
    { name: 'product', dtype: 'INT64' },
  ] as const;
  expect(() => checkDataset(serviceOf(view('usage')), { ...churn, joinKeys: both }, LABELS)).not.toThrow();
  expect(() => checkDataset(serviceOf(view('usage', { joinKeys: both })), churn, LABELS)).toThrow(
    'churn has no join key product, which usage needs; its join keys are id',
  );
});

test.each<[string, ServiceSchema, Partial<{ field: string; from: Date; to: Date }>, string]>([
  ['the label as a feature', serviceOf(churn), {}, 'its feature churned is the label itself (churn.churned)'],
  [
    'an unknown label',
    serviceOf(view('usage')),
    { field: 'left' },
    'churn has no field "left"; it has churned, reason',
  ],
  ['a label that is no BOOL', serviceOf(view('usage')), { field: 'reason' }, 'a label is BOOL; reason is STRING'],
  ['times upside down', serviceOf(view('usage')), { from: new Date(2), to: new Date(1) }, 'to: lies before from'],
  [
    'join keys of different types',
    serviceOf(view('usage', { joinKeys: [{ name: 'id', dtype: 'INT64' }] })),
    {},
    'the join key id is STRING there and INT64 in usage',
  ],
  [
    'a feature named like a join key',
    serviceOf(view('usage', { fields: [{ name: 'id', dtype: 'DOUBLE' }], joinKeys: [] })),
    {},
    'its feature id is named like a join key of churn',
  ],
])('%s is refused with a remedy', (_, service, labels, message) => {
  expect(() => checkDataset(service, churn, { ...LABELS, ...labels })).toThrow(message);
});

test.each([0, 1, -0.5, Number.NaN])('a held-out fraction of %p is refused', (heldOutFraction) => {
  expect(() => checkSplit({ strategy: 'TIME', heldOutFraction, seed: 1 })).toThrow('does not lie between 0 and 1');
});

test('a seed is a whole number', () => {
  expect(() => checkSplit({ strategy: 'TIME', heldOutFraction: 0.5, seed: 1.5 })).toThrow('must be a whole number');
});

test('the columns are join keys, time, features, label and held-out mark', () => {
  expect(
    datasetColumns(serviceOf(view('usage')), churn).map(({ name, dtype, role }) => `${name} ${dtype} ${role}`),
  ).toEqual([
    'id STRING JOIN_KEY',
    'event_timestamp TIMESTAMP EVENT_TIMESTAMP',
    'value DOUBLE FEATURE',
    '__label BOOL LABEL',
    '__held_out BOOL HELD_OUT',
  ]);
});

test('it is said when the cutoff is off, and when a feature comes with the label', () => {
  expect(definitionWarnings(serviceOf(view('usage')), LABELS, true)).toEqual([]);
  expect(definitionWarnings(serviceOf(view('usage')), LABELS, false)).toHaveLength(1);
  const withReason = serviceOf({ ...churn, fields: [{ name: 'reason', dtype: 'STRING' }] });
  expect(definitionWarnings(withReason, LABELS, true)).toEqual([
    expect.stringContaining("reason come from the label's view"),
  ]);
});

describe('the fingerprint', () => {
  const definition: DatasetDefinition = {
    featureServiceVersionId: 's-v1',
    labelView: 'churn',
    labelViewVersionId: 'churn-v1',
    labelField: 'churned',
    from: null,
    to: null,
    split: { strategy: 'TIME', heldOutFraction: 0.25, seed: 42 },
    leakageCutoff: true,
    throughSequence: 3,
  };
  const service = serviceOf(view('usage'));
  const fingerprint = datasetFingerprint(definition, service, ['aa', 'bb']);

  test('stands for definition and content, not for ids or how much else was ingested', () => {
    const elsewhere = {
      ...definition,
      featureServiceVersionId: 'other',
      labelViewVersionId: 'other',
      throughSequence: 9,
    };
    expect(datasetFingerprint(elsewhere, service, ['aa', 'bb'])).toBe(fingerprint);
  });

  test('is what it was before there were request inputs, for those who have none', () => {
    const [feature] = service.features;
    const onDemandFeature = { name: 'twice', expression: '2 * value', dtype: 'DOUBLE', inputs: ['value'] } as const;
    const golden = {
      ...service,
      features: [{ ...feature, viewVersionId: 'u1' }],
      views: new Map([['u1', view('usage', { ttlSeconds: 60 })]]),
    };
    const asked = { ...definition, split: { strategy: 'TIME' as const, heldOutFraction: 0.2, seed: 1 } };
    expect(datasetFingerprint(asked, golden, ['aa', 'bb'])).toBe(
      '02b516a85c07895fd2114f068fda4017a7a4f77c9f4ef03bfbbb506b69591c34',
    );
    const computing = { ...golden, onDemandFeatures: [onDemandFeature] };
    expect(datasetFingerprint(asked, computing, ['aa', 'bb'])).toBe(
      'fcd79a1590b60a0fbb1022ce7d0a686f95f7b62f842e8183ac4e564fd8084241',
    );
    const given = { ...computing, requestInputs: [{ name: 'value', dtype: 'DOUBLE' as const }] };
    expect(datasetFingerprint(asked, given, ['aa', 'bb'])).not.toBe(datasetFingerprint(asked, computing, ['aa', 'bb']));
  });

  test.each<[string, string]>([
    ['content', datasetFingerprint(definition, service, ['aa', 'bc'])],
    ['bounds', datasetFingerprint({ ...definition, from: '2026-01-01T00:00:00.000Z' }, service, ['aa', 'bb'])],
    ['seed', datasetFingerprint({ ...definition, split: { ...definition.split, seed: 1 } }, service, ['aa', 'bb'])],
    ['cutoff', datasetFingerprint({ ...definition, leakageCutoff: false }, service, ['aa', 'bb'])],
    ['TTL', datasetFingerprint(definition, serviceOf(view('usage', { ttlSeconds: 60 })), ['aa', 'bb'])],
  ])('changes with other %s', (_, other) => {
    expect(other).not.toBe(fingerprint);
  });
});
