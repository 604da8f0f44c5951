/* eslint-disable jest/no-standalone-expect -- the tests that call these lie with the adapters */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { OnlineStore } from '../../src/services/features';

/** One row for the store; times in seconds of 2026. */
interface OnlineTestRow {
  readonly key?: string;
  readonly event: number;
  readonly created?: number | null;
  readonly sequence?: number;
  readonly values: Record<string, string | number | boolean | null>;
}

const moment = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

const write = (store: OnlineStore, view: string, ...rows: OnlineTestRow[]): Promise<number> =>
  store.write(view, {
    entityKeys: rows.map(({ key = '["a"]' }) => key),
    eventTimestamps: rows.map(({ event }) => moment(event).toISOString()),
    createdTimestamps: rows.map(({ created }) => (created == null ? null : moment(created).toISOString())),
    ingestSequences: rows.map(({ sequence = 1 }) => sequence),
    values: rows.map(({ values }) => JSON.stringify(values)),
  });
const read = async (
  store: OnlineStore,
  view: string,
  entityKey = '["a"]',
  ttlSeconds: number | null = null,
  at = 1e6,
) => (await store.read([{ viewVersionId: view, entityKey, ttlSeconds }], moment(at)))[0];

/** What every adapter of OnlineStore must do: titles, and functions that expect it. */
export const ONLINE_STORE_BEHAVIOUR: readonly (readonly [string, (store: OnlineStore) => Promise<void>])[] = [
  [
    'a row comes back with its time and its values of every type',
    async (store) => {
      const view = randomUUID();
      const values = { text: 'ü "quoted"', big: '9223372036854775807', real: 0.1, flag: false, none: null };
      expect(await write(store, view, { event: 1, values })).toBe(1);
      expect(await read(store, view)).toEqual({ eventTimestamp: moment(1), withinTtl: true, values });
    },
  ],

  [
    '14: an older write never overwrites a newer one',
    async (store) => {
      const view = randomUUID();
      await write(store, view, { event: 2, values: { n: 2 } });
      expect(await write(store, view, { event: 1, created: 9, sequence: 9, values: { n: 1 } })).toBe(0);
      expect((await read(store, view))?.values).toEqual({ n: 2 });
    },
  ],

  [
    'a correction at the same event time wins by its creation, then by the order of batches',
    async (store) => {
      const view = randomUUID();
      await write(store, view, { event: 1, created: null, sequence: 5, values: { n: 1 } });
      expect(await write(store, view, { event: 1, created: 3, sequence: 1, values: { n: 2 } })).toBe(1);
      expect(await write(store, view, { event: 1, created: 3, sequence: 2, values: { n: 3 } })).toBe(1);
      expect(await write(store, view, { event: 1, created: 2, sequence: 9, values: { n: 4 } })).toBe(0);
      expect((await read(store, view))?.values).toEqual({ n: 3 });
    },
  ],

  [
    'writing the same row again changes nothing',
    async (store) => {
      const view = randomUUID();
      await write(store, view, { event: 1, created: 1, values: { n: 1 } });
      expect(await write(store, view, { event: 1, created: 1, values: { n: 1 } })).toBe(0);
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
          const view = randomUUID();
          const numbered = rows.map((row, sequence) => ({ ...row, sequence, values: { sequence } }));
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
      const view = randomUUID();
      await write(store, view, { event: 10, values: { n: 1 } });
      const within = async (ttl: number, at: number) => (await read(store, view, '["a"]', ttl, at))?.withinTtl;
      expect(await within(5, 15)).toBe(true);
      expect(await within(4.999999, 15)).toBe(false);
      expect(await within(5, 15.001)).toBe(false);
    },
  ],

  [
    'keys are answered in their order; unknown ones, and those of other views, are null',
    async (store) => {
      const [view, other] = [randomUUID(), randomUUID()];
      await write(
        store,
        view,
        { key: '["1","12"]', event: 1, values: { n: 1 } },
        { key: '["11","2"]', event: 1, values: { n: 2 } },
      );
      const keys = ['["11","2"]', '["112"]', '["1","12"]'].map((entityKey) => ({ entityKey, ttlSeconds: null }));
      const hits = await store.read(
        [...keys.map((key) => ({ ...key, viewVersionId: view })), { ...keys[0], viewVersionId: other }],
        moment(2),
      );
      expect(hits.map((hit) => hit?.values.n)).toEqual([2, undefined, 1, undefined]);
    },
  ],

  [
    'a page of a thousand rows is written and read in one go',
    async (store) => {
      const view = randomUUID();
      const keys = Array.from({ length: 1000 }, (_, index) => `["s${index}"]`);
      expect(await write(store, view, ...keys.map((key, n) => ({ key, event: n, values: { n } })))).toBe(1000);
      const hits = await store.read(
        keys.map((entityKey) => ({ viewVersionId: view, entityKey, ttlSeconds: null })),
        moment(1e4),
      );
      expect(hits.map((hit) => hit?.values.n)).toEqual(keys.map((_, n) => n));
    },
  ],
];
