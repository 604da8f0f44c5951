import fc from 'fast-check';
import type { FeatureRowInput } from '../../../src/services/features/rows/feature-value';
import type { RowSchema } from '../../../src/services/features/rows/row-slice';
import { type OracleFeatureRow, pointInTimeOracle } from '../../support/point-in-time-oracle';
import { type JoinedRow, OfflineHarness } from './offline-harness';

/** Cases that share their files and joins, told apart by the join key `world`; each is compared by itself. */
const CASES_PER_RUN = 40;
const RUNS = 55;

const FIELDS: RowSchema['fields'] = [
  { name: 'plan', dtype: 'STRING' },
  { name: 'balance', dtype: 'INT64' },
];
const WORLD = { name: 'world', dtype: 'INT64' } as const;
const ENTITY_KEYS: RowSchema['joinKeys'] = [
  WORLD,
  { name: 'customer', dtype: 'STRING' },
  { name: 'account', dtype: 'INT64' },
  { name: 'origin', dtype: 'STRING' },
  { name: 'destination', dtype: 'STRING' },
];
/** Views by their join keys, and the joins over them: which entity keys the join keys are compared with. */
const VIEWS: readonly RowSchema['joinKeys'][] = [
  [WORLD, ENTITY_KEYS[1], ENTITY_KEYS[2]],
  [WORLD, ENTITY_KEYS[1]],
  [{ name: 'place', dtype: 'STRING' }, WORLD],
];
const JOINS: readonly { readonly view: number; readonly joinKeyMap?: Readonly<Record<string, string>> }[] = [
  { view: 0 },
  { view: 1 },
  { view: 2, joinKeyMap: { place: 'origin' } },
  { view: 2, joinKeyMap: { place: 'destination' } },
];

// Few keys and times, close together, so that ties, duplicates and exact bounds are the rule; (1, 12) and (11, 2) read the same when joined up.
const key = fc.constantFrom<[string, bigint]>(['1', 12n], ['11', 2n], ['11', 12n], ['1', 2n]);
const place = fc.constantFrom('1', '11');
const seconds = fc.constantFrom(0, 1, 1.000001, 2, 3, 4, 5);
const zone = fc.constantFrom('Z', '', '+02:00', '-09:30', 'z');
const featureRow = fc.record({
  key,
  event: seconds,
  created: fc.option(seconds, { freq: 4 }),
  zone,
  plan: fc.option(fc.constantFrom('a', 'b', 'null'), { freq: 3 }),
  balance: fc.option(fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 3n }), { freq: 3 }),
});
type FeatureRow = typeof featureRow extends fc.Arbitrary<infer Row> ? Row : never;
/** Batches of rows; a row may come again as it is, in its own batch or in a later one. */
const history = fc
  .tuple(fc.array(fc.array(featureRow, { minLength: 1, maxLength: 6 }), { maxLength: 3 }), fc.boolean(), fc.boolean())
  .map(([batches, within, later]) => {
    const [first = []] = batches;
    const repeated = batches.map((batch) => (within ? [...batch, batch[0]] : batch));
    return later && first.length > 0 ? [...repeated, first] : repeated;
  });
const oneCase = fc.record({
  histories: fc.tuple(history, history, history),
  entityRows: fc.array(fc.record({ key, origin: place, destination: place, at: seconds, zone }), {
    minLength: 1,
    maxLength: 6,
  }),
});
const scenario = fc.record({
  cases: fc.array(oneCase, { minLength: CASES_PER_RUN, maxLength: CASES_PER_RUN }),
  // Before 1970, and where a nanosecond clock would overflow, too.
  epoch: fc.constantFrom(
    '2026-03-29T00:59:58Z',
    '1969-12-31T23:59:58Z',
    '0001-01-02T00:00:00Z',
    '9999-12-30T00:00:00Z',
  ),
  ttls: fc.array(fc.option(fc.constantFrom(0.000001, 0.999999, 1, 2, 10)), { minLength: 4, maxLength: 4 }),
  leakageCutoff: fc.boolean(),
});

const offsetMinutes = (text: string) =>
  text.length < 6 ? 0 : (text.startsWith('-') ? -1 : 1) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(4)));
const microsAfter = (epoch: string, after: number) =>
  BigInt(Date.parse(epoch)) * 1000n + BigInt(Math.round(after * 1e6));

