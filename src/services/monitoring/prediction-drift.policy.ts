import type { ClassScoreDrift, MonitoringRules, PredictionDrift } from '../../entities';
import { type BinCounts, correctByHolm, type DriftTestResult, testJsDrift } from '../statistics';
import type { Distribution } from '../training';
import { columnReason, rowsNeeded } from './drift-reasons';
import { belowMinimum, chanceOfAlarm, histogram } from './feature-drift.policy';

/** The scores that a multiclass model gives to one class, in the bins of its reference. */
export interface ClassScores {
  readonly className: string;
  readonly reference: Distribution;
  readonly current: BinCounts;
}

/**
 * Drift of what the model answers, by Jensen–Shannon distance: of probabilities, of the classes it chooses, or of the numbers it predicts, whichever
 * the reference's bins hold. With scores class by class, Holm over all of them and the answers; the verdict is DRIFT where any is.
 */
export function predictionDrift(
  reference: Distribution,
  current: BinCounts,
  rules: MonitoringRules,
  classScores: readonly ClassScores[] = [],
): { readonly prediction: PredictionDrift; readonly chanceOfAlarm: number } {
  const compared = [{ reference, current }, ...classScores];
  const [test, ...scoreTests] = correctByHolm(
    compared.map((pair) =>
      testJsDrift({
        referenceCounts: pair.reference.counts,
        currentCounts: pair.current,
        threshold: rules.jsThreshold,
        alpha: rules.alpha,
        comparisons: compared.length,
      }),
    ),
    rules.alpha,
  );
  const verdictOf = ({ verdict, currentRows }: DriftTestResult) =>
    belowMinimum(verdict, currentRows, rules.minimumRows);
  const scores = scoreTests.map((scoreTest, index): ClassScoreDrift => ({
    className: classScores[index].className,
    verdict: verdictOf(scoreTest),
    jsDistance: scoreTest.figures?.jsDistance ?? null,
    pValue: scoreTest.figures?.correctedPValue ?? null,
  }));
  const drifted = scores.filter(({ verdict }) => verdict === 'DRIFT').map(({ className }) => className);
  const unsure = scores.some(({ verdict }) => verdict === 'INSUFFICIENT_DATA');
  const own = verdictOf(test);
  const reason = columnReason('Jensen–Shannon distance', test, rules);
  const prediction: PredictionDrift = {
    verdict: drifted.length > 0 ? 'DRIFT' : own === 'NO_DRIFT' && unsure ? 'INSUFFICIENT_DATA' : own,
    reason: drifted.length === 0 ? reason : `${reason} The scores of ${drifted.join(', ')} drift.`,
    jsDivergence: test.figures?.jsDivergence ?? null,
    jsDistance: test.figures?.jsDistance ?? null,
    pValue: test.figures?.correctedPValue ?? null,
    threshold: rules.jsThreshold,
    currentRowsNeeded: rowsNeeded(test, rules.minimumRows),
    ...(scores.length > 0 ? { classScores: scores } : {}),
    histogram: histogram(reference.bins, reference.counts, current),
  };
  return { prediction, chanceOfAlarm: chanceOfAlarm([test, ...scoreTests], rules.minimumRows) };
}
