import fc from 'fast-check';
import {
  chiSquareQuantile,
  chiSquareSurvival,
  kolmogorovSurvival,
  normalSurvival,
} from '../../../src/services/statistics';

describe('χ² and normal distributions', () => {
  it('take the quantile back to its probability', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -200, max: -0.01, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (logP, degrees) => {
          const p = Math.exp(logP);
          expect(chiSquareSurvival(chiSquareQuantile(p, degrees), degrees) / p).toBeCloseTo(1, 6);
        },
      ),
    );
  });

  it('treat zero degrees of freedom as the constant 0', () => {
    expect([chiSquareSurvival(0, 0), chiSquareSurvival(1e-9, 0)]).toEqual([1, 0]);
  });

  it('give 1 and 0 at the ends of the axis', () => {
    expect([chiSquareSurvival(-1, 3), chiSquareSurvival(Infinity, 3)]).toEqual([1, 0]);
    expect([normalSurvival(-Infinity), normalSurvival(0), normalSurvival(Infinity)]).toEqual([1, 0.5, 0]);
  });
});

describe('Kolmogorov distribution', () => {
  it('falls from 1 to 0 without a jump where its formulas meet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, d) => {
        const p = kolmogorovSurvival(n, d);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(kolmogorovSurvival(n, Math.min(1, d + 1e-3))).toBeLessThanOrEqual(p + 1e-9);
      }),
    );
  });
});
