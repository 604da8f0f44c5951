import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FeatureFileFormat } from '../../../src/entities';
import { InvalidInput, InvalidInputs } from '../../../src/errors';
import { type FeatureRowInput, readDatasetTable } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
  await features.views.apply(
    {
      name: 'profile',
      entity: 'subscriber',
      fields: [
        { name: 'embedding', dtype: 'DOUBLE_LIST' },
        { name: 'devices', dtype: 'INT64_LIST' },
        { name: 'logins', dtype: 'TIMESTAMP_LIST' },
        { name: 'consents', dtype: 'BOOL_LIST' },
        { name: 'tags', dtype: 'STRING_LIST' },
        { name: 'score', dtype: 'DOUBLE' },
      ],
    },
    ENGINEER,
  );
  await features.services.apply({ name: 'churn_features', features: [{ view: 'profile' }] }, ENGINEER);
});
afterEach(() => features.close());

const ada = {
  embedding: [0.1, -2.5, 1e-300],
  devices: ['9223372036854775807', '-1'],
  logins: ['2026-01-01T00:00:00.000001Z'],
  consents: [true, false],
  tags: ['', "it's", 'ü'],
  score: 1,
};
const nothing = { embedding: null, devices: [], logins: null, consents: [], tags: null, score: null };

async function ingestProfiles(...profiles: readonly FeatureRowInput[]): Promise<void> {
  const rows = profiles.map((profile, index) => ({
    subscriber_id: `s${index}`,
    eventTimestamp: features.month(1),
    ...profile,
  }));
  await features.ingest.ingest({ view: 'profile', rows }, ENGINEER);
}

test('13: lists come back as they were sent, from a dataset and from the online store', async () => {
  await features.ingestSubscribers(2, [2, 3]);
  await ingestProfiles(ada, nothing);
  const dataset = await features.buildDataset();
  const [first, second] = await features.datasets.preview(dataset, 2);
  expect(first).toMatchObject({ subscriber_id: 's0', ...ada });
  expect(second).toMatchObject({ subscriber_id: 's1', ...nothing });

  await features.finished(await features.materializations.materialize({ views: ['profile'] }, ENGINEER));
  const { versionId } = await features.services.schemaByName('churn_features', null, []);
  const rows = await features.online.read(versionId, [{ subscriber_id: 's0' }, { subscriber_id: 's1' }], () => []);
  const values = rows.map(
    (row) => 'values' in row && Object.fromEntries(row.values.map(({ name, value }) => [name, value])),
  );
  expect(values).toEqual([ada, nothing]);
});

test('a list has counts, and no figures that need an order', async () => {
  await ingestProfiles(ada, ada, { ...ada, embedding: [1] }, nothing);
  const [embedding, devices] = await features.quality.statistics('profile', {});
  expect(embedding).toMatchObject({ dtype: 'DOUBLE_LIST', count: 4, nullCount: 1, distinctCount: 2 });
  expect(embedding).toMatchObject({ min: null, mean: null, histogram: null, quantiles: [], topValues: [] });
  expect(devices).toMatchObject({ count: 4, nullCount: 0, distinctCount: 2 });
});

test('the fingerprint of a dataset covers its lists', async () => {
  await features.ingestSubscribers(2, [2, 3]);
  await ingestProfiles(ada);
  const { fingerprint } = await features.buildDataset();
  expect((await features.buildDataset()).fingerprint).toBe(fingerprint);
  await ingestProfiles({ ...ada, tags: ["it's", '', 'ü'] });
  expect((await features.buildDataset()).fingerprint).not.toBe(fingerprint);
});

test('the training thread reads the single values beside the lists', async () => {
  await features.ingestSubscribers(2, [2, 3]);
  await ingestProfiles(ada, nothing);
  const file = await features.datasets.describe((await features.buildDataset()).id);
  expect(file.features).toEqual([{ name: 'score', dtype: 'DOUBLE' }]);
  const { table } = await readDatasetTable(file);
  expect(table.columns.map(({ name, values }) => [name, [...values]])).toEqual([['score', [1, NaN, 1, NaN]]]);
});

