import fc from 'fast-check';
import { findBestSplit, type LeafSums, type SplitLimits } from '../../../src/services/training/best-split.math';
import { BIN_STRIDE } from '../../../src/services/training/histogram';

type Bin = readonly [gradient: number, hessian: number, count: number];

const LIMITS: SplitLimits = { l2: 1, minRowsPerLeaf: 1, minHessianPerLeaf: 1e-3 };

/** Columns as lists of bins, the last one for missing values. */
function bestOf(columns: readonly (readonly Bin[])[], limits = LIMITS) {
  const histogram = new Float64Array(BIN_STRIDE * columns.flat().length);
  columns.flat().forEach((bin, i) => histogram.set(bin, BIN_STRIDE * i));
  const offsets = Int32Array.from([0, ...columns.map((_, i) => columns.slice(0, i + 1).flat().length)]);
  return findBestSplit(histogram, offsets, sumsOf(columns[0]), limits);
}

const sumsOf = (bins: readonly Bin[]): LeafSums => ({
  gradient: bins.reduce((sum, [gradient]) => sum + gradient, 0),
  hessian: bins.reduce((sum, [, hessian]) => sum + hessian, 0),
  count: bins.reduce((sum, [, , count]) => sum + count, 0),
});

const NO_MISSING: Bin = [0, 0, 0];

describe('The best split of a leaf', () => {
  it('has the greatest gain by hand', () => {
    // Candidates: {−2} | {1, 3}: 4/2 + 16/3 − 4/4 = 6.33; {−2, 1} | {3}: 1/3 + 9/2 − 4/4 = 3.83.
    const split = bestOf([[[-2, 1, 4], [1, 1, 4], [3, 1, 4], NO_MISSING]]);
    expect(split).toEqual({
      column: 0,
      bin: 0,
      missingGoesLeft: false,
      gain: expect.closeTo(4 / 2 + 16 / 3 - 4 / 4, 12),
      left: { gradient: -2, hessian: 1, count: 4 },
      right: { gradient: 4, hessian: 2, count: 8 },
    });
  });

  it('is looked for in every column', () => {
    const flat: Bin[] = [[1, 1.5, 6], [1, 1.5, 6], NO_MISSING];
    const steep: Bin[] = [[-3, 1.5, 6], [5, 1.5, 6], NO_MISSING];
    expect(bestOf([flat, steep])).toMatchObject({ column: 1, bin: 0 });
    expect(bestOf([steep, flat])).toMatchObject({ column: 0, bin: 0 });
    expect(bestOf([steep, steep])).toMatchObject({ column: 0 });
  });

  it('sends missing values to the side where they gain more', () => {
    const like = (missing: number): Bin[] => [
      [-4, 1, 4],
      [4, 1, 4],
      [missing, 1, 4],
    ];
    expect(bestOf([like(-4)])).toMatchObject({ bin: 0, missingGoesLeft: true, left: { gradient: -8, count: 8 } });
    expect(bestOf([like(4)])).toMatchObject({ bin: 0, missingGoesLeft: false, right: { gradient: 8, count: 8 } });
  });

  it('can part missing values from all others', () => {
    expect(
      bestOf([
        [
          [-2, 1, 4],
          [-2, 1, 4],
          [4, 1, 4],
        ],
      ]),
    ).toMatchObject({
      bin: 1,
      missingGoesLeft: false,
      left: { gradient: -4, count: 8 },
      right: { gradient: 4, count: 4 },
    });
  });

  it('lets missing values follow the greater child where the leaf has none', () => {
    expect(bestOf([[[-2, 1, 9], [2, 1, 4], NO_MISSING]])).toMatchObject({ missingGoesLeft: true });
    expect(bestOf([[[-2, 1, 4], [2, 1, 9], NO_MISSING]])).toMatchObject({ missingGoesLeft: false });
  });

  it('leaves both children enough rows and enough hessian', () => {
    const bins: Bin[] = [[-9, 0.5, 2], [1, 0.6, 10], [1, 1, 10], NO_MISSING];
    expect(bestOf([bins])).toMatchObject({ bin: 0 });
    expect(bestOf([bins], { ...LIMITS, minRowsPerLeaf: 3 })).toMatchObject({ bin: 1 });
    expect(bestOf([bins], { ...LIMITS, minRowsPerLeaf: 11 })).toBeNull();
    expect(bestOf([bins], { ...LIMITS, minHessianPerLeaf: 1 })).toMatchObject({ bin: 1 });
    expect(bestOf([bins], { ...LIMITS, minHessianPerLeaf: 1.05 })).toBeNull();
  });

  it('is none where nothing is gained', () => {
    expect(bestOf([[[1, 1, 5], NO_MISSING]])).toBeNull();
    expect(bestOf([[[1, 1, 5], [1, 1, 5], NO_MISSING]], { ...LIMITS, l2: 0 })).toBeNull();
  });

  it('is the best of all candidates that can be listed', () => {
    const bin = fc.tuple(
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 5 }),
    );
    fc.assert(
      fc.property(fc.array(bin, { minLength: 3, maxLength: 7 }), (bins) => {
        const present = bins.slice(0, -1);
        const missing = bins.at(-1)!;
        const leaf = sumsOf(bins);
        const score = ({ gradient, hessian }: LeafSums) => gradient ** 2 / (hessian + 1);
        const gains = present.flatMap((_, last) =>
          [present.slice(0, last + 1), [...present.slice(0, last + 1), missing]].map((leftBins) => {
            const left = sumsOf(leftBins);
            const right = {
              gradient: leaf.gradient - left.gradient,
              hessian: leaf.hessian - left.hessian,
              count: leaf.count - left.count,
            };
            const allowed = [left, right].every(({ hessian, count }) => count >= 1 && hessian >= 1e-3);
            return allowed ? score(left) + score(right) - score(leaf) : 0;
          }),
        );
        const best = Math.max(...gains);
        // A histogram with gradients in bins of no rows cannot occur.
        fc.pre(bins.every(([gradient, hessian, count]) => count > 0 || (gradient === 0 && hessian === 0)));
        expect(bestOf([bins])?.gain ?? 0).toBeCloseTo(best > 1e-9 ? best : 0, 9);
      }),
    );
  });
});
