/* eslint-disable jest/no-standalone-expect -- the tests that call these lie with the adapters */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { FeatureValue } from '../../src/entities';
import type { OnlineStore, OnlineView } from '../../src/services/features';

/** One row for the store; times in seconds of 2026. */
interface OnlineTestRow {
  readonly key?: string;
  readonly event: number;
  readonly created?: number | null;
  readonly sequence?: number;
  readonly values: readonly FeatureValue[];
}

const moment = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const microsAt = (seconds: number): bigint => BigInt(Date.UTC(2026, 0, 1)) * 1000n + BigInt(Math.round(seconds * 1e6));

const aView = (width = 1): OnlineView => ({
  viewVersionId: randomUUID(),
  fields: Array.from({ length: width }, (_, index) => ({ name: `field ${index}` })),
  ttlSeconds: null,
});
const write = (store: OnlineStore, view: OnlineView, ...rows: OnlineTestRow[]): Promise<number> =>
  store.write(view, {
    entityKeys: rows.map(({ key = '["a"]' }) => key),
    eventMicros: rows.map(({ event }) => microsAt(event)),
    createdMicros: rows.map(({ created }) => (created == null ? null : microsAt(created))),
    ingestSequences: rows.map(({ sequence = 1 }) => sequence),
    values: rows.map(({ values }) => [...values]),
  });
const read = async (store: OnlineStore, view: OnlineView, at = 1e6) =>
  (await store.read([{ view, entityKey: '["a"]' }], moment(at)))[0];

