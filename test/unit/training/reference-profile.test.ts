import fc from 'fast-check';
import type { ColumnTable } from '../../../src/columns';
import type { ModelSignature } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import { checkReferenceProfile } from '../../../src/services/training/check-reference-profile';
import {
  buildReferenceProfile,
  parseReferenceProfile,
  serializeReferenceProfile,
} from '../../../src/services/training/reference-profile';
import { referenceOf, subscribers } from '../../support/subscribers';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Held-out rows as training gives them: values of every kind, nulls among them, labels and probabilities. */
const heldOutRows = fc.array(
  fc.record({
    amount: fc.oneof(fc.double(), fc.integer({ min: 0, max: 9 }), fc.constant(NaN)),
    plan: fc.oneof(fc.string(), fc.constantFrom('flat', 'meter'), fc.constant(null)),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    label: fc.constantFrom(0, 1),
    id: fc.uuid(),
  }),
  { minLength: 1, maxLength: 200 },
);

const SIGNATURE: ModelSignature = {
  inputs: [
    { name: 'amount', dtype: 'DOUBLE' },
    { name: 'plan', dtype: 'STRING' },
  ],
};

describe('A reference profile', () => {
  it('counts every row once for every feature and the predictions, and comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(heldOutRows, (rows) => {
        const table: ColumnTable = {
          rowCount: rows.length,
          columns: [
            { name: 'amount', kind: 'NUMERIC', values: Float64Array.from(rows, ({ amount }) => amount) },
            { name: 'plan', kind: 'CATEGORICAL', values: rows.map(({ plan }) => plan) },
          ],
        };
        const profile = buildReferenceProfile(
          table,
          Float64Array.from(rows, ({ probability }) => probability),
          rows.map(({ label }) => label),
          rows.map(({ id }) => id),
        );
        for (const { counts } of [...profile.features, profile.prediction])
          expect(sum(counts.bins) + counts.nullCount).toBe(rows.length);
        expect(profile.features.map(({ name }) => name)).toEqual(['amount', 'plan']);
        expect(profile.concept.pit).toHaveLength(rows.length);
        expect(profile.concept.pit.every((transform) => transform >= 0 && transform <= 1)).toBe(true);
        const bytes = serializeReferenceProfile(profile);
        expect(parseReferenceProfile(bytes)).toEqual(profile);
        expect(checkReferenceProfile(bytes, SIGNATURE)).toEqual(profile);
      }),
    );
  });

  it('keeps at most 5,000 transforms, taken evenly from all rows', () => {
    const rows = subscribers(12_000, 'many');
    const all = referenceOf(rows.slice(0, 5000)).concept.pit;
    expect(all).toHaveLength(5000);
    const { rowCount, concept } = referenceOf(rows);
    expect([rowCount, concept.pit.length]).toEqual([12_000, 5000]);
    const mean = sum([...concept.pit]) / 5000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it('is refused when it was written in a format that is not known', () => {
    const bytes = new TextEncoder().encode('{"formatVersion":2}');
    expect(() => parseReferenceProfile(bytes)).toThrow(InvalidInput);
    expect(() => parseReferenceProfile(bytes)).toThrow(/format 2 is not known here; train the model again/);
  });
});
