/** Case 9 of the reference on features: one view in a service under two sets of keys, for flights the airports of origin and of destination. */
import { readDatasetTable } from '../../../src/services/features';
import { lineageOf } from '../../support/lineage-of';
import { ADMIN, ENGINEER, FeaturesFixture } from '../../support/features-fixture';

const DAY = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString();

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.entities.apply({ name: 'airport', joinKeys: [{ name: 'code', dtype: 'STRING' }] }, ENGINEER);
  await features.entities.apply(
    {
      name: 'flight',
      joinKeys: [
        { name: 'flight_id', dtype: 'INT64' },
        { name: 'from_code', dtype: 'STRING' },
        { name: 'to_code', dtype: 'STRING' },
      ],
    },
    ENGINEER,
  );
  await features.views.apply(
    {
      name: 'airports',
      entity: 'airport',
      fields: [
        { name: 'runways', dtype: 'INT64' },
        { name: 'wind', dtype: 'DOUBLE' },
      ],
    },
    ENGINEER,
  );
  await features.views.apply(
    { name: 'flights', entity: 'flight', fields: [{ name: 'late', dtype: 'BOOL' }] },
    ENGINEER,
  );
  await apply();
  const airport = (code: string, day: number, runways: number, wind: number) => {
    return { code, eventTimestamp: DAY(day), runways, wind };
  };
  const airports = [airport('AMS', 1, 6, 11), airport('OSL', 1, 2, 3), airport('OSL', 3, 2, 9)];
  await features.ingest.ingest({ view: 'airports', rows: airports }, ENGINEER);
  const flight = (flight_id: number, from_code: string, to_code: string, day: number, late: boolean) => {
    return { flight_id, from_code, to_code, eventTimestamp: DAY(day), late };
  };
  const flights = [
    flight(1, 'AMS', 'OSL', 2, true),
    flight(2, 'OSL', 'AMS', 4, false),
    flight(3, 'OSL', 'OSL', 4, true),
    flight(4, 'JFK', 'AMS', 5, false),
  ];
  await features.ingest.ingest({ view: 'flights', rows: flights }, ENGINEER);
});
afterEach(() => features.close());

/** The service with its parts in the order that is given. */
const apply = (parts: readonly ('from' | 'to')[] = ['from', 'to']) =>
  features.services.apply(
    {
      name: 'flight_features',
      features: parts.map((part) => {
        return { view: 'airports', prefix: part, joinKeyMap: [{ joinKey: 'code', entityKey: `${part}_code` }] };
      }),
    },
    ENGINEER,
  );

const build = () =>
  features.buildDataset({
    name: 'flights',
    featureService: 'flight_features',
    labels: { view: 'flights', field: 'late' },
  });

test('9: a dataset has the features of both airports, each joined on its own key', async () => {
  const dataset = await build();
  expect(dataset.columns?.map(({ name }) => name)).toEqual([
    ...['flight_id', 'from_code', 'to_code', 'event_timestamp'],
    ...['from__runways', 'from__wind', 'to__runways', 'to__wind', '__label', '__held_out'],
  ]);
  const rows = await features.datasets.preview(dataset, 10);
  expect(rows.map((row) => [row.flight_id, row.from__wind, row.to__wind, row.from__runways, row.to__runways])).toEqual([
    ['1', 11, 3, '6', '2'],
    ['2', 9, 11, '2', '6'],
    ['3', 9, 9, '2', '2'],
    ['4', null, 11, null, '6'],
  ]);
  expect(dataset.warnings).toContain('Of 4 rows, in airports by from_code 1 found nothing; their values are null.');
  const { table } = await readDatasetTable(await features.datasets.describe(dataset.id));
  expect(table.columns.map(({ name }) => name)).toEqual(['from__runways', 'from__wind', 'to__runways', 'to__wind']);
});

test('9: a swap of the keys is another dataset', async () => {
  const { fingerprint } = await build();
  await features.services.apply(
    {
      name: 'flight_features',
      features: [
        { view: 'airports', prefix: 'from', joinKeyMap: [{ joinKey: 'code', entityKey: 'to_code' }] },
        { view: 'airports', prefix: 'to', joinKeyMap: [{ joinKey: 'code', entityKey: 'from_code' }] },
      ],
    },
    ENGINEER,
  );
  const swapped = await build();
  expect((await features.datasets.preview(swapped, 1))[0]).toMatchObject({ from__wind: 3, to__wind: 11 });
  expect(swapped.fingerprint).not.toBe(fingerprint);
});

test('9: the same is read online, by the keys that a flight carries', async () => {
  await features.finished(await features.materializations.materialize({ views: ['airports'] }, ENGINEER));
  const [row] = await features.online.readByName('flight_features', [{ from_code: 'OSL', to_code: 'AMS' }]);
  expect(row.entity).toEqual({ from_code: 'OSL', to_code: 'AMS' });
  expect(row.values.map(({ name, value }) => [name, value])).toEqual([
    ['from__runways', '2'],
    ['from__wind', 9],
    ['to__runways', '6'],
    ['to__wind', 11],
  ]);
  await expect(features.online.readByName('flight_features', [{ from_code: 'OSL' }])).rejects.toThrow(
    'to_code: is missing; an entity is named by to_code',
  );
});

test('9: the lineage has the view once, and applying the same again makes no version', async () => {
  const dataset = await build();
  const nodes = await lineageOf(features.database.dataSource, `Dataset:${dataset.id}`, 'UPSTREAM', 3);
  expect(nodes.map((node) => node.split(':')[0]).sort()).toEqual([
    'Dataset',
    'FeatureServiceVersion',
    'FeatureView',
    'FeatureView',
  ]);
  expect((await apply()).version).toBe(1);
  expect((await apply(['to', 'from'])).version).toBe(2);
});

test('9: a mapping to a key that the label view lacks is refused before a job is made', async () => {
  const joinKeyMap = [{ joinKey: 'code', entityKey: 'via_code' }];
  const service = { name: 'flight_features', features: [{ view: 'airports', joinKeyMap }] };
  await features.services.apply(service, ENGINEER);
  await expect(build()).rejects.toThrow(
    'flights has no join key via_code, which airports needs; its join keys are flight_id, from_code, to_code',
  );
});

test('an erasure names the datasets that hold the entity under another name', async () => {
  const dataset = await build();
  const erased = async (code: string) => {
    const job = await features.erasures.erase({ entity: 'airport', key: { code } }, ADMIN);
    expect((await features.finished(job)).status).toBe('SUCCEEDED');
    return (await features.erasures.findOfJobs([job.id]))[0].datasetIds;
  };
  // No airport has a view's row under this code: it is known from the flights alone.
  expect(await erased('JFK')).toEqual([dataset.id]);
  expect(await erased('AMS')).toEqual([dataset.id]);
  expect(await erased('BGO')).toEqual([]);
});
