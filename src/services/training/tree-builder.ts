import type { DecisionTree } from '../onnx';
import { findBestSplit, type LeafSums, type Split, type SplitLimits } from './best-split.math';
import type { BinnedFeatures } from './feature-binning';
import { BIN_STRIDE, createHistogram, fillHistogram, type Histogram, subtractHistogram } from './histogram';

export interface TreeParameters extends SplitLimits {
  readonly numLeaves: number;
  readonly learningRate: number;
}

export interface GrownTree {
  readonly tree: DecisionTree;
  /** Gain of each node's split, 0 for leaves. */
  readonly gains: Float64Array;
  /** Every leaf's node and the rows that ended there. */
  readonly leaves: readonly { readonly node: number; readonly rows: Uint32Array }[];
}

interface OpenLeaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly sums: LeafSums;
  /** Null for a leaf that will not be split. */
  readonly histogram: Histogram | null;
  readonly split: Split | null;
}

/** The tree's arrays while it grows; index 0 is the root. */
interface GrowingTree {
  readonly features: number[];
  readonly thresholds: number[];
  readonly missingGoesLeft: number[];
  readonly lefts: number[];
  readonly rights: number[];
  readonly weights: number[];
  readonly gains: number[];
}

/** Above every present value: sends missing values alone to the right. Not Infinity, which some ONNX runtimes and JSON do not carry. */
const ABOVE_ALL = 3.4028234663852886e38;

/** Grows regression trees on gradients and hessians, best split first, over features that were binned once for all trees. */
export class TreeBuilder {
  private readonly spareHistograms: Histogram[] = [];
  private readonly partitionBuffer: Uint32Array;

  constructor(
    private readonly binned: BinnedFeatures,
    private readonly parameters: TreeParameters,
  ) {
    this.partitionBuffer = new Uint32Array(binned.rowCount);
  }

  /**
   * @param trainingRows the rows to grow on
   * @param gradients first derivatives of the loss by row of the binned features
   * @param hessians second derivatives, likewise
   */
  grow(trainingRows: Uint32Array, gradients: Float64Array, hessians: Float64Array): GrownTree {
    // A copy, kept in such an order that the rows of each leaf lie together.
    const rows = trainingRows.slice();
    const growing: GrowingTree = {
      features: [],
      thresholds: [],
      missingGoesLeft: [],
      lefts: [],
      rights: [],
      weights: [],
      gains: [],
    };
    const build = (histogram: Histogram, start: number, end: number) =>
      fillHistogram(histogram, this.binned, gradients, hessians, rows.subarray(start, end));

    const rootHistogram = this.takeHistogram();
    build(rootHistogram, 0, rows.length);
    const leaves = [this.openLeaf(growing, 0, rows.length, this.totals(rootHistogram), rootHistogram)];

    while (leaves.length < this.parameters.numLeaves) {
      const index = mostGainful(leaves);
      const parent = leaves[index];
      if (!parent?.split || !parent.histogram) break;
      const middle = this.partition(rows, parent.start, parent.end, parent.split);
      const isLastSplit = leaves.length + 1 === this.parameters.numLeaves;
      const [leftHistogram, rightHistogram] = isLastSplit
        ? [null, null]
        : this.childHistograms(parent.histogram, parent.start, middle, parent.end, build);
      const left = this.openLeaf(growing, parent.start, middle, parent.split.left, leftHistogram);
      const right = this.openLeaf(growing, middle, parent.end, parent.split.right, rightHistogram);
      this.closeParent(growing, parent.node, parent.split, left.node, right.node);
      leaves.splice(index, 1, left, right);
      if (isLastSplit) this.spareHistograms.push(parent.histogram);
    }
    for (const { histogram } of leaves) if (histogram) this.spareHistograms.push(histogram);
    return {
      tree: frozenTree(growing),
      gains: Float64Array.from(growing.gains),
      leaves: leaves.map(({ node, start, end }) => ({ node, rows: rows.subarray(start, end) })),
    };
  }

