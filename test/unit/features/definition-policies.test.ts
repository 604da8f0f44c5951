import { checkName, checkNames } from '../../../src/services/features/definitions/feature-names.policy';
import { mergeMetadata, newMetadata } from '../../../src/services/features/definitions/metadata.policy';
import {
  entityKeysOf,
  resolveServiceFeatures,
  serviceSources,
  type ServiceViewInput,
} from '../../../src/services/features/definitions/service-features.policy';
import type { ViewSchema } from '../../../src/services/features/definitions/view-schema';

const view = (name: string, ...fields: string[]): ViewSchema => ({
  viewId: `${name}-id`,
  view: name,
  viewVersionId: `${name}-v3`,
  version: 3,
  joinKeys: [{ name: 'id', dtype: 'STRING' }],
  fields: fields.map((field) => ({ name: field, dtype: 'DOUBLE' })),
  ttlSeconds: null,
});
const VIEWS = new Map(
  [view('usage', 'minutes', 'calls'), view('billing', 'amount', 'calls')].map((each) => [each.view, each]),
);

test.each(['a', 'monthly_charges_2', 'x'.repeat(63)])('%s is a name', (name) => {
  expect(() => checkName(name, ['name'])).not.toThrow();
});

test.each([
  '',
  'A',
  '1a',
  '_a',
  '__label',
  'a-b',
  'a b',
  'ä',
  'x'.repeat(64),
  'event_timestamp',
  'created_timestamp',
  'a"; DROP',
])('%p is no name', (name) => {
  expect(() => checkName(name, ['input', 'name'])).toThrow('name:');
});

test('a name that comes twice is refused at its second place', () => {
  expect(() => checkNames(['a', 'b', 'a'], ['input', 'fields'])).toThrow('fields.2.name: "a" comes twice');
});

test('a service takes all fields of a view or those that are named, pinned to its version', () => {
  const features = resolveServiceFeatures([{ view: 'usage' }, { view: 'billing', fields: ['amount'] }], VIEWS);
  expect(features.map(({ name }) => name)).toEqual(['minutes', 'calls', 'amount']);
  expect(features[2]).toEqual({
    name: 'amount',
    view: 'billing',
    viewVersion: 3,
    viewVersionId: 'billing-v3',
    field: 'amount',
    dtype: 'DOUBLE',
  });
});

test('two features of one name need a prefix, and the error says which', () => {
  expect(() => resolveServiceFeatures([{ view: 'usage' }, { view: 'billing' }], VIEWS)).toThrow(
    'set a prefix, for example "billing", to call this one "billing__calls"',
  );
  const features = resolveServiceFeatures([{ view: 'usage' }, { view: 'billing', prefix: 'billing' }], VIEWS);
  expect(features.map(({ name }) => name)).toEqual(['minutes', 'calls', 'billing__amount', 'billing__calls']);
});

test('a join key is mapped to what entities call it; a mapping to its own name, and the order of mappings, mean nothing', () => {
  const both = [
    { name: 'id', dtype: 'STRING' },
    { name: 'region', dtype: 'INT64' },
  ] as const;
  const views = new Map([['usage', { ...view('usage', 'minutes'), joinKeys: both }]]);
  const mapped = (joinKeyMap: ServiceViewInput['joinKeyMap']) =>
    resolveServiceFeatures([{ view: 'usage', joinKeyMap }], views)[0].joinKeyMap;
  const own = { joinKey: 'id', entityKey: 'id' };
  const [id, region] = [
    { joinKey: 'id', entityKey: 'caller' },
    { joinKey: 'region', entityKey: 'home' },
  ];
  expect(mapped([region, id])).toEqual([id, region]);
  expect(mapped([region, own])).toEqual([region]);
  expect([mapped([own]), mapped([]), mapped(null)]).toEqual([undefined, undefined, undefined]);
});

