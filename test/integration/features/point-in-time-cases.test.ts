/** The cases of the reference on features, by number, as far as they are about the join itself. */
import type { FeatureRowInput } from '../../../src/services/features/rows/feature-value';
import type { RowSchema } from '../../../src/services/features/rows/row-slice';
import { at, type JoinOptions, OfflineHarness } from './offline-harness';

const SCHEMA: RowSchema = { joinKeys: [{ name: 'id', dtype: 'STRING' }], fields: [{ name: 'value', dtype: 'INT64' }] };

let offline: OfflineHarness;
beforeAll(async () => {
  offline = await OfflineHarness.open();
});
afterAll(() => offline.close());

/** A feature row; times in seconds. */
const row = (event: number, created: number | null, value: number | null, id = 'a'): FeatureRowInput => ({
  id,
  eventTimestamp: at(event),
  createdTimestamp: created === null ? null : at(created),
  value,
});

/** What entity `a` (or another) gets at a time from batches of rows. */
async function valueAt(
  time: number,
  batches: readonly (readonly FeatureRowInput[])[],
  options: JoinOptions = {},
  id = 'a',
): Promise<[status: unknown, value: unknown]> {
  const view = await offline.view(SCHEMA, batches);
  const [joined] = await offline.join([{ id, eventTimestamp: at(time) }], SCHEMA.joinKeys, view, options);
  return [joined.status, joined.value];
}

test('1: of two rows with the same event time the one created later wins, in whatever order they come', async () => {
  expect(await valueAt(5, [[row(1, 2, 10), row(1, 3, 20)]])).toEqual(['FOUND', 20n]);
  expect(await valueAt(5, [[row(1, 3, 20)], [row(1, 2, 10)]])).toEqual(['FOUND', 20n]);
});

test('2: a newer event beats an older one that was created later', async () => {
  expect(await valueAt(9, [[row(2, 3, 20), row(1, 8, 10)]])).toEqual(['FOUND', 20n]);
});

test('3: with the cutoff off a backfill wins; with it on the original stays', async () => {
  const batches = [[row(1, 1, 10)], [row(1, 8, 20)]];
  expect(await valueAt(5, batches, { leakageCutoff: false })).toEqual(['FOUND', 20n]);
  expect(await valueAt(5, batches, { leakageCutoff: true })).toEqual(['FOUND', 10n]);
});

test('4: under the cutoff a row without createdTimestamp is not eligible', async () => {
  const batches = [[row(1, 1, 10), row(2, null, 20)]];
  expect(await valueAt(5, batches, { leakageCutoff: true })).toEqual(['FOUND', 10n]);
  expect(await valueAt(5, batches, { leakageCutoff: false })).toEqual(['FOUND', 20n]);
});

test('5: when all candidates were created later the entity row is kept, with nulls', async () => {
  expect(await valueAt(5, [[row(1, 6, 10), row(2, 7, 20)]], { leakageCutoff: true })).toEqual(['NOT_FOUND', null]);
});

test("6: an entity without data does not borrow another's", async () => {
  expect(await valueAt(5, [[row(1, 1, 10, 'b')]])).toEqual(['NOT_FOUND', null]);
});

test('7: without a TTL values never grow too old', async () => {
  expect(await valueAt(1e9, [[row(0, 0, 10)]], { ttlSeconds: null })).toEqual(['FOUND', 10n]);
});

test('8: features come under the names that the service gives them', async () => {
  const view = await offline.view(SCHEMA, [[row(1, 1, 10)]]);
  const features = [
    { name: 'first', field: 'value' },
    { name: 'second', field: 'value' },
  ];
  const joined = await offline.join([{ id: 'a', eventTimestamp: at(2) }], SCHEMA.joinKeys, view, { features });
  expect(joined).toEqual([{ status: 'FOUND', first: 10n, second: 10n }]);
});

test('8: a join key is compared with the column that it is mapped to', async () => {
  const view = await offline.view(SCHEMA, [[row(1, 1, 10), row(1, 1, 20, 'b')]]);
  const entityKeys = [...SCHEMA.joinKeys, { name: 'referrer', dtype: 'STRING' } as const];
  const asked = [
    { id: 'a', referrer: 'b', eventTimestamp: at(2) },
    { id: 'b', referrer: 'c', eventTimestamp: at(2) },
  ];
  const joined = await offline.join(asked, entityKeys, view, { joinKeyMap: { id: 'referrer' } });
  expect(joined.map(({ value }) => value)).toEqual([20n, null]);
});

