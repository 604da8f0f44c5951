import { existsSync } from 'node:fs';
import path from 'node:path';
import { readChurnTable, type ChurnTable } from '../../../examples/churn/csv/churn-table';
import { csvStory } from '../../../examples/churn/csv/csv-story';
import { Random } from '../../../examples/churn/random';
import type { FeatureRow, IngestBatch, Story } from '../../../examples/churn/story';

const rowsOf = (batches: Iterable<IngestBatch>, view: string): FeatureRow[] =>
  [...batches].filter((batch) => batch.view === view).flatMap(({ rows }) => [...rows]);
const idsOf = (rows: readonly FeatureRow[]): string[] => rows.map((row) => String(row.subscriber_id));

function table(rowCount: number, timestamps: readonly number[] | null, idOf: (row: number) => string): ChurnTable {
  const random = new Random(6);
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const tenure = rows.map(() => random.below(72));
  return {
    file: 'some/folder/My Telco.csv',
    digest: 'ab'.repeat(32),
    labelColumn: 'Churn',
    idColumn: 'id',
    ids: rows.map(idOf),
    labels: tenure.map((months) => random.chance(months < 24 ? 0.4 : 0.1)),
    timestamps,
    features: [
      { name: 'tenure', column: 'Tenure', dtype: 'INT64', values: tenure },
      { name: 'plan', column: 'Plan', dtype: 'STRING', values: rows.map(() => (random.chance(0.5) ? 'basic' : null)) },
    ],
    leftOut: [{ column: 'Reason', reason: 'it tells the label by itself' }],
  };
}

const snapshot = table(2_000, null, (row) => `c${row}`);
/** 300 subscribers at eight months each. */
const months = Array.from({ length: 2_400 }, (_, row) => Date.UTC(2024, row % 8, 1));
const timed = table(2_400, months, (row) => `c${Math.floor(row / 8)}`);

describe('the story of a table with one snapshot', () => {
  const story = csvStory(snapshot, { shift: true, name: null });
  const past = rowsOf(story.past(), 'my_telco_profile');
  const later = rowsOf(story.laterWindow(), 'my_telco_profile');

  it('keeps a fifth of the rows back and never sends their labels before they were predicted', () => {
    expect(past).toHaveLength(1_600);
    expect(idsOf(rowsOf(story.past(), 'my_telco_outcome'))).toEqual(idsOf(past));
    expect(later).toHaveLength(200);
    const pastIds = new Set(idsOf(past));
    expect(idsOf(later).filter((id) => pastIds.has(id))).toEqual([]);
    expect(rowsOf(story.laterWindow(), 'my_telco_outcome')).toEqual([]);
    expect(idsOf(rowsOf(story.laterOutcomes(), 'my_telco_outcome'))).toEqual(idsOf(later));
  });

  it('dates the later window after the past, and plans a stratified dataset of the past', () => {
    const latest = String(story.dataset.to);
    expect(past.every(({ eventTimestamp }) => eventTimestamp === latest)).toBe(true);
    expect(later.every(({ eventTimestamp }) => String(eventTimestamp) > latest)).toBe(true);
    expect(story.dataset).toMatchObject({ strategy: 'STRATIFIED', from: null });
    expect(story.latestDataset).toEqual(story.dataset);
  });

  it('draws the later window toward lower tenure, with the true labels, and says that it is a stand-in', () => {
    const mean = (rows: readonly FeatureRow[]) =>
      rows.reduce((sum, { tenure }) => sum + Number(tenure), 0) / rows.length;
    expect(mean(later)).toBeLessThan(0.8 * mean(past));
    const truth = new Map(snapshot.ids.map((id, row) => [id, snapshot.labels[row]]));
    for (const { subscriberId, churned } of story.cohort) expect(churned).toBe(truth.get(subscriberId));
    expect(story.cohort).toHaveLength(200);
    expect(story.notes.join(' ')).toMatch(/stand-in: 200 rows that were kept back, drawn toward lower Tenure/);
  });

  it('draws evenly without a shift, and says that no drift is to be expected', () => {
    const even = csvStory(snapshot, { shift: false, name: null });
    expect(even.notes.join(' ')).toMatch(/drawn evenly: no drift is to be expected, no alert and no retraining/);
    expect(even.source).not.toBe(story.source);
    expect(idsOf(rowsOf(even.past(), 'my_telco_even_profile'))).toEqual(idsOf(past));
  });

  it('asks by given features about rows that were in neither part', () => {
    const used = new Set([...idsOf(past), ...idsOf(later)]);
    const asked = story.questions.map(({ description }) => /the features of (\S+), given/.exec(description)?.[1] ?? '');
    expect(asked).toHaveLength(3);
    expect(asked.filter((id) => used.has(id))).toEqual([]);
    for (const { features } of story.questions) expect(Object.keys(features)).toEqual(['tenure', 'plan']);
  });

  it('names model and views after the file, or as it is told', () => {
    expect(story.names).toMatchObject({ model: 'my_telco_churn', featureService: 'my_telco_features' });
    expect(csvStory(snapshot, { shift: true, name: 'Trial 2' }).names.model).toBe('trial_2_churn');
  });

  it('tells what was left out', () => {
    expect(story.notes[0]).toBe('Column "Reason" is left out: it tells the label by itself.');
  });
});

