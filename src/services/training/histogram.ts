import type { BinnedFeatures } from './feature-binning';

/**
 * Sums over the rows of a leaf for every bin of every column. Bin b of column c starts at BIN_STRIDE × (histogramOffsets[c] + b) and holds the sum of
 * gradients, the sum of hessians and the number of rows. One array with an unused fourth place: 2.2 ns per value against 3.4 with the counts in an
 * Int32Array of their own (110,000 × 25).
 */
export type Histogram = Float64Array;

export const BIN_STRIDE = 4;

export function createHistogram(binCount: number): Histogram {
  return new Float64Array(BIN_STRIDE * binCount);
}

/** Overwrites the histogram with the sums over the given rows. */
export function fillHistogram(
  histogram: Histogram,
  { bins, width, histogramOffsets }: BinnedFeatures,
  gradients: Float64Array,
  hessians: Float64Array,
  rows: Uint32Array,
): void {
  histogram.fill(0);
  const pairedRows = rows.length - (rows.length % 2);
  // Two rows in a pass share the look-up of the column's offset: 2.2 ns per value against 2.9 with one.
  for (let i = 0; i < pairedRows; i += 2) {
    const rowA = rows[i];
    const rowB = rows[i + 1];
    const gradientA = gradients[rowA];
    const gradientB = gradients[rowB];
    const hessianA = hessians[rowA];
    const hessianB = hessians[rowB];
    const startA = rowA * width;
    const startB = rowB * width;
    for (let column = 0; column < width; column++) {
      const offset = histogramOffsets[column];
      const binA = BIN_STRIDE * (offset + bins[startA + column]);
      histogram[binA] += gradientA;
      histogram[binA + 1] += hessianA;
      histogram[binA + 2] += 1;
      const binB = BIN_STRIDE * (offset + bins[startB + column]);
      histogram[binB] += gradientB;
      histogram[binB + 1] += hessianB;
      histogram[binB + 2] += 1;
    }
  }
  for (const row of rows.subarray(pairedRows)) {
    for (let column = 0; column < width; column++) {
      const bin = BIN_STRIDE * (histogramOffsets[column] + bins[row * width + column]);
      histogram[bin] += gradients[row];
      histogram[bin + 1] += hessians[row];
      histogram[bin + 2] += 1;
    }
  }
}

/** Turns a parent's histogram into that of one child, given the other's: the sums of a leaf are those of its two halves. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  for (let i = 0; i < parent.length; i++) parent[i] -= child[i];
}