test('11: timestamps with Z, with an offset and without a zone (UTC) name the same moments in one column', async () => {
  const stamps = ['2026-01-01T00:00:01Z', '2026-01-01T02:00:02+02:00', '2026-01-01 00:00:03'];
  const rows = stamps.map((eventTimestamp, index) => ({ id: 'a', eventTimestamp, value: index }));
  const view = await offline.view(SCHEMA, [rows]);
  const asked = [1, 2, 3].map((second) => ({ id: 'a', eventTimestamp: at(second) }));
  const joined = await offline.join(asked, SCHEMA.joinKeys, view);
  expect(joined.map(({ value }) => value)).toEqual([0n, 1n, 2n]);
});

test('13: every type comes back as it was sent', async () => {
  const schema: RowSchema = {
    joinKeys: [{ name: 'id', dtype: 'STRING' }],
    fields: [
      { name: 'big', dtype: 'INT64' },
      { name: 'real', dtype: 'DOUBLE' },
      { name: 'flag', dtype: 'BOOL' },
      { name: 'text', dtype: 'STRING' },
      { name: 'moment', dtype: 'TIMESTAMP' },
      { name: 'bigs', dtype: 'INT64_LIST' },
      { name: 'embedding', dtype: 'DOUBLE_LIST' },
      { name: 'flags', dtype: 'BOOL_LIST' },
      { name: 'tags', dtype: 'STRING_LIST' },
      { name: 'moments', dtype: 'TIMESTAMP_LIST' },
    ],
  };
  const values = {
    big: '9223372036854775807',
    real: 0.1 + 0.2,
    flag: false,
    text: "ü '' \u{1F986}",
    moment: at(0.000001),
    bigs: ['-9223372036854775808', 7],
    embedding: [0.1 + 0.2, -1e300, 5e-324],
    flags: [true, false],
    tags: ["it's", '', 'ü, "\u{1F986}"'],
    moments: [at(0.000001), at(1)],
  };
  const empty = Object.fromEntries(Object.keys(values).map((name) => [name, null]));
  const noElements = { ...empty, bigs: [], embedding: [], flags: [], tags: [], moments: [] };
  const newYear = BigInt(Date.UTC(2026, 0, 1)) * 1000n;
  const view = await offline.view(schema, [
    [
      { id: 'a', eventTimestamp: at(1), ...values },
      { id: 'b', eventTimestamp: at(1), ...empty },
      { id: 'c', eventTimestamp: at(1), ...noElements },
    ],
  ]);
  const asked = ['a', 'b', 'c'].map((id) => ({ id, eventTimestamp: at(2) }));
  expect(await offline.join(asked, schema.joinKeys, view)).toEqual([
    {
      ...values,
      status: 'FOUND',
      big: 9223372036854775807n,
      moment: newYear + 1n,
      bigs: [-(2n ** 63n), 7n],
      moments: [newYear + 1n, newYear + 1_000_000n],
    },
    { status: 'FOUND', ...empty },
    { status: 'FOUND', ...noElements },
  ]);
});

test('18: of several entity rows each has its own age, so some are expired and some are not', async () => {
  const view = await offline.view(SCHEMA, [[row(1, 1, 10), row(1, 1, 20, 'b'), row(8, 8, 30, 'b')]]);
  const asked = [
    { id: 'a', eventTimestamp: at(10) },
    { id: 'b', eventTimestamp: at(10) },
    { id: 'a', eventTimestamp: at(2) },
  ];
  const joined = await offline.join(asked, SCHEMA.joinKeys, view, { ttlSeconds: 3 });
  expect(joined).toEqual([
    { status: 'OUTSIDE_TTL', value: null },
    { status: 'FOUND', value: 30n },
    { status: 'FOUND', value: 10n },
  ]);
});

