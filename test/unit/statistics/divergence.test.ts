import fc from 'fast-check';
import { jsDistance, jsDivergence, klDivergence, psi, smoothedProportions } from '../../../src/services/statistics';

const countPairs = fc
  .integer({ min: 1, max: 20 })
  .chain((bins) =>
    fc.tuple(...[0, 1].map(() => fc.array(fc.nat({ max: 1000 }), { minLength: bins, maxLength: bins }))),
  );

describe('divergences', () => {
  it('add half a count to every bin', () => {
    expect(smoothedProportions([0, 3, 5])).toEqual([0.5 / 9.5, 3.5 / 9.5, 5.5 / 9.5]);
  });

  it('follow their definitions on two bins', () => {
    const [p, q] = [
      [0.5, 0.5],
      [0.9, 0.1],
    ];
    expect(klDivergence(p, q)).toBeCloseTo(0.5 * Math.log(0.5 / 0.9) + 0.5 * Math.log(0.5 / 0.1), 15);
    expect(psi(p, q)).toBeCloseTo(klDivergence(p, q) + klDivergence(q, p), 14);
    expect(jsDivergence(p, q)).toBeCloseTo((klDivergence(p, [0.7, 0.3]) + klDivergence(q, [0.7, 0.3])) / 2, 15);
  });

  it('are infinite, or at their maximum ln 2, for windows that share no bin', () => {
    expect(klDivergence([1, 0], [0, 1])).toBe(Infinity);
    expect(psi([1, 0], [0, 1])).toBe(Infinity);
    expect(jsDivergence([1, 0], [0, 1])).toBeCloseTo(Math.LN2, 15);
    expect(jsDistance([1, 0], [0, 1])).toBeCloseTo(0.8325546111576977, 15);
  });

  it('are 0 for equal windows, never negative, and JS is symmetric and bounded', () => {
    fc.assert(
      fc.property(countPairs, ([a, b]) => {
        const [p, q] = [smoothedProportions(a), smoothedProportions(b)];
        expect([klDivergence(p, p), jsDivergence(p, p), psi(p, p)]).toEqual([0, 0, 0]);
        expect(klDivergence(p, q)).toBeGreaterThanOrEqual(0);
        expect(psi(p, q)).toBeGreaterThanOrEqual(0);
        expect(jsDivergence(p, q)).toBeCloseTo(jsDivergence(q, p), 14);
        expect(jsDivergence(p, q)).toBeLessThanOrEqual(Math.LN2);
        expect(jsDistance(p, q) ** 2).toBeCloseTo(jsDivergence(p, q), 14);
      }),
    );
  });

  it('refuse windows without bins or with other bins', () => {
    expect(() => klDivergence([], [])).toThrow('p: has no bins.');
    expect(() => jsDistance([1], [0.5, 0.5])).toThrow('q: has 2 bins where p has 1.');
  });
});