test('a list that is wrong is refused with its row, its column and its element', async () => {
  const error = await ingestProfiles({ ...ada, devices: [1, '2.5'], tags: ['a', null] as never }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InvalidInputs);
  expect((error as InvalidInputs).message).toMatch(/\[1,"2.5"\] is not a list whose element 1 is a 64-bit integer/);
  expect((error as InvalidInputs).message).toMatch(/\["a",null\] is not a list without nulls; its element 1 is null/);
});

test('expressions and rules about values are told that they cannot read a list', async () => {
  const onDemandFeatures = [{ name: 'known', expression: 'embedding is not null' }];
  await expect(
    features.services.apply({ name: 'churn_features', features: [{ view: 'profile' }], onDemandFeatures }, ENGINEER),
  ).rejects.toThrow(/embedding is DOUBLE_LIST/);
  const fields = [{ name: 'embedding', dtype: 'DOUBLE_LIST' }] as const;
  const qualityRules = [{ kind: 'UNIQUE', severity: 'WARN', field: 'embedding' }] as const;
  await expect(
    features.views.apply({ name: 'profile', entity: 'subscriber', fields, qualityRules }, ENGINEER),
  ).rejects.toThrow(InvalidInput);
});

async function ingestFile(bytes: Buffer, format: FeatureFileFormat) {
  const { digest } = await features.artifacts.put(bytes, 'application/octet-stream');
  const job = await features.fileIngest.ingest({ view: 'profile', artifact: digest, format }, ENGINEER);
  const { status, errorProblems } = await features.finished(job);
  return { status, problems: errorProblems?.map(({ message }) => message) ?? [] };
}

/** A Parquet file of two profiles, whose second one has this embedding. */
async function ingestParquet(embedding: string, first = '[0.5::FLOAT, 2]') {
  const file = path.join(features.directory, 'profiles.parquet');
  const row = (id: string, list: string) =>
    `SELECT '${id}' AS subscriber_id, DATE '2026-01-01' AS "eventTimestamp", ${list} AS embedding, ['', 'ü'] AS tags`;
  const select = `${row('s0', first)} UNION ALL ${row('s1', embedding)}`;
  await features.engine.call('run', { statements: [`COPY (${select}) TO '${file}' (FORMAT parquet)`] });
  return ingestFile(await readFile(file), 'PARQUET');
}

test('lists come from Parquet files, element by element', async () => {
  expect(await ingestParquet('NULL')).toEqual({ status: 'SUCCEEDED', problems: [] });
  await features.ingestSubscribers(2, [2, 3]);
  const dataset = await features.buildDataset();
  expect(await features.datasets.preview(dataset, 2)).toMatchObject([
    { subscriber_id: 's0', embedding: [0.5, 2], tags: ['', 'ü'] },
    { subscriber_id: 's1', embedding: null, tags: ['', 'ü'] },
  ]);
});

test.each([
  ['an element that is null', '[1::FLOAT, NULL]', /is not a list of DOUBLE values without nulls/],
  ['an element that is not finite', "['nan'::FLOAT]", /is not a list of DOUBLE values without nulls/],
])('a Parquet file with %s is refused', async (_, embedding, problem) => {
  const { status, problems } = await ingestParquet(embedding);
  expect([status, problems]).toEqual(['FAILED', [expect.stringMatching(problem)]]);
});

test('a Parquet file with single values for a list is refused', async () => {
  const { problems } = await ingestParquet('42', '43');
  expect(problems).toEqual([expect.stringMatching(/is of type INTEGER, .* write it as one of FLOAT\[\], DOUBLE\[\]/)]);
});

test('a CSV file with lists is refused, since it has no spelling for them', async () => {
  const { problems } = await ingestFile(Buffer.from('subscriber_id,eventTimestamp,tags\na,2026-01-01,x'), 'CSV');
  expect(problems).toEqual([expect.stringContaining('send a Parquet file')]);
});
