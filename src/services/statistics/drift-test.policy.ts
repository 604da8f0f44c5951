import { InvalidInput } from '../../errors';
import type { BinCounts } from './count-bins';
import { chiSquareQuantile, chiSquareSurvival } from './distributions';
import { hellingerDistance, jsDivergence, klDivergence, psi, smoothedProportions } from './divergence';
import { holm } from './holm';
import { chiSquareHomogeneity } from './binned-distances.math';

export interface DriftTestInput {
  readonly referenceCounts: BinCounts;
  readonly currentCounts: BinCounts;
  /** The smallest effect that matters, above 0: KL divergence in nats for the KL test, JS distance (0 … .8326) for the JS test, PSI for the PSI test. */
  readonly threshold: number;
  /** Chance of a false alarm over all the comparisons together, for example .05. */
  readonly alpha: number;
  /** How many columns are tested together in this report: the p-value is multiplied by it (Bonferroni; {@link correctByHolm} for Holm). */
  readonly comparisons: number;
}

/**
 * DRIFT: the corrected p is below alpha and the effect reaches the threshold.
 * INSUFFICIENT_DATA: no drift was shown, but at these window sizes chance alone can reach the threshold, so its absence was not shown either.
 * EMPTY: the current window has no value that is not null.
 */
export type DriftVerdict = 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_DATA' | 'EMPTY';

/** How far two windows are apart. Logarithms are natural. */
export interface DriftFigures {
  readonly klDivergence: number;
  readonly jsDivergence: number;
  readonly jsDistance: number;
  readonly psi: number;
  readonly hellingerDistance: number;
  /** Of the χ² test of the counts as they are, not corrected: a figure beside the others, no part of the verdict. */
  readonly chiSquarePValue: number;
  /** The figure that is held against the threshold. */
  readonly effect: number;
  /** Of the hypothesis that nothing changed, and the same corrected for the number of comparisons, at most 1. */
  readonly pValue: number;
  readonly correctedPValue: number;
  readonly degreesOfFreedom: number;
  /** The effect that unchanged data of these sizes exceeds with the corrected alpha. */
  readonly noiseQuantile: number;
  /** The chance that unchanged data of these sizes reaches the threshold. */
  readonly chanceOverThreshold: number;
  /** Rows of the current window from which on the answer is DRIFT or NO_DRIFT; null where the reference itself is too small for that. */
  readonly currentRowsNeeded: number | null;
}

export interface DriftTestResult {
  readonly verdict: DriftVerdict;
  readonly threshold: number;
  readonly referenceRows: number;
  readonly currentRows: number;
  /** null where the current window is empty or all null, or the reference has no rows. */
  readonly figures: DriftFigures | null;
}

/**
 * Feature drift: the effect is KL(reference‖current) in nats over the bins, null among them.
 * With nothing changed, 2·KL / (1/n1 + 1/n2) is about χ²(B − 1) for B bins.
 * @throws InvalidInput when the counts are of different specs, or threshold, alpha or comparisons out of range.
 */
export function testKlDrift(input: DriftTestInput): DriftTestResult {
  return testDrift(input, (windows) => ({
    effect: windows.kl,
    // Where bins expect five rows KL's right tail is too heavy: at n2 = 100 and 20 bins .9 % of unchanged columns fall below p = .0025, and .03 %
    // by the JS form. From 500 rows on the two agree, so the larger p is safe everywhere and costs nothing there.
    chiSquare: Math.min((2 * windows.kl) / windows.inverseRows, (8 * windows.js) / windows.inverseRows),
    chiSquareFactor: 2,
    power: 1,
  }));
}

/**
 * Prediction drift: the effect is the Jensen–Shannon distance (natural logarithm) over the bins, null among them.
 * With nothing changed, 8·JS / (1/n1 + 1/n2) is about χ²(B − 1) for B bins, JS being the divergence.
 * @throws InvalidInput as {@link testKlDrift}.
 */
export function testJsDrift(input: DriftTestInput): DriftTestResult {
  return testDrift(input, (windows) => ({
    effect: Math.sqrt(windows.js),
    chiSquare: (8 * windows.js) / windows.inverseRows,
    chiSquareFactor: 8,
    power: 2,
  }));
}

/**
 * Drift by the population stability index over the bins, null among them.
 * With nothing changed, PSI / (1/n1 + 1/n2) is about χ²(B − 1) for B bins.
 * @throws InvalidInput as {@link testKlDrift}.   Source: Yurdakul, Statistical Properties of Population Stability Index, 2018.
 */
export function testPsiDrift(input: DriftTestInput): DriftTestResult {
  return testDrift(input, (windows) => ({
    effect: windows.psi,
    // PSI's right tail is too heavy where bins expect few rows, as KL's is; the JS form holds it down in the same way.
    chiSquare: Math.min(windows.psi, 8 * windows.js) / windows.inverseRows,
    chiSquareFactor: 1,
    power: 1,
  }));
}

interface Windows {
  readonly kl: number;
  readonly js: number;
  readonly psi: number;
  readonly hellinger: number;
  readonly chiSquarePValue: number;
  readonly degreesOfFreedom: number;
  /** 1/n1 + 1/n2 */
  readonly inverseRows: number;
}

interface Measure {
  readonly effect: number;
  readonly chiSquare: number;
  /** effect ** power is a divergence, and divergence · chiSquareFactor / inverseRows is about χ². */
  readonly chiSquareFactor: number;
  readonly power: number;
}