/** What every adapter of OnlineStore must do: titles, and functions that expect it. */
export const ONLINE_STORE_BEHAVIOUR: readonly (readonly [string, (store: OnlineStore) => Promise<void>])[] = [
  [
    'a row comes back with its time and its values of every type',
    async (store) => {
      const values = [
        'ü "quoted"',
        '9223372036854775807',
        0.1,
        -0.5,
        1e300,
        3,
        false,
        null,
        [0.1, -1e300],
        ['9223372036854775807', ''],
        [],
      ];
      const view = aView(values.length);
      expect(await write(store, view, { event: 1, values })).toBe(1);
      expect(await read(store, view)).toEqual({ eventTimestamp: moment(1), withinTtl: true, values });
    },
  ],

  [
    'a row is inspected as it is stored, to the microsecond, in the order of the keys that are asked for',
    async (store) => {
      const view = aView(2);
      await write(
        store,
        view,
        { key: '["a"]', event: 1.000001, created: null, sequence: 7, values: ['x', null] },
        { key: '["b"]', event: -1e9, created: 2.5, sequence: 8, values: [0.1, false] },
      );
      const a = { eventMicros: microsAt(1.000001), createdMicros: null, ingestSequence: 7, values: ['x', null] };
      const b = { eventMicros: microsAt(-1e9), createdMicros: microsAt(2.5), ingestSequence: 8, values: [0.1, false] };
      expect(await store.inspect(view, ['["b"]', '["none"]', '["a"]'])).toEqual([b, null, a]);
      expect(await store.inspect(aView(), ['["a"]'])).toEqual([null]);
      expect(await store.inspect(view, [])).toEqual([]);
    },
  ],

  [
    '14: an older write never overwrites a newer one',
    async (store) => {
      const view = aView();
      await write(store, view, { event: 2, values: [2] });
      expect(await write(store, view, { event: 1, created: 9, sequence: 9, values: [1] })).toBe(0);
      expect((await read(store, view))?.values).toEqual([2]);
    },
  ],

  [
    'a correction at the same event time wins by its creation, then by the order of batches',
    async (store) => {
      const view = aView();
      await write(store, view, { event: 1, created: null, sequence: 5, values: [1] });
      expect(await write(store, view, { event: 1, created: 3, sequence: 1, values: [2] })).toBe(1);
      expect(await write(store, view, { event: 1, created: 3, sequence: 2, values: [3] })).toBe(1);
      expect(await write(store, view, { event: 1, created: 2, sequence: 9, values: [4] })).toBe(0);
      expect((await read(store, view))?.values).toEqual([3]);
    },
  ],

  [
    'writing the same row again changes nothing',
    async (store) => {
      const view = aView();
      await write(store, view, { event: 1, created: 1, values: [1] });
      expect(await write(store, view, { event: 1, created: 1, values: [1] })).toBe(0);
    },
  ],

  [
    '15: in whatever order rows come, and from several writers at once, the newest stays',
    async (store) => {
      const row = fc.record({
        event: fc.integer({ min: 0, max: 3 }),
        created: fc.option(fc.integer({ min: 0, max: 2 })),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
          const view = aView();
          const numbered = rows.map((row, sequence) => ({ ...row, sequence, values: [sequence] }));
          await Promise.all(numbered.map((each) => write(store, view, each)));
          const rank = ({ event, created, sequence }: (typeof numbered)[number]) =>
            event * 1000 + (created === null ? 0 : created + 1) * 100 + sequence;
          const newest = numbered.reduce((a, b) => (rank(b) > rank(a) ? b : a));
          expect((await read(store, view))?.values).toEqual(newest.values);
        }),
        { numRuns: 40 },
      );
    },
  ],

  [
    '26: the TTL is inclusive, to the microsecond',
    async (store) => {
      const view = aView();
      await write(store, view, { event: 10, values: [1] });
      const within = async (ttlSeconds: number, at: number) =>
        (await read(store, { ...view, ttlSeconds }, at))?.withinTtl;
      expect(await within(5, 15)).toBe(true);
      expect(await within(4.999999, 15)).toBe(false);
      expect(await within(5, 15.001)).toBe(false);
    },
  ],

  [
    'keys are answered in their order; unknown ones, and those of other views, are null',
    async (store) => {
      const [view, other] = [aView(), aView()];
      await write(
        store,
        view,
        { key: '["1","12"]', event: 1, values: [1] },
        { key: '["11","2"]', event: 1, values: [2] },
      );
      const keys = ['["11","2"]', '["112"]', '["1","12"]'].map((entityKey) => ({ entityKey }));
      const hits = await store.read([...keys.map((key) => ({ ...key, view })), { ...keys[0], view: other }], moment(2));
      expect(hits.map((hit) => hit?.values[0])).toEqual([2, undefined, 1, undefined]);
    },
  ],

  [
    'a page of a thousand rows is written and read in one go',
    async (store) => {
      const view = aView();
      const keys = Array.from({ length: 1000 }, (_, index) => `["s${index}"]`);
      expect(await write(store, view, ...keys.map((key, n) => ({ key, event: n, values: [n] })))).toBe(1000);
      const hits = await store.read(
        keys.map((entityKey) => ({ view, entityKey })),
        moment(1e4),
      );
      expect(hits.map((hit) => hit?.values[0])).toEqual(keys.map((_, n) => n));
    },
  ],

  [
    'times before 1970 and far away keep their order and their microseconds',
    async (store) => {
      const view = aView();
      const past = -60 * 365 * 86_400;
      await write(store, view, { event: past, created: null, values: [1] });
      expect(await write(store, view, { event: past, created: past - 1, values: [2] })).toBe(1);
      expect(await write(store, view, { event: past - 0.000001, created: 1e9, values: [3] })).toBe(0);
      expect(await write(store, view, { event: 1e9, values: [4] })).toBe(1);
      expect(await read(store, view, 2e9)).toMatchObject({ eventTimestamp: moment(1e9), values: [4] });
    },
  ],

  [
    'an entity is erased from the views that are named, in all of them at once, and can come again',
    async (store) => {
      const [view, other, third] = [aView(), aView(), aView()];
      for (const each of [view, other, third]) await write(store, each, { event: 5, values: [1] });
      await write(store, view, { key: '["b"]', event: 5, values: [2] });
      expect(await store.erase([view.viewVersionId, other.viewVersionId, randomUUID()], '["a"]')).toBe(2);
      expect(await store.erase([view.viewVersionId], '["a"]')).toBe(0);
      expect(await store.erase([], '["a"]')).toBe(0);
      expect([await read(store, view), await read(store, other)]).toEqual([null, null]);
      expect((await read(store, third))?.values).toEqual([1]);
      expect((await store.read([{ view, entityKey: '["b"]' }], moment(9)))[0]?.values).toEqual([2]);
      // Nothing is left of its rank either.
      expect(await write(store, view, { event: 1, values: [3] })).toBe(1);
    },
  ],

  [
    'its id stays the same',
    async (store) => {
      expect(await store.id()).toBe(await store.id());
    },
  ],
];
