import fc from 'fast-check';
import {
  binnedWasserstein,
  chiSquareHomogeneity,
  countBins,
  hellingerDistance,
  referenceBins,
  SeededRandom,
  shareIncreasePValue,
  smoothedProportions,
} from '../../../src/services/statistics';
import { categoricalColumn, numericColumn } from './columns';

const normals = (seed: string, count: number, shift = 0) => {
  const random = new SeededRandom(seed);
  return numericColumn(Array.from({ length: count }, () => random.normal() + shift));
};

describe('binnedWasserstein', () => {
  it('measures a shift in standard deviations, about as the values themselves would', () => {
    const reference = normals('reference', 20_000);
    const spec = referenceBins(reference);
    const distanceOf = (shift: number) =>
      binnedWasserstein(spec, countBins(spec, reference), countBins(spec, normals('shifted', 20_000, shift)));
    expect(distanceOf(0)).toBeLessThan(0.02);
    expect(distanceOf(0.5)).toBeGreaterThan(0.45);
    expect(distanceOf(0.5)).toBeLessThan(0.55);
  });

  it('is exact where rows are spread evenly in their bins', () => {
    // From uniform on [0, 2] to uniform on [1, 2]: F − G = −x/2 … 0, the area is ½, the deviation of the first 2/√12.
    const spec = { kind: 'NUMERIC', edges: [0, 1, 2] } as const;
    const counts = (bins: number[]) => ({ bins, nullCount: 3 });
    const distance = binnedWasserstein(spec, counts([0, 5, 5, 0]), counts([0, 0, 8, 0]));
    expect(distance).toBeCloseTo(0.5 / (2 / Math.sqrt(12)), 12);
    // Where the distribution functions cross inside a bin: ∫|F − G| of [.5, .5] against [0, 1, 0] masses at the ends.
    const crossing = binnedWasserstein(
      { kind: 'NUMERIC', edges: [0, 1] },
      { bins: [0, 10, 0], nullCount: 0 },
      { bins: [5, 0, 5], nullCount: 0 },
    );
    expect(crossing).toBeCloseTo(0.25 / (1 / Math.sqrt(12)), 12);
  });

  it('has nothing to say of categories, constants, empty windows and ranges that overflow', () => {
    const category = categoricalColumn(['a', 'b']);
    const spec = referenceBins(category);
    expect(binnedWasserstein(spec, countBins(spec, category), countBins(spec, category))).toBeNull();
    const constant = referenceBins(numericColumn([5, 5]));
    const counts = countBins(constant, numericColumn([5, 5, 6]));
    expect(binnedWasserstein(constant, counts, counts)).toBeNull();
    const wide = referenceBins(numericColumn([-1.7e308, 0, 1.7e308]));
    expect(
      binnedWasserstein(wide, countBins(wide, numericColumn([0])), { bins: [1, 0, 0, 0], nullCount: 0 }),
    ).toBeNull();
    const none = { bins: [0, 0, 0], nullCount: 4 };
    expect(binnedWasserstein({ kind: 'NUMERIC', edges: [0, 1] }, none, none)).toBeNull();
  });
});

describe('chiSquareHomogeneity', () => {
  it('is 1 for one constant and null for an empty window', () => {
    expect(chiSquareHomogeneity([0, 900], [0, 7])).toBe(1);
    expect(chiSquareHomogeneity([0, 900], [0, 0])).toBeNull();
    expect(() => chiSquareHomogeneity([1], [1, 2])).toThrow(/current: has 2 bins/);
  });

  it('is a probability, and the same from either side', () => {
    const counts = fc.array(fc.nat({ max: 500 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const p = chiSquareHomogeneity(a, b);
        fc.pre(p !== null);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(chiSquareHomogeneity(b, a)).toBeCloseTo(p ?? NaN, 10);
      }),
    );
  });
});

describe('hellingerDistance', () => {
  it('lies between 0 for equal and 1 for separate windows, from either side the same', () => {
    expect(hellingerDistance([1, 0], [0, 1])).toBe(1);
    const counts = fc.array(fc.nat({ max: 500 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [p, q] = [smoothedProportions(a), smoothedProportions(b)];
        expect(hellingerDistance(p, p)).toBe(0);
        expect(hellingerDistance(p, q)).toBeCloseTo(hellingerDistance(q, p), 14);
        expect(hellingerDistance(p, q)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('shareIncreasePValue', () => {
  it('is 1 where the share has not risen or a window is empty', () => {
    expect(shareIncreasePValue({ count: 5, rows: 50 }, { count: 10, rows: 100 })).toBe(1);
    expect(shareIncreasePValue({ count: 0, rows: 0 }, { count: 10, rows: 100 })).toBe(1);
    expect(shareIncreasePValue({ count: 1, rows: 3 }, { count: 0, rows: 0 })).toBe(1);
    expect(() => shareIncreasePValue({ count: 4, rows: 3 }, { count: 0, rows: 1 })).toThrow(/reference: 4 of 3/);
  });

  it('is a probability that falls as the share rises', () => {
    const rows = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(rows, rows, fc.nat({ max: 2000 }), fc.nat({ max: 2000 }), (n1, n2, a, b) => {
        const reference = { count: Math.min(a, n1), rows: n1 };
        const less = shareIncreasePValue(reference, { count: Math.min(b, n2 - 1), rows: n2 });
        const more = shareIncreasePValue(reference, { count: Math.min(b, n2 - 1) + 1, rows: n2 });
        expect(more).toBeGreaterThanOrEqual(0);
        expect(less).toBeLessThanOrEqual(1);
        expect(more).toBeLessThanOrEqual(less * (1 + 1e-9));
      }),
    );
  });
});
