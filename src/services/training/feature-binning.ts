/** Feature values replaced by the number of their bin, the form in which trees are grown. */
export interface BinnedFeatures {
  readonly rowCount: number;
  readonly width: number;
  /** Row-major [rowCount, width]. Bin b holds thresholds[b − 1] < value ≤ thresholds[b]; the bin after the last is for missing values. */
  readonly bins: Uint8Array;
  /** Upper limits between the bins of each column, ascending; one fewer than the column has bins for present values. */
  readonly thresholds: readonly Float32Array[];
  /** Where a column's bins start in a histogram of all columns, [width + 1]; the last bin of a column is the one for missing values. */
  readonly histogramOffsets: Int32Array;
}

/** With the bin for missing values, 256: what one byte can count. */
export const MAX_BINS = 255;

/**
 * Cuts every column into at most MAX_BINS bins of about the same number of rows; a column with fewer distinct values gets a bin for each.
 *
 * Values and thresholds are float32, as in the exported model: with float64 here, a value between a threshold and its float32 rounding would go
 * one way in training and the other way in serving.
 * @param matrix row-major [rows, width], NaN for missing, nothing infinite
 * @param fitRows the rows that decide the limits; all rows are binned
 */
export function binFeatures(matrix: Float32Array, width: number, fitRows: Uint32Array): BinnedFeatures {
  const rowCount = matrix.length / width;
  const bins = new Uint8Array(matrix.length);
  const histogramOffsets = new Int32Array(width + 1);
  const column = new Float32Array(rowCount);

  const thresholds = Array.from({ length: width }, (_, feature) => {
    for (let row = 0; row < rowCount; row++) column[row] = matrix[row * width + feature];
    const limits = quantileThresholds(Float32Array.from(fitRows, (row) => column[row]));
    const missingBin = limits.length + 1;
    histogramOffsets[feature + 1] = histogramOffsets[feature] + missingBin + 1;
    for (let row = 0; row < rowCount; row++) {
      const value = column[row];
      bins[row * width + feature] = Number.isNaN(value) ? missingBin : binOf(value, limits);
    }
    return limits;
  });
  return { rowCount, width, bins, thresholds, histogramOffsets };
}

/**
 * Limits that part the values into at most `maxBins` bins. A bin is closed once it holds its share of the rows still to be parted, so a value that
 * fills several shares alone does not leave the others with fewer bins.
 * @returns ascending; between two neighbouring values a < b a limit t has a ≤ t < b
 */
export function quantileThresholds(values: Float32Array, maxBins = MAX_BINS): Float32Array {
  // Typed arrays sort NaN to the end.
  const withMissing = values.toSorted();
  const firstMissing = withMissing.findIndex(Number.isNaN);
  const sorted = firstMissing < 0 ? withMissing : withMissing.subarray(0, firstMissing);
  const distinct = countDistinct(sorted);
  const limits: number[] = [];
  let binStart = 0;
  let share = sorted.length / maxBins;
  for (let i = 1; i < sorted.length && limits.length < maxBins - 1; i++) {
    if (sorted[i - 1] === sorted[i]) continue;
    if (distinct <= maxBins || i - binStart >= share) {
      limits.push(limitBetween(sorted[i - 1], sorted[i]));
      binStart = i;
      share = (sorted.length - i) / (maxBins - limits.length);
    }
  }
  return Float32Array.from(limits);
}

function countDistinct(sorted: Float32Array): number {
  let distinct = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i - 1] !== sorted[i]) distinct++;
  return distinct;
}

/** Halfway, or the lower value where float32 has nothing between the two. */
function limitBetween(lower: number, upper: number): number {
  const middle = Math.fround(lower / 2 + upper / 2);
  return middle >= lower && middle < upper ? middle : lower;
}

/** Index of the first limit that is not below the value. */
function binOf(value: number, limits: Float32Array): number {
  let low = 0;
  let high = limits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (limits[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
