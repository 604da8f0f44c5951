import { evaluateRegression } from './evaluate-regression';
import { definedMetrics, type Metrics } from './metrics';
import { quantileOf } from './sorted-values';

/** One row. */
export interface PredictedActualPoint {
  readonly predicted: number;
  readonly actual: number;
}

/** The residuals (actual minus predicted) from lower up to upper; those at upper belong to the next bin, but for the last. */
export interface ResidualBin {
  readonly lower: number;
  readonly upper: number;
  readonly rowCount: number;
}

export interface ResidualQuantile {
  readonly probability: number;
  readonly value: number;
}

/** A tenth of the rows, by their predictions. */
export interface RegressionCalibrationPoint {
  readonly meanPredicted: number;
  readonly meanActual: number;
  readonly rowCount: number;
}

/** How a regression did on rows whose actual values are known, as an evaluation report keeps it. Plain JSON. */
export interface RegressionEvaluation {
  readonly taskType: 'REGRESSION';
  readonly rowCount: number;
  readonly metrics: Metrics;
  /** Rows from the lowest to the highest prediction, evenly chosen where there are many. */
  readonly points: readonly PredictedActualPoint[];
  /** From the lowest to the highest residual, in bins of equal width. */
  readonly residualHistogram: readonly ResidualBin[];
  readonly residualQuantiles: readonly ResidualQuantile[];
  /** By prediction. */
  readonly calibration: readonly RegressionCalibrationPoint[];
}

const POINTS = 400;
const HISTOGRAM_BINS = 30;
const QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
const DECILES = 10;

/**
 * The same rows in any order give the same evaluation, but for the last bits of sums.
 * @throws InvalidInput when there are no rows, the lengths differ, or a value is not finite or beyond ±1e150
 */
export function regressionEvaluation(predicted: ArrayLike<number>, actual: ArrayLike<number>): RegressionEvaluation {
  const metrics = definedMetrics({ ...evaluateRegression(predicted, actual) });
  const rows = Array.from(predicted, (value, row) => ({ predicted: value, actual: actual[row] })).sort(
    (a, b) => a.predicted - b.predicted || a.actual - b.actual,
  );
  const residuals = Float64Array.from(rows, (row) => row.actual - row.predicted).sort();
  return {
    taskType: 'REGRESSION',
    rowCount: rows.length,
    metrics,
    points: evenlyChosen(rows),
    residualHistogram: histogram(residuals),
    residualQuantiles: QUANTILES.map((probability) => ({ probability, value: quantileOf(residuals, probability) })),
    calibration: calibrationByDecile(rows),
  };
}

/** Both ends, and between them at equal steps of rank. */
function evenlyChosen(rows: readonly PredictedActualPoint[]): PredictedActualPoint[] {
  if (rows.length <= POINTS) return [...rows];
  return Array.from({ length: POINTS }, (_, index) => rows[Math.floor((index * (rows.length - 1)) / (POINTS - 1))]);
}

/** @param sorted ascending, not empty.   Source: numpy.histogram. */
function histogram(sorted: Float64Array): ResidualBin[] {
  const lowest = sorted[0];
  const highest = sorted[sorted.length - 1];
  const width = (highest - lowest) / HISTOGRAM_BINS;
  // Equal residuals, and those a few representable numbers apart, have no bins of equal width between them.
  if (!(lowest + width > lowest && highest - width < highest))
    return [{ lower: lowest, upper: highest, rowCount: sorted.length }];
  const edges = Array.from({ length: HISTOGRAM_BINS }, (_, index) => lowest + index * width);
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  let bin = 0;
  for (const residual of sorted) {
    while (bin + 1 < HISTOGRAM_BINS && residual >= edges[bin + 1]) bin++;
    counts[bin] += 1;
  }
  return counts.map((rowCount, index) => ({ lower: edges[index], upper: edges[index + 1] ?? highest, rowCount }));
}

/** Equal predictions stay together, in the decile of the first of them; a decile that is left without rows is left out. */
function calibrationByDecile(rows: readonly PredictedActualPoint[]): RegressionCalibrationPoint[] {
  const deciles = Array.from({ length: DECILES }, () => ({ predicted: 0, actual: 0, rowCount: 0 }));
  let decile = 0;
  rows.forEach((row, index) => {
    if (row.predicted !== rows[index - 1]?.predicted) decile = Math.floor((DECILES * index) / rows.length);
    deciles[decile].predicted += row.predicted;
    deciles[decile].actual += row.actual;
    deciles[decile].rowCount += 1;
  });
  return deciles
    .filter(({ rowCount }) => rowCount > 0)
    .map(({ predicted, actual, rowCount }) => ({
      meanPredicted: predicted / rowCount,
      meanActual: actual / rowCount,
      rowCount,
    }));
}