  private openLeaf(
    growing: GrowingTree,
    start: number,
    end: number,
    sums: LeafSums,
    histogram: Histogram | null,
  ): OpenLeaf {
    const { l2, learningRate } = this.parameters;
    const node = growing.features.length;
    growing.features.push(-1);
    growing.thresholds.push(0);
    growing.missingGoesLeft.push(0);
    growing.lefts.push(0);
    growing.rights.push(0);
    growing.weights.push((-learningRate * sums.gradient) / (sums.hessian + l2));
    growing.gains.push(0);
    const split = histogram && findBestSplit(histogram, this.binned.histogramOffsets, sums, this.parameters);
    return { node, start, end, sums, histogram, split };
  }

  private closeParent(growing: GrowingTree, node: number, split: Split, left: number, right: number): void {
    const limits = this.binned.thresholds[split.column];
    growing.features[node] = split.column;
    growing.thresholds[node] = split.bin < limits.length ? limits[split.bin] : ABOVE_ALL;
    growing.missingGoesLeft[node] = split.missingGoesLeft ? 1 : 0;
    growing.lefts[node] = left;
    growing.rights[node] = right;
    growing.weights[node] = 0;
    growing.gains[node] = split.gain;
  }

  /** Counts the rows of the smaller child only; the parent's histogram becomes that of the greater. */
  private childHistograms(
    parent: Histogram,
    start: number,
    middle: number,
    end: number,
    build: (histogram: Histogram, start: number, end: number) => void,
  ): [Histogram, Histogram] {
    const smaller = this.takeHistogram();
    const leftIsSmaller = middle - start < end - middle;
    if (leftIsSmaller) build(smaller, start, middle);
    else build(smaller, middle, end);
    subtractHistogram(parent, smaller);
    return leftIsSmaller ? [smaller, parent] : [parent, smaller];
  }

  /** Every column's bins hold all rows of the leaf, the first column's too. */
  private totals(histogram: Histogram): LeafSums {
    let gradient = 0;
    let hessian = 0;
    let count = 0;
    for (let i = 0; i < BIN_STRIDE * this.binned.histogramOffsets[1]; i += BIN_STRIDE) {
      gradient += histogram[i];
      hessian += histogram[i + 1];
      count += histogram[i + 2];
    }
    return { gradient, hessian, count };
  }

  private takeHistogram(): Histogram {
    const { histogramOffsets, width } = this.binned;
    return this.spareHistograms.pop() ?? createHistogram(histogramOffsets[width]);
  }

  /** Moves the rows that go left before the others, each side in its former order, and returns where the right side starts. */
  private partition(rows: Uint32Array, start: number, end: number, split: Split): number {
    const { bins, width, thresholds } = this.binned;
    const missingBin = thresholds[split.column].length + 1;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i];
      const bin = bins[row * width + split.column];
      if (bin === missingBin ? split.missingGoesLeft : bin <= split.bin) rows[left++] = row;
      else this.partitionBuffer[right++] = row;
    }
    rows.set(this.partitionBuffer.subarray(0, right), left);
    return left;
  }
}

function mostGainful(leaves: readonly OpenLeaf[]): number {
  let best = 0;
  for (let i = 1; i < leaves.length; i++) {
    if ((leaves[i].split?.gain ?? 0) > (leaves[best].split?.gain ?? 0)) best = i;
  }
  return best;
}

function frozenTree(growing: GrowingTree): DecisionTree {
  return {
    features: Int32Array.from(growing.features),
    thresholds: Float32Array.from(growing.thresholds),
    missingGoesLeft: Uint8Array.from(growing.missingGoesLeft),
    lefts: Int32Array.from(growing.lefts),
    rights: Int32Array.from(growing.rights),
    weights: Float32Array.from(growing.weights),
  };
}
