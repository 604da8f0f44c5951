import fc from 'fast-check';
import type { FeatureRowInput } from '../../../src/services/features/rows/feature-value';
import type { RowSchema } from '../../../src/services/features/rows/row-slice';
import { type OracleFeatureRow, pointInTimeOracle } from '../../support/point-in-time-oracle';
import { at, OfflineHarness } from './offline-harness';

const EPOCH = BigInt(Date.UTC(2026, 0, 1)) * 1000n;
const micros = (seconds: number) => EPOCH + BigInt(Math.round(seconds * 1e6));

const SCHEMA: RowSchema = {
  joinKeys: [
    { name: 'customer', dtype: 'STRING' },
    { name: 'account', dtype: 'INT64' },
  ],
  fields: [
    { name: 'plan', dtype: 'STRING' },
    { name: 'balance', dtype: 'INT64' },
  ],
};

// Few keys and times, close together, so that ties, duplicates and exact bounds are the rule; (1, 12) and (11, 2) read the same when joined up.
const key = fc.constantFrom<[string, bigint]>(['1', 12n], ['11', 2n], ['11', 12n], ['1', 2n]);
const seconds = fc.constantFrom(0, 1, 1.000001, 2, 3, 4, 5);
const featureRow = fc.record({
  key,
  event: seconds,
  created: fc.option(seconds, { freq: 4 }),
  plan: fc.option(fc.constantFrom('a', 'b', 'null'), { freq: 3 }),
  balance: fc.option(fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 3n }), { freq: 3 }),
});
const scenario = fc.record({
  batches: fc.array(fc.array(featureRow, { minLength: 1, maxLength: 8 }), { maxLength: 3 }),
  entityRows: fc.array(fc.record({ key, at: seconds }), { minLength: 1, maxLength: 8 }),
  ttlSeconds: fc.option(fc.constantFrom(0.000001, 0.999999, 1, 2, 10)),
  leakageCutoff: fc.boolean(),
});

let offline: OfflineHarness;
beforeAll(async () => {
  offline = await OfflineHarness.open();
});
afterAll(() => offline.close());

test('the point-in-time join agrees with the brute-force oracle on every generated history', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ batches, entityRows, ttlSeconds, leakageCutoff }) => {
      const history: OracleFeatureRow[] = batches.flatMap((rows, sequence) =>
        rows.map((row, index) => ({
          key: row.key,
          event: micros(row.event),
          created: row.created === null ? null : micros(row.created),
          sequence,
          row: index,
          values: [row.plan, row.balance],
        })),
      );
      const expected = pointInTimeOracle(
        entityRows.map((row) => ({ key: row.key, at: micros(row.at) })),
        history,
        { ttl: ttlSeconds === null ? null : BigInt(Math.round(ttlSeconds * 1e6)), leakageCutoff },
      );

      const view = await offline.view(
        SCHEMA,
        batches.map((rows) =>
          rows.map(({ key: [customer, account], event, created, plan, balance }) => ({
            customer,
            account: String(account),
            eventTimestamp: at(event),
            ...(created === null ? {} : { createdTimestamp: at(created) }),
            plan,
            balance: balance === null ? null : String(balance),
          })),
        ),
      );
      const asked = entityRows.map(({ key: [customer, account], at: when }): FeatureRowInput => {
        return { customer, account: String(account), eventTimestamp: at(when) };
      });
      const joined = await offline.join(asked, SCHEMA.joinKeys, view, { ttlSeconds, leakageCutoff });

      expect(joined).toEqual(
        expected.map(({ status, values }) => ({ status, plan: values?.[0] ?? null, balance: values?.[1] ?? null })),
      );
    }),
    { numRuns: 300 },
  );
}, 120_000);
