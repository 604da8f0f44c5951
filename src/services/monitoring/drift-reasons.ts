import type { DriftTestResult } from '../statistics';

/** What a column's divergence is called in a sentence. */
export type DivergenceName = 'KL divergence' | 'Jensen–Shannon distance';

interface ReasonRules {
  readonly alpha: number;
  readonly minimumRows: number;
}

/** Why a column's verdict is what it is, in one sentence. Verdicts of windows below the policy's minimum are INSUFFICIENT_DATA whatever the test says. */
export function columnReason(name: DivergenceName, test: DriftTestResult, { alpha, minimumRows }: ReasonRules): string {
  const { currentRows, referenceRows, threshold, figures, verdict } = test;
  if (currentRows === 0) return 'The window has no rows.';
  if (verdict === 'EMPTY') return 'The window has no value of it, and the reference had none or hardly any.';
  if (currentRows < minimumRows) return `The window has ${currentRows} rows; the policy asks for ${minimumRows}.`;
  if (figures === null) return 'The reference has no rows to compare with.';
  const { effect, noiseQuantile, correctedPValue } = figures;
  const found = `${name} ${shownNumber(effect)}`;
  const chance = `corrected p = ${shownNumber(correctedPValue)}, level ${alpha}`;
  if (verdict === 'DRIFT') return `${found} reaches the threshold ${threshold}, and is more than chance (${chance}).`;
  if (verdict === 'NO_DRIFT') {
    if (effect < threshold) return `${found} is below the threshold ${threshold}.`;
    return `${found} reaches the threshold ${threshold}, but may be chance (${chance}).`;
  }
  const noise = `Chance alone can reach a ${name} of ${shownNumber(noiseQuantile)} here, over the threshold ${threshold}`;
  const needed = rowsNeeded(test, minimumRows);
  return needed === null
    ? `${noise}: the reference has only ${referenceRows} rows, and no window is large enough.`
    : `${noise}: the window has ${currentRows} rows, and it takes ${needed}.`;
}

/** Rows of a window from which on this column is judged; null where the reference is too small for any, or nothing can be said. */
export function rowsNeeded(
  { figures, currentRows, referenceRows }: DriftTestResult,
  minimumRows: number,
): number | null {
  if (referenceRows === 0) return null;
  if (figures === null) return currentRows === 0 ? minimumRows : null;
  return figures.currentRowsNeeded === null ? null : Math.max(minimumRows, figures.currentRowsNeeded);
}

export interface LabelCounts {
  readonly labelCount: number;
  readonly cohortSize: number;
  /** Rows of the reference; absent for the whole, whose reference always does. */
  readonly referenceRows?: number;
}

/** What a cohort lacks for a verdict on its concept, in one sentence; null where nothing is lacking. */
export function labelsLacking(counts: LabelCounts, minimumLabels: number, minimumCoverage: number): string | null {
  const { labelCount, cohortSize, referenceRows } = counts;
  if (referenceRows !== undefined && referenceRows < minimumLabels)
    return `The reference has ${referenceRows} rows of it; it takes ${minimumLabels}.`;
  if (labelCount === 0) return `No outcome is known; it takes ${minimumLabels}.`;
  if (labelCount < minimumLabels) return `${labelCount} outcomes are known; it takes ${minimumLabels}.`;
  if (labelCount / cohortSize >= minimumCoverage) return null;
  const needed = labelsNeeded(counts, minimumLabels, minimumCoverage);
  return `The outcomes of ${labelCount} of ${cohortSize} predictions are known; it takes ${needed}, because those that come first are not like the rest.`;
}

/** Labels that a verdict takes at this size of the cohort. */
export function labelsNeeded(
  { cohortSize }: Pick<LabelCounts, 'cohortSize'>,
  minimumLabels: number,
  minimumCoverage: number,
): number {
  let covering = Math.ceil(minimumCoverage * cohortSize);
  // The product may be rounded up past a whole number.
  if (cohortSize > 0 && (covering - 1) / cohortSize >= minimumCoverage) covering--;
  return Math.max(1, minimumLabels, covering);
}

/** Three significant digits, in powers of ten below a thousandth. */
export function shownNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
