import { simulatePopulation } from '../../../examples/churn/population';
import { populationStory } from '../../../examples/churn/population-story';
import { ROWS_PER_BATCH, type FeatureRow, type IngestBatch } from '../../../examples/churn/story';

const story = populationStory({ subscribers: 2_000, seed: 42, name: null });
const rowsOf = (batches: Iterable<IngestBatch>, view: string): FeatureRow[] =>
  [...batches].filter((batch) => batch.view === view).flatMap(({ rows }) => [...rows]);
const at = (month: number) => new Date(Date.UTC(2025, month - 1, 1)).toISOString();

describe('the story of the generated population', () => {
  it('sends only fields that its views declare, the join key, and both timestamps', () => {
    for (const batches of [story.past(), story.laterWindow(), story.laterOutcomes()]) {
      for (const { view, rows } of batches) {
        const declared =
          [...story.featureViews, story.labelView].find(({ name }) => name === view)?.fields.map(({ name }) => name) ??
          [];
        const expected = ['subscriber_id', 'eventTimestamp', 'createdTimestamp', ...declared].sort();
        for (const row of rows.slice(0, 50)) expect(Object.keys(row).sort()).toEqual(expected);
        expect(rows.length).toBeLessThanOrEqual(ROWS_PER_BATCH);
      }
    }
  });

  it('can go by other names, so that two populations fit on one server', () => {
    const other = populationStory({ subscribers: 100, seed: 1, name: 'Trial 2' });
    expect(other.names).toMatchObject({ model: 'trial_2_churn', featureService: 'trial_2_features' });
    expect([...other.featureViews, other.labelView].map(({ name }) => name)).toEqual([
      'trial_2_contract',
      'trial_2_usage',
      'trial_2_churn',
    ]);
    expect(story.names.model).toBe('churn');
  });

  it('keeps the label out of the feature views', () => {
    const names = story.featureViews.flatMap(({ fields }) => fields.map(({ name }) => name));
    expect(names).not.toContain(story.labelField);
  });

  it('tells the past in months 1 to 8, then the later window without the last outcome, then that outcome', () => {
    const months = (rows: FeatureRow[]) => [...new Set(rows.map(({ eventTimestamp }) => eventTimestamp))].sort();
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => at(from + i));
    expect(months(rowsOf(story.past(), 'subscriber_usage'))).toEqual(range(1, 8));
    expect(months(rowsOf(story.past(), 'subscriber_churn'))).toEqual(range(1, 8));
    expect(months(rowsOf(story.laterWindow(), 'subscriber_usage'))).toEqual(range(9, 12));
    expect(months(rowsOf(story.laterWindow(), 'subscriber_churn'))).toEqual(range(9, 11));
    expect(months(rowsOf(story.laterOutcomes(), 'subscriber_churn'))).toEqual(range(12, 12));
  });

  it('tells the same batches again, so that a second run can go on where the first one stopped', () => {
    const again = populationStory({ subscribers: 2_000, seed: 42, name: null });
    expect([...again.past()]).toEqual([...story.past()]);
    expect([...again.laterWindow()]).toEqual([...story.laterWindow()]);
    expect(again.cohort).toEqual(story.cohort);
  });

  it('has late arrivals and corrections: rows known after the snapshot that they describe', () => {
    const usage = rowsOf(story.past(), 'subscriber_usage');
    const late = usage.filter(
      ({ eventTimestamp, createdTimestamp }) => String(createdTimestamp) > String(eventTimestamp),
    );
    expect(late.length / usage.length).toBeGreaterThan(0.004);
    expect(late.length / usage.length).toBeLessThan(0.015);
    const keys = usage.map((row) => `${row.subscriber_id} ${row.eventTimestamp}`);
    const corrected = keys.length - new Set(keys).size;
    expect(corrected).toBeGreaterThan(0);
    expect(corrected).toBeLessThan(0.01 * usage.length);
  });

  it('never has two labels for one subscriber and snapshot', () => {
    const labels = [...rowsOf(story.past(), 'subscriber_churn'), ...rowsOf(story.laterWindow(), 'subscriber_churn')];
    expect(new Set(labels.map((row) => `${row.subscriber_id} ${row.eventTimestamp}`)).size).toBe(labels.length);
    expect(labels).toHaveLength(11 * 2_000);
  });

  it('takes its cohort from the last snapshot, each once, with the outcomes that the labels will tell', () => {
    const outcomes = new Map(
      rowsOf(story.laterOutcomes(), 'subscriber_churn').map((row) => [row.subscriber_id, row.churned]),
    );
    expect(new Set(story.cohort.map(({ subscriberId }) => subscriberId)).size).toBe(2_000);
    for (const { subscriberId, churned } of story.cohort) expect(outcomes.get(subscriberId)).toBe(churned);
  });

  it('gives every feature in the questions that bring their own features', () => {
    const names = story.featureViews.flatMap(({ fields }) => fields.map(({ name }) => name)).sort();
    for (const { features } of story.questions) expect(Object.keys(features).sort()).toEqual(names);
  });

  it('generates 240,000 snapshots in well under 1.5 s and a few tens of megabytes', () => {
    const begin = process.cpuUsage();
    let rows = 0;
    for (const { subscriberIds } of simulatePopulation({ subscribers: 20_000, seed: 1 })) rows += subscriberIds.length;
    const { user, system } = process.cpuUsage(begin);
    expect(rows).toBe(240_000);
    expect((user + system) / 1e6).toBeLessThan(1.5);
  });
});
