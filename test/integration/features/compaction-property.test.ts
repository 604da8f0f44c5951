import { readdir } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { lastSequence, rowsThrough } from '../../../src/services/features/ingest/manifest';
import { currentSchema } from '../../../src/services/features/definitions/view-schema';
import { scanSql } from '../../../src/services/features/offline/scan.sql';
import { sweepOfflineFiles } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

/** Two of everything: one is compacted, one is not, and both are fed and asked the same. */
const [COMPACTED, PLAIN] = ['compacted', 'plain'];

let features: FeaturesFixture;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  const joinKeys = [
    { name: 'device', dtype: 'STRING' },
    { name: 'slot', dtype: 'INT64' },
  ] as const;
  await features.entities.apply({ name: 'slot', joinKeys }, ENGINEER);
  await features.views.apply({ name: 'labels', entity: 'slot', fields: [{ name: 'broken', dtype: 'BOOL' }] }, ENGINEER);
});
afterAll(() => features.close());

const row = fc.record({
  device: fc.constantFrom('1', '11'),
  slot: fc.constantFrom('2', '12'),
  // Few moments, so that most rows tie with others to the last tie-break.
  month: fc.integer({ min: 1, max: 3 }),
  created: fc.option(fc.integer({ min: 1, max: 4 })),
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('ingest' as const), rows: fc.array(row, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('compact' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('materialize' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('build' as const) }) },
);
const history = fc.array(step, { minLength: 8, maxLength: 24 });

const finished = async (job: { id: string }) => {
  const { status, errorMessage } = await features.finished(job);
  expect([status, errorMessage]).toEqual(['SUCCEEDED', null]);
};
const readSnapshot = async (view: string, through: number) => {
  const schema = await currentSchema(features.database.dataSource, view);
  const rows = await rowsThrough(features.database.dataSource, schema, through);
  const sql = `SELECT device, slot, event_timestamp, created_timestamp, serial, __position % 1048576 AS n
    FROM (${scanSql(rows, features.offline.pathOf, ['serial'])}) ORDER BY serial`;
  return features.engine.call('rows', { sql });
};
const files = async (view: string): Promise<number> => {
  const [{ n }] = await features.database.dataSource.query<{ n: number }[]>(
    `SELECT count(DISTINCT file)::float8 AS n FROM feature_batches b JOIN feature_view_versions vv ON vv.id = b.feature_view_version_id
     JOIN feature_views v ON v.id = vv.feature_view_id WHERE v.name = $1`,
    [view],
  );
  return n;
};

async function defineTwins(round: number): Promise<string[]> {
  const twins = [COMPACTED, PLAIN].map((name) => `${name}${round}`);
  for (const name of twins) {
    await features.views.apply({ name, entity: 'slot', fields: [{ name: 'serial', dtype: 'INT64' }] }, ENGINEER);
    await features.services.apply({ name: `of_${name}`, features: [{ view: name }] }, ENGINEER);
  }
  return twins;
}

/** What a dataset of a twin is made of, of a build or of a materialization: equal for equal rows, in order. */
async function builtFrom(twin: string, leakageCutoff: boolean) {
  const dataset = await features.buildDataset({
    name: twin,
    featureService: `of_${twin}`,
    labels: { view: 'labels', field: 'broken' },
    leakageCutoff,
  });
  return { ...dataset, preview: await features.datasets.preview(dataset, 100) };
}
const online = async (twin: string) => {
  const entities = ['1', '11'].flatMap((device) => ['2', '12'].map((slot) => ({ device, slot })));
  const rows = await features.online.readByName(`of_${twin}`, entities);
  return rows.map(({ values }) => values.map(({ value, status }) => [value, status]));
};

let round = 0;

test('any interleaving of ingests, compactions, builds and materializations reads as if nothing had been compacted', async () => {
  const labels = ['1', '11'].flatMap((device) =>
    ['2', '12'].flatMap((slot) =>
      [2, 3, 4].map((month) => ({
        device,
        slot,
        eventTimestamp: features.month(month),
        broken: (month + slot.length) % 2 === 0,
      })),
    ),
  );
  await features.ingest.ingest({ view: 'labels', rows: labels }, ENGINEER);
  const met = { compactions: 0, cuts: 0, builds: 0 };
  await fc.assert(
    fc.asyncProperty(history, fc.boolean(), async (steps, leakageCutoff) => {
      const twins = await defineTwins(++round);
      const [compacted, plain] = twins;
      let serial = 0;
      const ends: [number, number][] = [];
      const compared: [unknown, unknown][] = [];
      for (const each of [...steps, { kind: 'materialize' as const }, { kind: 'build' as const }]) {
        if (each.kind === 'ingest') {
          const rows = each.rows.map(({ device, slot, month, created }) => ({
            device,
            slot,
            eventTimestamp: features.month(month),
            createdTimestamp: created === null ? null : features.month(created),
            serial: String(++serial),
          }));
          const sequences = [];
          for (const view of twins) {
            sequences.push((await features.ingest.ingest({ view, rows }, ENGINEER)).ingestSequence);
          }
          ends.push([sequences[0], sequences[1]]);
        } else if (each.kind === 'compact') {
          const before = await files(compacted);
          await finished(await features.compaction.compact({ views: [compacted] }, ENGINEER));
          if (before > 1) met.compactions++;
          compared.push([await files(compacted), Math.min(1, before)]);
        } else if (each.kind === 'materialize' && ends.length > 0) {
          await finished(await features.materializations.materialize({ views: twins }, ENGINEER));
          compared.push([await online(compacted), await online(plain)]);
        } else if (each.kind === 'build' && ends.length > 0) {
          const [a, b] = [await builtFrom(compacted, leakageCutoff), await builtFrom(plain, leakageCutoff)];
          const renamed = a.warnings.map((text) => text.replaceAll(compacted, plain));
          compared.push([
            [a.preview, renamed, a.statistics],
            [b.preview, b.warnings, b.statistics],
          ]);
          met.builds++;
        }
      }
      for (const [found, expected] of compared) expect(found).toEqual(expected);
      // Snapshots through every earlier batch, most of which end within a rewritten file.
      for (const [index, [a, b]] of ends.entries()) {
        const [snapshot, expected] = [await readSnapshot(compacted, a), await readSnapshot(plain, b)];
        expect(snapshot).toEqual(expected);
        if (index < ends.length - 1) met.cuts++;
      }
    }),
    { numRuns: 12 },
  );
  expect(Math.min(...Object.values(met))).toBeGreaterThan(5);
}, 300_000);

test('the position of a row stays the same, and files keep the order of positions without sorting', async () => {
  const [view] = await defineTwins(++round);
  for (let batch = 0; batch < 12; batch++) {
    const rows = Array.from({ length: 50 }, (_, index) => ({
      device: `d${index}`,
      slot: '1',
      eventTimestamp: features.month(1),
      serial: String(batch * 50 + index),
    }));
    await features.ingest.ingest({ view, rows }, ENGINEER);
    if (batch === 5) await finished(await features.compaction.compact({ views: [view] }, ENGINEER));
  }
  const { dataSource } = features.database;
  const schema = await currentSchema(dataSource, view);
  const read = async () => {
    const rows = await rowsThrough(dataSource, schema, await lastSequence(dataSource));
    const scan = scanSql(rows, features.offline.pathOf, ['serial']);
    return features.engine.call('rows', { sql: `SELECT serial, __position FROM (${scan})` });
  };
  const bySerial = (rows: Awaited<ReturnType<typeof read>>) =>
    [...rows].sort((a, b) => Number(a.serial) - Number(b.serial));
  const before = bySerial(await read());
  await finished(await features.compaction.compact({ views: [view] }, ENGINEER));
  const after = await read();
  expect(after).toHaveLength(600);
  expect(after).toEqual(before);
});

test('two replicas that compact and ingest at once lose nothing, and write each file once', async () => {
  const [view, twin] = await defineTwins(++round);
  const other = await FeaturesFixture.open(undefined, features);
  try {
    const rowsOf = (batch: number) => [
      { device: 'd', slot: String(batch), eventTimestamp: features.month(1), serial: String(batch) },
    ];
    const ingest = async (count: number, from: number) => {
      for (let batch = from; batch < from + count; batch++) {
        for (const name of [view, twin]) await features.ingest.ingest({ view: name, rows: rowsOf(batch) }, ENGINEER);
      }
    };
    await ingest(20, 0);
    const compact = async (fixture: FeaturesFixture) => {
      for (let n = 0; n < 4; n++) await finished(await fixture.compaction.compact({ views: [view] }, ENGINEER));
    };
    // A start of a third process sweeps meanwhile.
    const sweep = async () => {
      for (let n = 0; n < 8; n++)
        expect(await sweepOfflineFiles(features.database.dataSource, features.offline, features.staging)).toEqual([]);
    };
    await Promise.all([compact(features), compact(other), ingest(15, 20), sweep()]);
    const through = await lastSequence(features.database.dataSource);
    expect(await readSnapshot(view, through)).toEqual(await readSnapshot(twin, through));
    const { viewVersionId } = await currentSchema(features.database.dataSource, view);
    const names = await readdir(path.join(features.directory, 'batches', viewVersionId));
    const known = await features.database.dataSource.query<{ file: string }[]>(
      `SELECT file FROM feature_batches WHERE feature_view_version_id = $1 UNION SELECT file FROM retired_feature_files WHERE feature_view_version_id = $1`,
      [viewVersionId],
    );
    expect(names.sort()).toEqual(known.map(({ file }) => path.basename(file)).sort());
  } finally {
    await other.stop();
  }
}, 60_000);