test('22: composite keys that read the same when joined up are not confused', async () => {
  const schema: RowSchema = {
    joinKeys: [
      { name: 'a', dtype: 'STRING' },
      { name: 'b', dtype: 'STRING' },
    ],
    fields: [{ name: 'value', dtype: 'INT64' }],
  };
  const keys = [
    { a: '1', b: '12' },
    { a: '11', b: '2' },
    { a: '1,', b: '12' },
    { a: '', b: '112' },
  ];
  const view = await offline.view(schema, [keys.map((key, value) => ({ ...key, eventTimestamp: at(1), value }))]);
  const asked = keys.map((key) => ({ ...key, eventTimestamp: at(2) }));
  const joined = await offline.join(asked, schema.joinKeys, view);
  expect(joined.map(({ value }) => value)).toEqual([0n, 1n, 2n, 3n]);
});

test('23: exact duplicates of a feature row do not multiply the entity rows', async () => {
  const view = await offline.view(SCHEMA, [[row(1, 1, 10), row(1, 1, 10)], [row(1, 1, 10)]]);
  const joined = await offline.join([{ id: 'a', eventTimestamp: at(2) }], SCHEMA.joinKeys, view);
  expect(joined).toEqual([{ status: 'FOUND', value: 10n }]);
});

test('24: an entity row that comes twice is answered twice, in order', async () => {
  const view = await offline.view(SCHEMA, [[row(1, 1, 10), row(1, 1, 20, 'b')]]);
  const asked = ['b', 'a', 'b', 'b'].map((id) => ({ id, eventTimestamp: at(2) }));
  const joined = await offline.join(asked, SCHEMA.joinKeys, view);
  expect(joined.map(({ value }) => value)).toEqual([20n, 10n, 20n, 20n]);
});

test('25: an entity row whose only features are outside the TTL is kept, with nulls and the reason', async () => {
  expect(await valueAt(100, [[row(1, 1, 10)]], { ttlSeconds: 10 })).toEqual(['OUTSIDE_TTL', null]);
});

test('26: exactly T and exactly T − TTL are within, a microsecond beyond is not', async () => {
  const batches = [[row(10, 10, 10)]];
  expect(await valueAt(10, batches)).toEqual(['FOUND', 10n]);
  expect(await valueAt(9.999999, batches)).toEqual(['NOT_FOUND', null]);
  expect(await valueAt(15, batches, { ttlSeconds: 5 })).toEqual(['FOUND', 10n]);
  expect(await valueAt(15.000001, batches, { ttlSeconds: 5 })).toEqual(['OUTSIDE_TTL', null]);
  expect(await valueAt(10, batches, { leakageCutoff: true })).toEqual(['FOUND', 10n]);
});

test('27: a row that arrives late takes its place by event time, not by arrival', async () => {
  expect(await valueAt(9, [[row(5, 5, 50)], [row(3, 8, 30)]], { leakageCutoff: true })).toEqual(['FOUND', 50n]);
  expect(await valueAt(4, [[row(5, 5, 50)], [row(3, 3, 30)]], { leakageCutoff: true })).toEqual(['FOUND', 30n]);
});

test('a null in the newest row stays null: there is no forward fill', async () => {
  expect(await valueAt(9, [[row(1, 1, 10), row(2, 2, null)]])).toEqual(['FOUND', null]);
});

test('of rows that are equal in event and creation the batch committed last wins, and within a batch the last row', async () => {
  expect(await valueAt(9, [[row(1, 1, 10)], [row(1, 1, 20)]])).toEqual(['FOUND', 20n]);
  expect(await valueAt(9, [[row(1, 1, 10), row(1, 1, 30), row(1, 1, 20)]])).toEqual(['FOUND', 20n]);
});

test('a view with fewer join keys than the entity rows is joined on those that it has', async () => {
  const keys = [...SCHEMA.joinKeys, { name: 'product', dtype: 'INT64' } as const];
  const view = await offline.view(SCHEMA, [[row(1, 1, 10)]]);
  const asked = [1, 2].map((product) => ({ id: 'a', product, eventTimestamp: at(2) }));
  const joined = await offline.join(asked, keys, view);
  expect(joined.map(({ value }) => value)).toEqual([10n, 10n]);
});

test('a view without any rows answers every entity row with nulls', async () => {
  expect(await valueAt(5, [])).toEqual(['NOT_FOUND', null]);
});
