import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { PostgresOnlineStore } from '../../../src/services/features';
import { entityKeyOf } from '../../../src/services/features/rows/entity-key';
import type { RowSchema } from '../../../src/services/features/rows/row-slice';
import { newestOracle, type OracleFeatureRow } from '../../support/point-in-time-oracle';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { at, OfflineHarness } from './offline-harness';

const SCHEMA: RowSchema = {
  joinKeys: [
    { name: 'customer', dtype: 'STRING' },
    { name: 'account', dtype: 'INT64' },
  ],
  fields: [{ name: 'balance', dtype: 'INT64' }],
};
const LATER = new Date(Date.UTC(2030, 0, 1));

const key = fc.constantFrom<[string, bigint]>(['1', 12n], ['11', 2n], ['ü"', -1n]);
const row = fc.record({
  key,
  event: fc.constantFrom(1, 1.000001, 2),
  created: fc.option(fc.constantFrom(1, 2, 3)),
  balance: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
});
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });

let offline: OfflineHarness;
let database: TestDatabase;
beforeAll(async () => {
  offline = await OfflineHarness.open();
  database = await createTestDatabase();
});
afterAll(async () => {
  await offline.close();
  await database.drop();
});

test('16: materialized in any number of runs, the online store holds the newest row of every entity, as the oracle says', async () => {
  const online = new PostgresOnlineStore(database.dataSource);
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(4), async (history, cut) => {
      const rows: OracleFeatureRow[] = history.flatMap((batch, sequence) =>
        batch.map((each, index) => ({
          key: each.key,
          event: BigInt(Math.round(each.event * 1e6)),
          created: each.created === null ? null : BigInt(each.created * 1e6),
          sequence,
          row: index,
          values: [each.balance],
        })),
      );
      const view = await offline.view(
        SCHEMA,
        history.map((batch) =>
          batch.map(({ key: [customer, account], event, created, balance }) => ({
            customer,
            account: String(account),
            eventTimestamp: at(event),
            createdTimestamp: created === null ? null : at(created),
            balance: balance === null ? null : String(balance),
          })),
        ),
      );

      const onlineView = { viewVersionId: randomUUID(), fields: SCHEMA.fields, ttlSeconds: null };
      const sequences = view.batches.map(({ ingestSequence }) => ingestSequence);
      const throughSequence = sequences[Math.min(cut, sequences.length) - 1] ?? 0;
      const windows = [
        { rows: view.batches.filter(({ ingestSequence }) => ingestSequence <= throughSequence), seen: null },
        { rows: view.batches, seen: { throughSequence, dueThrough: LATER } },
      ];
      for (const { rows: part, seen } of windows) {
        await offline.store.latest({ ...view, batches: part }, { dueThrough: LATER, seen }, {}, async ({ pages }) => {
          for await (const page of pages) await online.write(onlineView, page);
        });
      }

      const newest = newestOracle(rows);
      const hits = await online.read(
        newest.map(({ key: parts }) => ({
          view: onlineView,
          entityKey: entityKeyOf(parts.map(String)),
        })),
        LATER,
      );
      expect(hits.map((hit) => hit?.values[0])).toEqual(
        newest.map(({ values: [balance] }) => (balance === null ? null : String(balance))),
      );
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('rows of the future wait, and are found once they are due', async () => {
  const day = (n: number) => new Date(Date.UTC(2026, 0, n));
  const view = await offline.view(SCHEMA, [
    [2, 4, 6].map((n) => ({ customer: 'c', account: n, eventTimestamp: day(n).toISOString(), balance: n })),
  ]);
  const found = (dueThrough: Date, seen: { throughSequence: number; dueThrough: Date } | null) =>
    offline.store.latest(view, { dueThrough, seen }, {}, async ({ pages }) => {
      const keys: string[] = [];
      for await (const page of pages) keys.push(...page.entityKeys);
      return keys.sort();
    });
  const throughSequence = view.batches[0].ingestSequence;
  expect(await found(day(3), null)).toEqual(['["c","2"]']);
  expect(await found(day(5), { throughSequence, dueThrough: day(3) })).toEqual(['["c","4"]']);
  expect(await found(day(5), { throughSequence, dueThrough: day(5) })).toEqual([]);
});