describe('the story of a table with several snapshots', () => {
  const story = csvStory(timed, { shift: true, name: 'timed' });

  it('splits by whole timestamps: about three quarters are the past', () => {
    const times = (rows: readonly FeatureRow[]) =>
      [...new Set(rows.map(({ eventTimestamp }) => eventTimestamp))].sort();
    expect(times(rowsOf(story.past(), 'timed_profile'))).toHaveLength(6);
    expect(times(rowsOf(story.laterWindow(), 'timed_profile'))).toEqual([
      '2024-07-01T00:00:00.000Z',
      '2024-08-01T00:00:00.000Z',
    ]);
    expect(story.dataset).toEqual({
      strategy: 'TIME',
      heldOutFraction: 0.25,
      from: null,
      to: '2024-06-01T00:00:00.000Z',
    });
    expect(story.latestDataset.to).toBeNull();
  });

  it('asks about every subscriber at the newest row, which is the one that the online store serves', () => {
    expect(story.cohort).toHaveLength(300);
    for (const { subscriberId, churned } of story.cohort) {
      expect(churned).toBe(timed.labels[Number(subscriberId.slice(1)) * 8 + 7]);
    }
  });

  it('leaves out who has no row in the last snapshot, for of those too many have left', () => {
    const kept = timed.ids.map((_, row) => row).filter((row) => row % 8 !== 7 || row < 2_000);
    const of = <Value>(values: readonly Value[]): Value[] => kept.map((row) => values[row]);
    const gaps: ChurnTable = {
      ...timed,
      ids: of(timed.ids),
      labels: of(timed.labels),
      timestamps: of(months),
      features: timed.features.map((feature) => ({ ...feature, values: of(feature.values) })),
    };
    expect(csvStory(gaps, { shift: true, name: null }).cohort.map(({ subscriberId }) => subscriberId)).toEqual(
      Array.from({ length: 250 }, (_, i) => `c${i}`),
    );
  });

  it('stratifies where the past has fewer than three timestamps', () => {
    const two = table(
      1_200,
      Array.from({ length: 1_200 }, (_, row) => Date.UTC(2024, row % 2, 1)),
      (row) => `c${Math.floor(row / 2)}`,
    );
    expect(csvStory(two, { shift: true, name: null }).dataset).toMatchObject({
      strategy: 'STRATIFIED',
      to: '2024-01-01T00:00:00.000Z',
    });
  });

  it('refuses a past in which hardly anybody left', () => {
    const late = { ...timed, labels: timed.labels.map((churned, row) => churned && row % 8 >= 6) };
    expect(() => csvStory(late, { shift: true, name: null })).toThrow(
      /the 1800 rows up to 2024-06-01T00:00:00\.000Z, 0 of them churned, are too few to learn from/,
    );
  });
});

const telcoFile = path.resolve(__dirname, '../../../../shared/data/telco.csv');
const withTelco = existsSync(telcoFile) ? describe : describe.skip;

withTelco('IBM’s Telco file as downloaded', () => {
  const read = (): Promise<ChurnTable> =>
    readChurnTable(telcoFile, {
      label: null,
      id: null,
      timestamp: null,
      delimiter: null,
      labelWords: null,
      exclude: [],
    });
  const story = async (): Promise<Story> => csvStory(await read(), { shift: true, name: null });

  it('has 7,043 rows, 19 features, 26.54 % churn, and TotalCharges as DOUBLE with eleven nulls', async () => {
    const telco = await read();
    expect(telco.ids).toHaveLength(7_043);
    expect(telco.labels.filter(Boolean)).toHaveLength(1_869);
    expect(telco.leftOut).toEqual([]);
    const dtypes = new Map(telco.features.map((feature) => [feature.name, feature.dtype]));
    expect(dtypes.size).toBe(19);
    expect([dtypes.get('total_charges'), dtypes.get('senior_citizen'), dtypes.get('contract')]).toEqual([
      'DOUBLE',
      'INT64',
      'STRING',
    ]);
    const nulls = telco.features
      .filter(({ values }) => values.includes(null))
      .map(({ name, values }) => [name, values.filter((value) => value === null).length]);
    expect(nulls).toEqual([['total_charges', 11]]);
  });

  it('never sends the label, the id or a kept-back row’s outcome among the features', async () => {
    const { past, featureViews, names } = await story();
    expect(names.model).toBe('telco_churn');
    const fields = featureViews.flatMap((view) => view.fields.map(({ name }) => name));
    expect(fields).toHaveLength(19);
    expect(fields.filter((name) => /churn|customer/.test(name))).toEqual([]);
    for (const row of rowsOf(past(), 'telco_profile').slice(0, 100)) expect(Object.keys(row)).toHaveLength(21);
  });

  it('draws its later window toward lower tenure', async () => {
    expect((await story()).notes).toEqual([
      expect.stringMatching(/705 rows that were kept back, drawn toward lower tenure/),
    ]);
  });
});
