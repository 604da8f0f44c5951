import { analyseDrift } from '../../../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../../../src/services/monitoring/monitoring-policy.service';
import { columnOf, windowOf } from '../../support/drift-windows';
import { referenceOf, type Subscriber, subscribers } from '../../support/subscribers';

const profile = referenceOf(subscribers(5000, 'reference'));

/** Two worlds mixed: who has a flat plan lives in the changed one. */
function flatChanged(count: number, seed: string): Subscriber[] {
  const changed = subscribers(count, seed, { logit: 1.2 });
  return subscribers(count, seed).map((row, index) => (row.features.plan === 'flat' ? changed[index] : row));
}

function conceptOf(rows: readonly Subscriber[], feature: string, { labelled = rows.length, reference = profile } = {}) {
  const column = columnOf(rows.slice(0, labelled), feature);
  const options = { segments: { feature, column } };
  return analyseDrift(reference, windowOf(reference, rows, labelled), DEFAULT_MONITORING_RULES, 0.5, options);
}

describe('Concept drift by segments', () => {
  it('finds the category in which it lies, and clears the other', () => {
    const { verdict, result } = conceptOf(flatChanged(3000, 'half'), 'plan');
    expect(verdict).toBe('DRIFT');
    expect(result.concept.segmentFeature).toBe('plan');
    expect(result.concept.segments?.map(({ segment, verdict: found }) => [segment, found])).toEqual([
      ['meter', 'NO_DRIFT'],
      ['flat', 'DRIFT'],
    ]);
    expect(result.concept.reason).toMatch(/Drift in plan: flat\.$/);
    const flat = result.concept.segments?.[1];
    expect(flat?.reason).toMatch(/^Outcomes no longer follow .* points more positives than expected\)\.$/);
    expect(flat?.labelledRowCount).toBe(flat?.rowCount);
  });

  it('cuts numbers into ranges of about equal reference counts, and nulls apart', () => {
    const rows = subscribers(4000, 'ranges');
    const { result } = conceptOf(rows, 'minutes');
    const segments = result.concept.segments ?? [];
    expect(segments.map(({ segment }) => segment)).toEqual([
      expect.stringMatching(/^below \d+/),
      expect.stringMatching(/^from \d\S+ to below \d/),
      expect.stringMatching(/^from \d\S+ to below \d/),
      expect.stringMatching(/^from \d\S+$/),
      '(null)',
    ]);
    expect(segments.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(4000);
    for (const { rowCount } of segments.slice(0, 4)) expect(Math.abs(rowCount - 950)).toBeLessThan(200);
    expect(segments.every(({ verdict }) => verdict === 'NO_DRIFT')).toBe(true);
  });

  it('says which segment lacks labels, and how many it takes', () => {
    const rows = subscribers(1500, 'few nulls');
    const { result } = conceptOf(rows, 'minutes');
    const nulls = result.concept.segments?.at(-1);
    expect(nulls).toMatchObject({ segment: '(null)', verdict: 'INSUFFICIENT_LABELS', ksStatistic: null });
    expect(nulls?.reason).toMatch(/^\d\d outcomes are known; it takes 100\.$/);
    const early = conceptOf(rows, 'plan', { labelled: 1200 }).result.concept;
    expect(early).toMatchObject({ verdict: 'INSUFFICIENT_LABELS', labelledRowCount: 1200, labelsNeeded: 1425 });
    expect(early.reason).toBe(
      'The outcomes of 1200 of 1500 predictions are known; it takes 1425, because those that come first are not like the rest.',
    );
    const none = conceptOf(rows, 'plan', { labelled: 0 }).result.concept;
    expect(none.reason).toBe('No outcome is known; it takes 100.');
  });

  it('corrects over the whole and all segments together', () => {
    const rows = subscribers(3000, 'unchanged');
    const whole = analyseDrift(profile, windowOf(profile, rows), DEFAULT_MONITORING_RULES, 0.5).result.concept;
    const { concept } = conceptOf(rows, 'plan').result;
    expect(concept.ksStatistic).toBe(whole.ksStatistic);
    expect(concept.ksPValue).toBeGreaterThanOrEqual(whole.ksPValue ?? NaN);
    expect(whole.segments).toBeUndefined();
  });

  it('is not misled by a model that was always wrong in a segment', () => {
    // The probabilities ignore the plan: far too high for flat, far too low for meter, then as now.
    const blind = (rows: Subscriber[]): Subscriber[] =>
      rows.map((row) => ({
        ...row,
        probability: row.features.plan === 'flat' ? row.probability ** 0.3 : row.probability,
      }));
    const reference = referenceOf(blind(subscribers(5000, 'blind reference')));
    const { result } = conceptOf(blind(subscribers(3000, 'blind')), 'plan', { reference });
    expect(result.concept.segments?.map(({ verdict }) => verdict)).toEqual(['NO_DRIFT', 'NO_DRIFT']);
  });

  it('says that it cannot where the profile is of before rows were kept, or does not know the feature', () => {
    const { rows: _rows, ...concept } = profile.concept;
    const found = conceptOf(subscribers(1500, 'old'), 'plan', { reference: { ...profile, concept } }).result.concept;
    expect(found.segments).toBeUndefined();
    expect(found.note).toMatch(/No segments: .* train the model again\.$/);
    const options = { segments: { feature: 'age', column: columnOf(subscribers(1500, 'old'), 'plan') } };
    const window = windowOf(profile, subscribers(1500, 'old'));
    const unknown = analyseDrift(profile, window, DEFAULT_MONITORING_RULES, 0.5, options).result.concept;
    expect(unknown.note).toMatch(/No segments/);
  });
});

describe('Confounded tests', () => {
  it('are made on request only, labelled, and no part of the verdict', () => {
    const rows = subscribers(3000, 'traffic', { minutes: 15 });
    const analyse = (confounded: boolean) =>
      analyseDrift(profile, windowOf(profile, rows), DEFAULT_MONITORING_RULES, 0.5, { confounded }).result.concept;
    expect(analyse(false).confounded).toBeUndefined();
    const { verdict, confounded } = analyse(true);
    expect(verdict).toBe('NO_DRIFT');
    expect(confounded?.map(({ measure }) => measure)).toEqual([
      'LOG_LOSS',
      'RESIDUAL',
      'SCORE_OF_POSITIVES',
      'SCORE_OF_NEGATIVES',
    ]);
    // Only the traffic has changed, and all but the losses alarm.
    expect(confounded?.filter(({ pValue }) => pValue < 0.001).length).toBeGreaterThanOrEqual(3);
  });

  it('leave out the class that a window lacks, and have nothing to say without labels', () => {
    const positives = subscribers(3000, 'positives').map((row) => ({ ...row, churned: true }));
    const of = (labelled: number) =>
      analyseDrift(profile, windowOf(profile, positives, labelled), DEFAULT_MONITORING_RULES, 0.5, { confounded: true })
        .result.concept.confounded;
    expect(of(3000)?.map(({ measure }) => measure)).toEqual(['LOG_LOSS', 'RESIDUAL', 'SCORE_OF_POSITIVES']);
    expect(of(0)).toEqual([]);
  });
});
