import { BIN_STRIDE, type Histogram } from './histogram';

/** Sums over the rows of a leaf. */
export interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly count: number;
}

export interface SplitLimits {
  /** L2 penalty λ on leaf weights. */
  readonly l2: number;
  readonly minRowsPerLeaf: number;
  readonly minHessianPerLeaf: number;
}

export interface Split {
  readonly column: number;
  /** Last bin that goes left. */
  readonly bin: number;
  readonly missingGoesLeft: boolean;
  readonly gain: number;
  readonly left: LeafSums;
  readonly right: LeafSums;
}

/** Below this a gain may be rounding: it is a difference of scores that can exceed 1e6, in arithmetic of 16 digits. */
const SMALLEST_GAIN = 1e-9;

/** What a leaf of these sums takes off the loss, times two: G² / (H + λ). Source: Chen & Guestrin 2016, XGBoost, eq. 6. */
function leafScore({ gradient, hessian }: LeafSums, l2: number): number {
  return (gradient * gradient) / (hessian + l2);
}

/**
 * The split with the highest gain GL²/(HL+λ) + GR²/(HR+λ) − G²/(H+λ) over all columns and bins. Missing values are tried on both sides; where the
 * leaf has none in the column, they will follow the greater child. The first of equal gains wins.
 * @param offsets where each column's bins start, [columns + 1]; its last bin is for missing values
 * @returns null when no split leaves both children enough rows and hessian and gains anything
 */
export function findBestSplit(
  histogram: Histogram,
  offsets: Int32Array,
  leaf: LeafSums,
  limits: SplitLimits,
): Split | null {
  const parentScore = leafScore(leaf, limits.l2);
  let bestGain = SMALLEST_GAIN;
  let best: Omit<Split, 'right'> | null = null;

  for (let column = 0; column + 1 < offsets.length; column++) {
    const presentBins = offsets[column + 1] - offsets[column] - 1;
    const start = BIN_STRIDE * offsets[column];
    const missing = start + BIN_STRIDE * presentBins;
    const hasMissing = histogram[missing + 2] > 0;
    // With missing values, "all present values left" is a split as well.
    const lastBin = hasMissing ? presentBins - 1 : presentBins - 2;
    let gradient = 0;
    let hessian = 0;
    let count = 0;

    for (let bin = 0; bin <= lastBin; bin++) {
      gradient += histogram[start + BIN_STRIDE * bin];
      hessian += histogram[start + BIN_STRIDE * bin + 1];
      count += histogram[start + BIN_STRIDE * bin + 2];
      for (let side = 0; side < (hasMissing ? 2 : 1); side++) {
        const leftGradient = side === 0 ? gradient : gradient + histogram[missing];
        const leftHessian = side === 0 ? hessian : hessian + histogram[missing + 1];
        const leftCount = side === 0 ? count : count + histogram[missing + 2];
        const rightHessian = leaf.hessian - leftHessian;
        const rightCount = leaf.count - leftCount;
        if (leftCount < limits.minRowsPerLeaf || rightCount < limits.minRowsPerLeaf) continue;
        if (leftHessian < limits.minHessianPerLeaf || rightHessian < limits.minHessianPerLeaf) continue;
        const rightGradient = leaf.gradient - leftGradient;
        const gain =
          (leftGradient * leftGradient) / (leftHessian + limits.l2) +
          (rightGradient * rightGradient) / (rightHessian + limits.l2) -
          parentScore;
        if (gain > bestGain) {
          bestGain = gain;
          best = {
            column,
            bin,
            missingGoesLeft: hasMissing ? side === 1 : leftCount >= rightCount,
            gain,
            left: { gradient: leftGradient, hessian: leftHessian, count: leftCount },
          };
        }
      }
    }
  }
  if (!best) return null;
  const { gradient, hessian, count } = best.left;
  const right = {
    gradient: leaf.gradient - gradient,
    hessian: leaf.hessian - hessian,
    count: leaf.count - count,
  };
  return { ...best, right };
}
