import fc from 'fast-check';
import { holm } from '../../../src/services/statistics';

describe('Holm adjustment', () => {
  it('multiplies the smallest p by the number of tests, the next by one fewer, and keeps their order', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((expected, i) => expect(adjusted[i]).toBeCloseTo(expected, 15));
    expect(holm([])).toEqual([]);
  });

  it('lies between the p-value and its Bonferroni correction, and never reorders', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (pValues) => {
        const adjusted = holm(pValues);
        pValues.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * pValues.length));
          pValues.forEach((other, j) => expect(p < other && adjusted[i] > adjusted[j]).toBe(false));
        });
      }),
    );
  });
});
