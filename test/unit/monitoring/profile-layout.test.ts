import fc from 'fast-check';
import type { Column } from '../../../src/columns';
import { ProfileLayout } from '../../../src/services/monitoring/live/profile-layout';
import { type BinSpec, countBins, referenceBins } from '../../../src/services/statistics';
import type { ReferenceProfile } from '../../../src/services/training';

/** Awkward numbers among many equal ones: quantile edges coincide, and values lie on them. */
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(0, -0, Infinity, -Infinity, NaN, Number.MAX_VALUE, Number.MIN_VALUE),
);
const level = fc.oneof(fc.constantFrom('a', 'b', '', '(null)', 'constructor', '__proto__'), fc.string());
const numbers = fc.array(fc.option(number), { maxLength: 60 });
const levels = fc.array(fc.option(level), { maxLength: 60 });

const numeric = (values: readonly (number | null)[]): Column => ({
  name: 'x',
  kind: 'NUMERIC',
  values: Float64Array.from(values, (value) => value ?? NaN),
});
const categorical = (values: readonly (string | null)[]): Column => ({
  name: 'plan',
  kind: 'CATEGORICAL',
  values: [...values],
});

const none = { bins: [], nullCount: 0 };
const profileOf = (x: BinSpec, plan: BinSpec): ReferenceProfile =>
  ({
    formatVersion: 1,
    rowCount: 0,
    features: [
      { name: 'x', bins: x, counts: none },
      { name: 'plan', bins: plan, counts: none },
    ],
    prediction: { bins: { kind: 'NUMERIC', edges: [0, 0.25, 0.5, 0.5] }, counts: none },
  }) as unknown as ReferenceProfile;
const signature = (x: 'DOUBLE' | 'STRING' = 'DOUBLE') => ({
  inputs: [
    { name: 'x', dtype: x },
    { name: 'plan', dtype: 'STRING' as const },
  ],
});

test('a row falls into the slots that the log’s windows count it in, whatever the edges and the values', () => {
  fc.assert(
    fc.property(numbers, levels, numbers, levels, (referenceX, referencePlan, xs, plans) => {
      const x = referenceBins(numeric(referenceX), 8);
      const plan = referenceBins(categorical(referencePlan));
      const profile = profileOf(x, plan);
      const layout = new ProfileLayout(profile, signature());
      const rows = Array.from({ length: Math.max(xs.length, plans.length) }, (_, index) => ({
        features: { x: xs[index] ?? null, plan: plans[index] ?? null },
        probability: (index % 8) / 7,
      }));
      const counts = new Float64Array(layout.slotCount);
      for (const row of rows) layout.add(counts, row);
      expect(layout.windowOf(counts)).toMatchObject({
        rowCount: rows.length,
        features: [
          countBins(x, numeric(rows.map(({ features }) => features.x))),
          countBins(plan, categorical(rows.map(({ features }) => features.plan))),
        ],
        prediction: countBins(profile.prediction.bins, numeric(rows.map(({ probability }) => probability))),
      });
    }),
  );
});

test('a profile of other features than the signature’s is refused', () => {
  const bins: BinSpec = { kind: 'NUMERIC', edges: [] };
  expect(() => new ProfileLayout(profileOf(bins, bins), signature())).toThrow(/plan is not the one of the signature/);
  expect(() => new ProfileLayout(profileOf(bins, { kind: 'CATEGORICAL', levels: [] }), { inputs: [] })).toThrow(
    /x is not the one/,
  );
});
