import fc from 'fast-check';
import { binFeatures } from '../../../src/services/training/feature-binning';
import { leafWeight } from '../../../src/services/training/predict-ensemble';
import { type GrownTree, TreeBuilder, type TreeParameters } from '../../../src/services/training/tree-builder';

const PARAMETERS: TreeParameters = {
  numLeaves: 8,
  learningRate: 1,
  l2: 1,
  minRowsPerLeaf: 1,
  minHessianPerLeaf: 1e-3,
};
const allRows = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

function grow(
  matrix: number[],
  width: number,
  gradients: number[],
  parameters: Partial<TreeParameters> = {},
): GrownTree {
  const rows = allRows(gradients.length);
  const builder = new TreeBuilder(binFeatures(Float32Array.from(matrix), width, rows), {
    ...PARAMETERS,
    ...parameters,
  });
  return builder.grow(rows, Float64Array.from(gradients), new Float64Array(gradients.length).fill(1));
}

describe('Growing a tree', () => {
  it('splits where the gradients part, and weights leaves by −rate · G / (H + λ)', () => {
    const { tree, gains } = grow([1, 2, 3, 4], 1, [-1, -1, 1, 1], { numLeaves: 2, learningRate: 0.5 });
    expect([...tree.features]).toEqual([0, -1, -1]);
    expect(tree.thresholds[0]).toBe(2.5);
    expect([tree.lefts[0], tree.rights[0]]).toEqual([1, 2]);
    expect(tree.weights[1]).toBeCloseTo((0.5 * 2) / 3, 6);
    expect(tree.weights[2]).toBeCloseTo((-0.5 * 2) / 3, 6);
    // G²/(H+λ): 4/3 + 4/3 − 0.
    expect(gains[0]).toBeCloseTo(8 / 3, 12);
  });

  it('splits the leaf that gains most first', () => {
    // The root parts at 2.5; of its children {−5, −1} gains more than {3, 3.5}.
    const { tree } = grow([1, 2, 3, 4], 1, [-5, -1, 3, 3.5], { numLeaves: 3, l2: 0 });
    expect([...tree.features]).toEqual([0, 0, -1, -1, -1]);
    expect([tree.thresholds[0], tree.thresholds[1]]).toEqual([2.5, 1.5]);
    expect([tree.lefts[1], tree.rights[1]]).toEqual([3, 4]);
    expect([...tree.weights.slice(2)]).toEqual([-3.25, 5, 1]);
  });

  it('stops at the number of leaves, or where no split gains', () => {
    const gradients = [-4, -2, 1, 3, 5, 9];
    const leavesOf = (numLeaves: number) => grow([1, 2, 3, 4, 5, 6], 1, gradients, { numLeaves, l2: 0 }).leaves.length;
    expect([2, 4, 6, 50].map(leavesOf)).toEqual([2, 4, 6, 6]);
    expect(grow([1, 1, 1], 1, [1, 1, 1]).leaves).toHaveLength(1);
  });

  it('sends missing values to their better side', () => {
    const left = grow([1, 2, NaN], 1, [-3, 3, -3], { numLeaves: 2 }).tree;
    const right = grow([1, 2, NaN], 1, [-3, 3, 3], { numLeaves: 2 }).tree;
    expect([left.missingGoesLeft[0], right.missingGoesLeft[0]]).toEqual([1, 0]);
  });

  it('can part missing values from all present ones, however great', () => {
    const { tree } = grow([1, 2, NaN], 1, [-3, -3, 3], { numLeaves: 2 });
    const weightOf = (value: number) => leafWeight(tree, Float32Array.of(value), 0);
    expect(weightOf(3.4028234663852886e38)).toBe(weightOf(1));
    expect(weightOf(NaN)).not.toBe(weightOf(1));
  });

  it('grows the same tree again from the same builder', () => {
    const matrix = Float32Array.from({ length: 600 }, (_, i) => Math.sin(i * i));
    const gradients = Float64Array.from({ length: 200 }, (_, i) => Math.cos(i));
    const hessians = new Float64Array(200).fill(0.25);
    const builder = new TreeBuilder(binFeatures(matrix, 3, allRows(200)), PARAMETERS);
    const first = builder.grow(allRows(200), gradients, hessians);
    builder.grow(allRows(200), gradients.toReversed(), hessians);
    expect(builder.grow(allRows(200), gradients, hessians)).toEqual(first);
  });

  it('puts every row into the leaf that the finished tree sends it to, whose sums are those of its rows', () => {
    const value = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(NaN));
    const rows = fc.array(fc.tuple(value, value, fc.integer({ min: -9, max: 9 })), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 10 }), fc.integer({ min: 1, max: 4 }), (data, numLeaves, minRows) => {
        const matrix = data.flatMap(([a, b]) => [a, b]);
        const gradients = data.map(([, , gradient]) => gradient);
        const { tree, leaves } = grow(matrix, 2, gradients, { numLeaves, minRowsPerLeaf: minRows });
        const seen = leaves.flatMap(({ rows: leafRows }) => [...leafRows]);
        expect(seen.toSorted((a, b) => a - b)).toEqual([...allRows(data.length)]);
        expect(leaves.length).toBeLessThanOrEqual(numLeaves);
        for (const { node, rows: leafRows } of leaves) {
          const gradient = leafRows.reduce((sum, row) => sum + gradients[row], 0);
          expect(tree.weights[node]).toBeCloseTo(-gradient / (leafRows.length + 1), 5);
          expect(leafRows.length).toBeGreaterThanOrEqual(leaves.length > 1 ? minRows : data.length);
          for (const row of leafRows) {
            expect(leafWeight(tree, Float32Array.from(matrix), 2 * row)).toBe(tree.weights[node]);
          }
        }
      }),
    );
  });
});
