import { type Calibration, logit } from './calibration';
import { normalSurvival } from './distributions';
import { calibrateScores, estimateError } from './estimated-performance.math';
import type { LabelledScores } from './ranking-intervals.math';
import { mergeSorted } from './sorted-scores';

/**
 * Whether outcomes follow the calibrated probabilities that estimates rest on: two tests, of the number of positives and of the log loss, since a
 * change of the intercept shows in the one and a change of the slope in the other.
 * @returns the smaller p-value, corrected for the two; null without rows
 */
export function estimatePValue({ positives, negatives }: LabelledScores, calibration: Calibration): number | null {
  const rows = calibrateScores(calibration, mergeSorted(positives, negatives));
  const { scores, expected, logits } = rows;
  if (scores.length === 0) return null;
  // The log loss of the outcomes less the expected one is −Σ (y − p) · logit(s): what does not depend on outcomes falls out,
  // and the clipped log-odds keep one certain error from being all that is seen.
  let count = positives.length;
  let logLoss = 0;
  for (let row = 0; row < positives.length; row++) logLoss -= logit(positives[row]);
  for (let row = 0; row < scores.length; row++) {
    count -= expected[row];
    logLoss += expected[row] * logits[row];
  }
  const pValues = [
    pValueOf(
      count,
      estimateError(rows, () => 1),
    ),
    pValueOf(
      logLoss,
      estimateError(rows, (row) => logits[row]),
    ),
  ];
  return Math.min(1, 2 * Math.min(...pValues));
}

const pValueOf = (difference: number, standardError: number): number =>
  standardError === 0 ? 1 : 2 * normalSurvival(Math.abs(difference) / standardError);
