import fc from 'fast-check';
import { ksTwoSample } from '../../../src/services/statistics';
import { exactKsSurvival } from '../../../src/services/statistics/exact-ks-survival';

/** Share of all ways to deal the pooled ranks to samples of n1 and n2 whose D is at least the given one: the definition of the exact p. */
function enumeratedP(n1: number, n2: number, statistic: number): number {
  let total = 0;
  let reached = 0;
  const walk = (i: number, j: number, largest: number): void => {
    const gap = Math.max(largest, Math.abs(i / n1 - j / n2));
    if (i === n1 && j === n2) {
      total++;
      if (gap >= statistic - 1e-12) reached++;
      return;
    }
    if (i < n1) walk(i + 1, j, gap);
    if (j < n2) walk(i, j + 1, gap);
  };
  walk(0, 0, 0);
  return reached / total;
}

/** Viehmann's recursion as he gives it, column after column over the whole lattice. */
function columnwiseP(n1: number, n2: number, divisor: number, gap: number): number {
  const outside = (x: number, y: number): boolean => Math.abs(x * (n2 / divisor) - y * (n1 / divisor)) >= gap;
  const column = new Float64Array(n2 + 1);
  for (let x = 0; x <= n1; x++)
    for (let y = 0; y <= n2; y++) {
      const left = x === 0 ? 0 : column[y] * x;
      const below = y === 0 ? 0 : column[y - 1] * y;
      column[y] = outside(x, y) ? 1 : x + y === 0 ? 0 : (left + below) / (x + y);
    }
  return column[n2];
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

describe('ksTwoSample', () => {
  it('gives the exact p of every split of small samples', () => {
    const sample = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 16 });
    fc.assert(
      fc.property(sample, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, share) => {
        const cut = Math.min(values.length - 1, Math.max(1, Math.floor(values.length * share)));
        const [a, b] = [Float64Array.from(values.slice(0, cut)), Float64Array.from(values.slice(cut))];
        const { statistic, pValue } = ksTwoSample(a, b);
        expect(pValue).toBeCloseTo(enumeratedP(a.length, b.length, statistic), 12);
      }),
    );
  });

  it('is symmetric, indifferent to order, and does not change its samples', () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const first = Float64Array.from(a);
        const result = ksTwoSample(first, Float64Array.from(b));
        expect([...first]).toEqual(a);
        expect(ksTwoSample(Float64Array.from(b), first.toReversed()).statistic).toBe(result.statistic);
      }),
    );
  });

  it('counts the lattice paths of sizes with and without a common divisor as a walk over all columns does', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, fc.double({ min: 0, max: 1, noNaN: true }), (n1, n2, share) => {
        const divisor = greatestCommonDivisor(n1, n2);
        const gap = Math.max(1, Math.round((share * n1 * n2) / divisor));
        const p = exactKsSurvival(n1, n2, divisor, gap);
        expect(p / columnwiseP(n1, n2, divisor, gap)).toBeCloseTo(1, 11);
      }),
    );
  });

  it('answers 0 where p is below the smallest double, and not before', () => {
    expect(exactKsSurvival(9000, 5000, 1000, 40_000)).toBe(0);
    expect(exactKsSurvival(9000, 5000, 1000, 12_000)).toBeGreaterThan(0);
  });

  it('takes infinities as values', () => {
    const { statistic } = ksTwoSample(
      Float64Array.of(-Infinity, 0, Infinity),
      Float64Array.of(Infinity, Infinity, Infinity),
    );
    expect(statistic).toBeCloseTo(2 / 3, 15);
  });

  it('finds p = 1 for equal samples and D = 1 for separate ones', () => {
    const values = Float64Array.of(1, 2, 3);
    expect(ksTwoSample(values, values)).toEqual({ statistic: 0, pValue: 1, method: 'exact' });
    expect(ksTwoSample(values, Float64Array.of(7, 8))).toEqual({
      statistic: 1,
      pValue: expect.closeTo(0.2, 15),
      method: 'exact',
    });
  });

  it('refuses empty samples and nulls', () => {
    expect(() => ksTwoSample(Float64Array.of(), Float64Array.of(1))).toThrow('a: the sample is empty.');
    expect(() => ksTwoSample(Float64Array.of(1), Float64Array.of(1, NaN))).toThrow('b: the sample has nulls (NaN).');
  });
});