test('a view that is named twice is one source for each set of keys', () => {
  const joinKeyMap = [{ joinKey: 'id', entityKey: 'callee' }];
  const inputs = [
    { view: 'usage' },
    { view: 'usage', prefix: 'callee', joinKeyMap },
    { view: 'usage', prefix: 'again' },
  ];
  const features = resolveServiceFeatures(inputs, VIEWS);
  const sources = serviceSources(features, new Map([['usage-v3', view('usage', 'minutes', 'calls')]]));
  expect(sources.map(({ joinKeys, features: own }) => [joinKeys[0].entityKey, own.map(({ name }) => name)])).toEqual([
    ['id', ['minutes', 'calls', 'again__minutes', 'again__calls']],
    ['callee', ['callee__minutes', 'callee__calls']],
  ]);
  expect(entityKeysOf(sources).map(({ name }) => name)).toEqual(['id', 'callee']);
});

test.each([
  [
    'an unknown join key',
    [{ joinKey: 'code', entityKey: 'from' }],
    'joinKeyMap.0.joinKey: usage has no join key "code"; it has id',
  ],
  ['a bad entity key', [{ joinKey: 'id', entityKey: 'From' }], 'joinKeyMap.0.entityKey: "From" is not a name'],
  [
    'a join key that comes twice',
    [
      { joinKey: 'id', entityKey: 'a' },
      { joinKey: 'id', entityKey: 'b' },
    ],
    'joinKeyMap.1.joinKey: id is mapped twice',
  ],
  [
    'an entity key named like a feature',
    [{ joinKey: 'id', entityKey: 'minutes' }],
    'the feature minutes of usage is named like a join key',
  ],
])('%s in a mapping is refused', (_, joinKeyMap, message) => {
  expect(() => resolveServiceFeatures([{ view: 'usage', joinKeyMap }], VIEWS)).toThrow(message);
});

test('one entity key cannot have two types', () => {
  const numbered = { ...view('accounts', 'number'), joinKeys: [{ name: 'account', dtype: 'INT64' } as const] };
  const views = new Map([...VIEWS, [numbered.view, numbered]]);
  const joinKeyMap = [{ joinKey: 'account', entityKey: 'id' }];
  expect(() => resolveServiceFeatures([{ view: 'usage' }, { view: 'accounts', joinKeyMap }], views)).toThrow(
    'the key id is INT64 in accounts and STRING in another view',
  );
});

test.each([
  ['an unknown view', [{ view: 'nope' }], 'there is no feature view "nope"'],
  ['an unknown field', [{ view: 'usage', fields: ['age'] }], 'usage has no field "age"; it has minutes, calls'],
  ['a bad prefix', [{ view: 'usage', prefix: 'A' }], 'prefix: "A" is not a name'],
  ['nothing', [], 'name at least one view'],
  ['no fields', [{ view: 'usage', fields: [] }], 'name at least one view'],
])('%s is refused', (_, inputs, message) => {
  expect(() => resolveServiceFeatures(inputs, VIEWS)).toThrow(message);
});

test('a feature must not be named like a join key of another view', () => {
  const other = { ...view('accounts', 'number'), joinKeys: [{ name: 'minutes', dtype: 'STRING' } as const] };
  const views = new Map([...VIEWS, [other.view, other]]);
  expect(() => resolveServiceFeatures([{ view: 'usage' }, { view: 'accounts' }], views)).toThrow(
    'named like a join key',
  );
});

test('metadata that is absent stays, and tags are texts', () => {
  const current = { description: 'old', owner: 'ada', tags: { team: 'crm' } };
  expect(mergeMetadata({}, current)).toEqual(current);
  expect(mergeMetadata({ description: '', tags: { a: 'b' } }, current)).toEqual({
    description: '',
    owner: 'ada',
    tags: { a: 'b' },
  });
  expect(newMetadata('ada')).toEqual({ description: '', owner: 'ada', tags: {} });
  expect(() => mergeMetadata({ tags: { a: 1 } }, current)).toThrow('tags.a: a tag value is a text');
  expect(() => mergeMetadata({ tags: { '': 'b' } }, current)).toThrow('a tag key has');
});
