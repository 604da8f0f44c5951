import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { DatasetColumn } from '../../../src/entities';
import type { FeatureRowInput } from '../../../src/services/features';
import type { RowSchema } from '../../../src/services/features/rows/row-slice';
import {
  newestOracle,
  type OracleFeatureRow,
  type OracleValue,
  pointInTimeOracle,
} from '../../support/point-in-time-oracle';
import { at, OfflineHarness } from './offline-harness';

const micros = (seconds: number) => BigInt(Math.round(seconds * 1e6));
const schemaOf = (field: string, dtype: 'INT64' | 'BOOL'): RowSchema => ({
  joinKeys: [{ name: 'id', dtype: 'STRING' }],
  fields: [{ name: field, dtype }],
});

interface Row {
  readonly id: string;
  readonly event: number;
  readonly value: number | null;
}

const row = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  event: fc.constantFrom(1, 2, 3, 4),
  value: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 5 }),
});
const history = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { maxLength: 3 });

const oracleRows = (batches: readonly (readonly Row[])[]): OracleFeatureRow[] =>
  batches.flatMap((batch, sequence) =>
    batch.map(({ id, event, value }, index) => {
      return { key: [id], event: micros(event), created: null, sequence, row: index, values: [value] };
    }),
  );

const inputs = (batches: readonly (readonly Row[])[], field: string, toValue: (value: number) => string | boolean) =>
  batches.map((batch) =>
    batch.map(({ id, event, value }): FeatureRowInput => {
      return { id, eventTimestamp: at(event), [field]: value === null ? null : toValue(value) };
    }),
  );

const KEYS = [{ name: 'id', entityKey: 'id' }];
const COLUMNS: DatasetColumn[] = [
  { name: 'id', dtype: 'STRING', role: 'JOIN_KEY' },
  { name: 'event_timestamp', dtype: 'TIMESTAMP', role: 'EVENT_TIMESTAMP' },
  { name: 'first', dtype: 'INT64', role: 'FEATURE' },
  { name: 'second', dtype: 'INT64', role: 'FEATURE' },
  { name: '__label', dtype: 'BOOL', role: 'LABEL' },
  { name: '__held_out', dtype: 'BOOL', role: 'HELD_OUT' },
];

let offline: OfflineHarness;
beforeAll(async () => {
  offline = await OfflineHarness.open();
});
afterAll(() => offline.close());

test('12: a saved dataset is what the oracle says: newest labels, one join per view, whole timestamps held out', async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      history,
      history,
      fc.constantFrom(0.1, 0.3, 0.5, 0.9),
      async (labels, one, two, fraction) => {
        // By entity and time, the newest label; rows whose newest label is null are left out.
        const labelled = newestOracle(oracleRows(labels).map((each) => ({ ...each, key: [...each.key, each.event] })))
          .filter(({ values: [value] }) => value !== null)
          .sort((a, b) => Number(a.event - b.event) || (String(a.key[0]) < String(b.key[0]) ? -1 : 1));
        const times = [...new Set(labelled.map(({ event }) => event))];
        fc.pre(times.length > 1);
        const from = times.find(
          (time) => labelled.filter(({ event }) => event >= time).length <= fraction * labelled.length,
        );
        const heldOutFrom = from ?? times[times.length - 1];

        const asked = labelled.map(({ key: [id], event }) => ({ key: [id], at: event }));
        const [first, second] = [one, two].map((batches, view) =>
          pointInTimeOracle(asked, oracleRows(batches), { ttl: view === 0 ? null : micros(1), leakageCutoff: false }),
        );
        const text = (value: OracleValue | undefined) => (value == null ? null : String(value));
        const expected = labelled.map(({ key: [id], event, values: [label] }, index) => ({
          id,
          event_timestamp: at(Number(event) / 1e6).replace(/000Z$/, 'Z'),
          first: text(first[index].values?.[0]),
          second: text(second[index].values?.[0]),
          __label: Number(label) > 4,
          __held_out: event >= heldOutFrom,
        }));

        const viewOf = (field: string, batches: readonly (readonly Row[])[]) =>
          offline.view(schemaOf(field, 'INT64'), inputs(batches, field, String));
        const churn = inputs(labels, 'churned', (value) => value > 4);
        const built = await offline.store.buildDataset(
          {
            datasetId: randomUUID(),
            labels: {
              rows: await offline.view(schemaOf('churned', 'BOOL'), churn),
              field: 'churned',
              from: null,
              to: null,
            },
            views: [
              {
                rows: await viewOf('one', one),
                joinKeys: KEYS,
                ttlSeconds: null,
                features: [{ name: 'first', field: 'one' }],
              },
              {
                rows: await viewOf('two', two),
                joinKeys: KEYS,
                ttlSeconds: 1,
                features: [{ name: 'second', field: 'two' }],
              },
            ],
            onDemandFeatures: [],
            requestInputs: [],
            columns: COLUMNS,
            leakageCutoff: true,
            split: { strategy: 'TIME', heldOutFraction: fraction, seed: 1 },
          },
          {},
        );
        expect(await offline.store.preview(built.file, COLUMNS, 100)).toEqual(expected);
        expect(built).toMatchObject({
          rowCount: expected.length,
          heldOutRowCount: expected.filter(({ __held_out: held }) => held).length,
          minEventTimestamp: BigInt(Date.UTC(2026, 0, 1)) * 1000n + labelled[0].event,
        });
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);