/** A moment in the words of a zone; without one it is UTC. */
function textOf(epoch: string, after: number, inZone: string): string {
  const micros = microsAfter(epoch, after) + BigInt(offsetMinutes(inZone)) * 60_000_000n;
  const sub = ((micros % 1000n) + 1000n) % 1000n;
  const millis = new Date(Number((micros - sub) / 1000n)).toISOString().slice(0, -1);
  return `${millis}${String(sub).padStart(3, '0')}${inZone}`;
}

/** Batch by batch, the rows of all cases. */
function inputsOf(
  histories: readonly (readonly (readonly FeatureRow[])[])[],
  joinKeys: RowSchema['joinKeys'],
  epoch: string,
): FeatureRowInput[][] {
  const batchCount = Math.max(...histories.map(({ length }) => length));
  return Array.from({ length: batchCount }, (_, batch) =>
    histories.flatMap((ofCase, world) =>
      (ofCase[batch] ?? []).map(({ key: [customer, account], event, created, zone: inZone, plan, balance }) => {
        const keys: Record<string, string> = {
          world: String(world),
          customer,
          account: String(account),
          place: customer,
        };
        return {
          ...Object.fromEntries(joinKeys.map(({ name }) => [name, keys[name]])),
          eventTimestamp: textOf(epoch, event, inZone),
          ...(created === null ? {} : { createdTimestamp: textOf(epoch, created, inZone) }),
          plan,
          balance: balance === null ? null : String(balance),
        };
      }),
    ),
  );
}

const oracleRows = (batches: readonly (readonly FeatureRow[])[], width: number, epoch: string): OracleFeatureRow[] =>
  batches.flatMap((rows, sequence) =>
    rows.map((row, index) => ({
      key: row.key.slice(0, width),
      event: microsAfter(epoch, row.event),
      created: row.created === null ? null : microsAfter(epoch, row.created),
      sequence,
      row: index,
      values: [row.plan, row.balance],
    })),
  );

let offline: OfflineHarness;
beforeAll(async () => {
  offline = await OfflineHarness.open();
});
afterAll(() => offline.close());

test('the point-in-time join agrees with the brute-force oracle on every generated history', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ cases, epoch, ttls, leakageCutoff }) => {
      const views = [];
      for (const [index, joinKeys] of VIEWS.entries()) {
        const histories = cases.map((each) => each.histories[index]);
        views.push(await offline.view({ joinKeys, fields: FIELDS }, inputsOf(histories, joinKeys, epoch)));
      }
      const asked = cases.flatMap(({ entityRows }, world) =>
        entityRows.map(({ key: [customer, account], origin, destination, at, zone: inZone }) => ({
          ...{ world: String(world), customer, account: String(account), origin, destination },
          eventTimestamp: textOf(epoch, at, inZone),
        })),
      );
      const joined: JoinedRow[][] = [];
      for (const [index, { view, joinKeyMap }] of JOINS.entries()) {
        const options = { ttlSeconds: ttls[index], leakageCutoff, ...(joinKeyMap && { joinKeyMap }) };
        joined.push(await offline.join(asked, ENTITY_KEYS, views[view], options));
        expect(joined[index]).toHaveLength(asked.length);
      }

      let start = 0;
      for (const { histories, entityRows } of cases) {
        for (const [index, { view, joinKeyMap }] of JOINS.entries()) {
          const ttl = ttls[index];
          const expected = pointInTimeOracle(
            entityRows.map((row) => {
              const at = microsAfter(epoch, row.at);
              return { key: joinKeyMap ? [row[joinKeyMap.place as 'origin' | 'destination']] : row.key, at };
            }),
            oracleRows(histories[view], view === 0 ? 2 : 1, epoch),
            { ttl: ttl === null ? null : BigInt(Math.round(ttl * 1e6)), leakageCutoff },
          );
          expect(joined[index].slice(start, start + entityRows.length)).toEqual(
            expected.map(({ status, values }) => ({ status, plan: values?.[0] ?? null, balance: values?.[1] ?? null })),
          );
        }
        start += entityRows.length;
        compared++;
      }
    }),
    { numRuns: RUNS },
  );
  expect(compared).toBeGreaterThanOrEqual(2000);
}, 240_000);
