import { requirePredictions } from './predictions-check';
import { rocAuc } from './ranking-metrics';

/** Where a classifier stands when it says yes from a threshold on; null: beyond every score. */
interface AtThreshold {
  readonly threshold: number | null;
}

export interface RocPoint extends AtThreshold {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

export interface PrecisionRecallPoint extends AtThreshold {
  readonly recall: number;
  readonly precision: number;
}

/** Rows whose probabilities fall into one bin. */
export interface CalibrationPoint {
  readonly meanPredicted: number;
  /** Share of positives among them. */
  readonly observedRatio: number;
  readonly rowCount: number;
}

/** How a binary classifier did on held-out rows, ready to plot. Plain JSON. */
export interface EvaluationCurves {
  readonly rowCount: number;
  readonly positiveCount: number;
  /** Of all rows, before thinning; null where only one class occurs. */
  readonly auc: number | null;
  /** Of all rows, before thinning; null where no positive occurs. */
  readonly averagePrecision: number | null;
  /** From (0, 0) to (1, 1); empty where only one class occurs. */
  readonly roc: readonly RocPoint[];
  /** From recall 0 on; empty where no positive occurs. */
  readonly precisionRecall: readonly PrecisionRecallPoint[];
  /** By predicted probability; bins without rows are left out. */
  readonly calibration: readonly CalibrationPoint[];
}

interface Counts {
  readonly threshold: number;
  readonly hits: number;
  readonly falseAlarms: number;
}

const CALIBRATION_BINS = 10;
const SEGMENTS = 200;
/** The area of the thinned ROC is that of all rows to within this. */
const AREA_TOLERANCE = 1e-3;

/**
 * Curves of labelled predictions, each thinned to a few hundred of its own points.
 * @param probabilities of the positive class, in [0, 1], not empty
 * @param labels 1 for the positive class, 0 for the other
 * @throws InvalidInput when the arrays differ in length, are empty or out of range
 */
export function evaluationCurves(probabilities: ArrayLike<number>, labels: ArrayLike<number>): EvaluationCurves {
  const auc = rocAuc(probabilities, labels);
  const precisionRecall = precisionRecallCurve(probabilities, labels);
  return {
    rowCount: labels.length,
    positiveCount: Array.from(labels).reduce((sum, label) => sum + label, 0),
    auc,
    averagePrecision: averagePrecision(precisionRecall),
    roc: auc === null ? [] : thinnedRoc(rocCurve(probabilities, labels), auc),
    precisionRecall: thinned(precisionRecall, ({ recall }) => recall, 1 / SEGMENTS),
    calibration: calibrationCurve(probabilities, labels),
  };
}

/** A point for every score that occurs, from the highest down, after (0, 0); empty where only one class occurs. Source: sklearn roc_curve. */
export function rocCurve(probabilities: ArrayLike<number>, labels: ArrayLike<number>): RocPoint[] {
  const counts = countsByThreshold(probabilities, labels);
  const { hits: positives = 0, falseAlarms: negatives = 0 } = counts.at(-1) ?? {};
  if (positives === 0 || negatives === 0) return [];
  const points = counts.map(({ threshold, hits, falseAlarms }) => ({
    threshold,
    falsePositiveRate: falseAlarms / negatives,
    truePositiveRate: hits / positives,
  }));
  return [{ threshold: null, falsePositiveRate: 0, truePositiveRate: 0 }, ...points];
}

/** A point for every score that occurs, from the highest down, after (0, 1); empty where no positive occurs. Source: sklearn precision_recall_curve. */
export function precisionRecallCurve(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): PrecisionRecallPoint[] {
  const counts = countsByThreshold(probabilities, labels);
  const positives = counts.at(-1)?.hits ?? 0;
  if (positives === 0) return [];
  const points = counts.map(({ threshold, hits, falseAlarms }) => ({
    threshold,
    recall: hits / positives,
    precision: hits / (hits + falseAlarms),
  }));
  return [{ threshold: null, recall: 0, precision: 1 }, ...points];
}

/** Σ (Rₙ − Rₙ₋₁) Pₙ over a whole curve, not a thinned one; null for an empty one. Source: sklearn average_precision_score. */
function averagePrecision(points: readonly PrecisionRecallPoint[]): number | null {
  if (points.length === 0) return null;
  return points
    .slice(1)
    .reduce((sum, { recall, precision }, index) => sum + (recall - points[index].recall) * precision, 0);
}

/** In ten bins of equal width, a probability on an inner edge in the lower one. Source: sklearn calibration_curve. */
function calibrationCurve(probabilities: ArrayLike<number>, labels: ArrayLike<number>): CalibrationPoint[] {
  requirePredictions(probabilities, labels);
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ predicted: 0, positives: 0, rowCount: 0 }));
  for (let row = 0; row < labels.length; row++) {
    // The edges as numpy's linspace has them: 3 · 0.1 and not 0.3.
    let index = 0;
    while (index < CALIBRATION_BINS - 1 && probabilities[row] > (index + 1) * 0.1) index++;
    bins[index].predicted += probabilities[row];
    bins[index].positives += labels[row];
    bins[index].rowCount += 1;
  }
  return bins
    .filter(({ rowCount }) => rowCount > 0)
    .map(({ predicted, positives, rowCount }) => ({
      meanPredicted: predicted / rowCount,
      observedRatio: positives / rowCount,
      rowCount,
    }));
}

/** The area under a ROC, by trapezoids. */
export function areaUnder(points: readonly RocPoint[]): number {
  return points.slice(1).reduce((area, point, index) => {
    const before = points[index];
    const width = point.falsePositiveRate - before.falsePositiveRate;
    return area + (width * (point.truePositiveRate + before.truePositiveRate)) / 2;
  }, 0);
}

/**
 * A chord over steps of a length s along the axes has at most s²/8 of area beside it. With lengths of 2/k in sum 2 that is 1/(2k) at most: 500 segments
 * are always enough, and 200 almost always.
 */
function thinnedRoc(points: readonly RocPoint[], auc: number): RocPoint[] {
  const place = ({ falsePositiveRate, truePositiveRate }: RocPoint) => falsePositiveRate + truePositiveRate;
  for (let segments = SEGMENTS; ; segments += 100) {
    const found = thinned(points, place, 2 / segments);
    if (Math.abs(areaUnder(found) - auc) <= AREA_TOLERANCE || found.length === points.length) return found;
  }
}

/** Keeps both ends, and between them no more points than leave steps of the length; steps that are longer in themselves stay. */
function thinned<Point>(points: readonly Point[], place: (point: Point) => number, length: number): Point[] {
  const kept: Point[] = [];
  points.forEach((point, index) => {
    const last = kept.at(-1);
    const next = points[index + 1];
    if (last === undefined || next === undefined || place(next) - place(last) > length) kept.push(point);
  });
  return kept;
}

/** What is found and falsely found from each score on, from the highest down. */
function countsByThreshold(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Counts[] {
  requirePredictions(probabilities, labels);
  const rows = Uint32Array.from({ length: labels.length }, (_, row) => row);
  rows.sort((a, b) => probabilities[b] - probabilities[a]);
  const counts: Counts[] = [];
  let hits = 0;
  let falseAlarms = 0;
  rows.forEach((row, index) => {
    hits += labels[row];
    falseAlarms += 1 - labels[row];
    const isLastOfScore = index + 1 === rows.length || probabilities[rows[index + 1]] !== probabilities[row];
    if (isLastOfScore) counts.push({ threshold: probabilities[row], hits, falseAlarms });
  });
  return counts;
}
