import fc from 'fast-check';
import type { Column } from '../../../src/columns';
import { analyseDrift, type CurrentWindow, driftCauses } from '../../../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../../../src/services/monitoring/monitoring-policy.service';
import { countBins } from '../../../src/services/statistics';
import { buildReferenceProfile, type ReferenceProfile } from '../../../src/services/training/reference-profile';

interface Row {
  readonly amount: number;
  readonly plan: string | null;
  readonly probability: number;
  readonly label: number;
  readonly id: string;
}

const amounts: readonly fc.Arbitrary<number>[] = [
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity),
  fc.constant(NaN),
  fc.constant(5),
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom(1.7e308, -1.7e308, 5e-324, 0, -0),
];
const plans: readonly fc.Arbitrary<string | null>[] = [
  fc.string(),
  fc.constant(null),
  fc.constant('flat'),
  fc.constantFrom('flat', 'meter', null, '(null)', '(other)'),
];
const probabilities: readonly fc.Arbitrary<number>[] = [
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 1),
  fc.constant(0.5),
];

/** Windows of one kind: all of a column constant, null, infinite … , or anything; of no, one or many rows. */
const rowsOf = (minLength: number): fc.Arbitrary<Row[]> =>
  fc
    .tuple(fc.constantFrom(...amounts), fc.constantFrom(...plans), fc.constantFrom(...probabilities), fc.boolean())
    .chain(([amount, plan, probability, alike]) =>
      fc.array(
        fc.record({
          amount,
          plan,
          probability,
          label: alike ? fc.constant(1) : fc.constantFrom(0, 1),
          id: fc.uuid(),
        }),
        { minLength, maxLength: 60, size: 'max' },
      ),
    );

const columnsOf = (rows: readonly Row[]): Column[] => [
  { name: 'amount', kind: 'NUMERIC', values: Float64Array.from(rows, ({ amount }) => amount) },
  { name: 'plan', kind: 'CATEGORICAL', values: rows.map(({ plan }) => plan) },
];
const scoresOf = (rows: readonly Row[]) => Float64Array.from(rows, ({ probability }) => probability);

const profileOf = (rows: readonly Row[]): ReferenceProfile =>
  buildReferenceProfile(
    { rowCount: rows.length, columns: columnsOf(rows) },
    scoresOf(rows),
    rows.map(({ label }) => label),
    rows.map(({ id }) => id),
  );

function windowOf(profile: ReferenceProfile, rows: readonly Row[], labelled: number): CurrentWindow {
  const known = rows.slice(0, labelled);
  const columns = columnsOf(rows);
  return {
    rowCount: rows.length,
    features: profile.features.map(({ bins }, index) => countBins(bins, columns[index])),
    prediction: countBins(profile.prediction.bins, { name: 'p', kind: 'NUMERIC', values: scoresOf(rows) }),
    labelled: {
      probabilities: scoresOf(known),
      labels: known.map(({ label }) => label),
      ids: known.map(({ id }) => id),
    },
  };
}

/** Every number that is in the value, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe('The analysis of odd windows', () => {
  it('always comes to verdicts with reasons, with finite numbers and without an exception', () => {
    const share = fc.constantFrom(0, 0.5, 1);
    const rules = fc.record({
      minimumRows: fc.constantFrom(1, 20, 200),
      minimumLabels: fc.constantFrom(1, 20),
      driftedShare: fc.constantFrom(null, 0.5),
      klThreshold: fc.constantFrom(1e-9, 0.1, 5),
    });
    const property = fc.property(
      rowsOf(1),
      rowsOf(0),
      share,
      rules,
      fc.boolean(),
      (then, now, known, chosen, byPlan) => {
        const profile = profileOf(then);
        const labelled = Math.round(known * now.length);
        const column = columnsOf(now.slice(0, labelled))[byPlan ? 1 : 0];
        const options = { segments: { feature: column.name, column }, confounded: true };
        const window = windowOf(profile, now, labelled);
        const { verdict, result } = analyseDrift(
          profile,
          window,
          { ...DEFAULT_MONITORING_RULES, ...chosen },
          0.5,
          options,
        );

        expect(['DRIFT', 'NO_DRIFT', 'INSUFFICIENT_DATA']).toContain(verdict);
        expect(numbersIn(result).filter((number) => !Number.isFinite(number))).toEqual([]);
        for (const { reason } of [
          ...result.features,
          result.prediction,
          result.concept,
          ...(result.concept.segments ?? []),
        ])
          expect(reason).toMatch(/^[A-Z\d].+\.$/s);
        expect(driftCauses(result).length > 0).toBe(verdict === 'DRIFT' || result.dataset!.driftedFeatureCount > 0);
        const tooFew = now.length < chosen.minimumRows && result.concept.verdict !== 'DRIFT';
        expect(tooFew && verdict !== 'INSUFFICIENT_DATA').toBe(false);
      },
    );
    fc.assert(property, { numRuns: 400 });
  });

  it('finds no drift of a reference against itself, whatever it holds', () => {
    fc.assert(
      fc.property(rowsOf(1), (rows) => {
        const profile = profileOf(rows);
        const rules = { ...DEFAULT_MONITORING_RULES, minimumRows: 1 };
        const { result } = analyseDrift(profile, windowOf(profile, rows, 0), rules, 0.5);
        expect(result.features.some(({ verdict }) => verdict === 'DRIFT')).toBe(false);
        expect(result.prediction.verdict).not.toBe('DRIFT');
        expect(result.inputQuality).toBe('NOT_DEGRADED');
      }),
    );
  });

  it('has reasons for a window of nothing: only the reference is there', () => {
    const rows = Array.from({ length: 50 }, (_, id) => ({
      amount: id,
      plan: 'flat',
      probability: id / 50,
      label: id % 2,
      id: `${id}`,
    }));
    const profile = profileOf(rows);
    const { verdict, result } = analyseDrift(profile, windowOf(profile, [], 0), DEFAULT_MONITORING_RULES, 0.5);
    expect(verdict).toBe('INSUFFICIENT_DATA');
    expect(result.features.map(({ verdict: found, reason }) => [found, reason])).toEqual([
      ['EMPTY', 'The window has no rows.'],
      ['EMPTY', 'The window has no rows.'],
    ]);
    expect(result.inputQuality).toBe('INSUFFICIENT_DATA');
    expect(result.concept.reason).toBe('No outcome is known; it takes 100.');
  });
});