function testDrift(input: DriftTestInput, measureOf: (windows: Windows) => Measure): DriftTestResult {
  requireSound(input);
  const { threshold, alpha, comparisons } = input;
  const referenceRows = rowsOf(input.referenceCounts);
  const currentRows = rowsOf(input.currentCounts);
  const base = { threshold, referenceRows, currentRows };
  if (currentRows === input.currentCounts.nullCount) return { ...base, verdict: 'EMPTY', figures: null };
  if (referenceRows === 0) return { ...base, verdict: 'INSUFFICIENT_DATA', figures: null };

  const windows = compareWindows(input);
  const { effect, chiSquare, chiSquareFactor, power } = measureOf(windows);
  const pValue = chiSquareSurvival(chiSquare, windows.degreesOfFreedom);
  const correctedPValue = Math.min(1, pValue * comparisons);
  // A column that has been constant has one bin and no degree of freedom, yet could have varied: one degree for the rows that it takes to tell.
  const noiseChiSquare = chiSquareQuantile(alpha / comparisons, Math.max(1, windows.degreesOfFreedom));
  const noiseQuantile = ((noiseChiSquare * windows.inverseRows) / chiSquareFactor) ** (1 / power);
  const inverseRowsAllowed = (threshold ** power * chiSquareFactor) / noiseChiSquare - 1 / referenceRows;
  const figures: DriftFigures = {
    klDivergence: windows.kl,
    jsDivergence: windows.js,
    jsDistance: Math.sqrt(windows.js),
    psi: windows.psi,
    hellingerDistance: windows.hellinger,
    chiSquarePValue: windows.chiSquarePValue,
    effect,
    pValue,
    correctedPValue,
    degreesOfFreedom: windows.degreesOfFreedom,
    noiseQuantile,
    chanceOverThreshold: chiSquareSurvival(
      (threshold ** power * chiSquareFactor) / windows.inverseRows,
      Math.max(1, windows.degreesOfFreedom),
    ),
    currentRowsNeeded: inverseRowsAllowed > 0 ? Math.ceil(1 / inverseRowsAllowed) : null,
  };
  return { ...base, verdict: verdictOf(figures, threshold, alpha), figures };
}

function verdictOf(figures: DriftFigures, threshold: number, alpha: number): DriftVerdict {
  if (figures.correctedPValue < alpha && figures.effect >= threshold) return 'DRIFT';
  return figures.noiseQuantile > threshold ? 'INSUFFICIENT_DATA' : 'NO_DRIFT';
}

/**
 * The tests of one report, their p-values adjusted by Holm in place of Bonferroni: as safe, whatever the columns' dependence, and it finds more once
 * one column has drifted. INSUFFICIENT_DATA stays with Bonferroni's quantile, Holm's first step, at which a column must be judged when it is the only
 * one. Columns without figures count as tests that found nothing, so that the correction does not depend on what the window lacks.
 * @param results of tests whose `comparisons` was their number
 */
export function correctByHolm(results: readonly DriftTestResult[], alpha: number): DriftTestResult[] {
  const corrected = holm(results.map(({ figures }) => figures?.pValue ?? 1));
  return results.map((result, index) => {
    if (result.figures === null) return result;
    const figures = { ...result.figures, correctedPValue: corrected[index] };
    return { ...result, verdict: verdictOf(figures, result.threshold, alpha), figures };
  });
}

/**
 * Bins that neither window reached say nothing about a change, so they are left out; a constant stays at a divergence of exactly 0, and the false
 * alarm rate is nearest to its nominal one (with them, .08 at .05 for 200 against 20,000 rows).
 */
function compareWindows({ referenceCounts, currentCounts }: DriftTestInput): Windows {
  const reference = [...referenceCounts.bins, referenceCounts.nullCount];
  const current = [...currentCounts.bins, currentCounts.nullCount];
  const occupied = reference.map((count, bin) => count + current[bin] > 0);
  const p = smoothedProportions(reference.filter((_, bin) => occupied[bin]));
  const q = smoothedProportions(current.filter((_, bin) => occupied[bin]));
  return {
    kl: klDivergence(p, q),
    js: jsDivergence(p, q),
    psi: psi(p, q),
    hellinger: hellingerDistance(p, q),
    // Both windows have rows here.
    chiSquarePValue: chiSquareHomogeneity(reference, current) ?? 1,
    degreesOfFreedom: p.length - 1,
    inverseRows: 1 / rowsOf(referenceCounts) + 1 / rowsOf(currentCounts),
  };
}

function rowsOf({ bins, nullCount }: BinCounts): number {
  return bins.reduce((sum, count) => sum + count, nullCount);
}

function requireSound({ referenceCounts, currentCounts, threshold, alpha, comparisons }: DriftTestInput): void {
  if (referenceCounts.bins.length !== currentCounts.bins.length)
    throw new InvalidInput(
      'currentCounts',
      `has ${currentCounts.bins.length} bins where the reference has ${referenceCounts.bins.length}. Count both windows with one spec.`,
    );
  if (!(threshold > 0)) throw new InvalidInput('threshold', `${threshold} is not above 0.`);
  if (!(alpha > 0 && alpha < 1)) throw new InvalidInput('alpha', `${alpha} is not between 0 and 1.`);
  if (!Number.isInteger(comparisons) || comparisons < 1)
    throw new InvalidInput('comparisons', `${comparisons} is not a positive number of columns.`);
}
