import type {
  AlertOutcome,
  ErrorRatioCondition,
  LatencyCondition,
  PerformanceCondition,
  VolumeCondition,
} from '../../../entities';
import { latencyQuantile } from './latency-buckets.math';
import type { PerformanceFigure } from './performance-figures';
import type { ServingFigures } from './serving-minutes';

/** What came of a rule in a window. */
export interface Judgement {
  readonly outcome: AlertOutcome;
  readonly value: number | null;
  readonly threshold: number | null;
  /** What was seen, the worst first, or why nothing could be said; never empty. */
  readonly causes: readonly string[];
}

/** What was seen, and on which side of the threshold it is. */
function judged(isBreached: boolean, value: number, threshold: number, cause: string): Judgement {
  return { outcome: isBreached ? 'BREACHED' : 'CLEAN', value, threshold, causes: [cause] };
}

export const notEvaluable = (reason: string): Judgement => ({
  outcome: 'NOT_EVALUABLE',
  value: null,
  threshold: null,
  causes: [reason],
});

/** Errors and predictions by rows: a row that was asked for and has no prediction is an error, whatever the reason. */
export function judgeErrorRatio(figures: ServingFigures, { threshold, minimumRows }: ErrorRatioCondition): Judgement {
  const rows = figures.predictionCount + figures.errorCount;
  if (rows < minimumRows) return notEvaluable(`${counted(rows, 'row')} asked for; the rule needs ${minimumRows}.`);
  const ratio = figures.errorCount / rows;
  const cause = `${figures.errorCount} of ${counted(rows, 'row')} had no prediction: a ratio of ${shown(ratio)}, threshold ${threshold}.`;
  return judged(ratio > threshold, ratio, threshold, cause);
}

export function judgeLatency({ latencyCounts }: ServingFigures, condition: LatencyCondition): Judgement {
  const { quantile, thresholdMs, minimumRequests } = condition;
  const requests = latencyCounts.reduce((sum, count) => sum + count, 0);
  const value = latencyQuantile(latencyCounts, quantile);
  if (value === null || requests < minimumRequests)
    return notEvaluable(`${counted(requests, 'request')} answered; the rule needs ${minimumRequests}.`);
  const cause = `The ${quantile} quantile of the latency of ${counted(requests, 'request')} is ${shown(value)} ms, threshold ${thresholdMs} ms.`;
  return judged(value > thresholdMs, value, thresholdMs, cause);
}

/** @param isWhole false where the version came into production within the window, so that it cannot have had all the predictions */
export function judgeVolume(
  { predictionCount }: ServingFigures,
  { below, above }: VolumeCondition,
  isWhole: boolean,
): Judgement {
  const seen = `${counted(predictionCount, 'prediction')} in the window`;
  if (above !== null && predictionCount > above)
    return judged(true, predictionCount, above, `${seen}, more than ${above}.`);
  if (!isWhole) return notEvaluable('The version came into production within the window.');
  if (below !== null && predictionCount < below)
    return judged(true, predictionCount, below, `${seen}, fewer than ${below}.`);
  return judged(false, predictionCount, below ?? above ?? 0, `${seen}.`);
}

/** Broken only where the whole confidence interval lies beyond the threshold: a small window may look bad by chance. */
export function judgePerformance(figure: PerformanceFigure | null, condition: PerformanceCondition): Judgement {
  const { metric, comparison, threshold, minimumLabels } = condition;
  if (figure === null) return notEvaluable(`${metric} is not defined for the outcomes of the window.`);
  const { value, lower, upper, rowCount } = figure;
  if (rowCount < minimumLabels)
    return notEvaluable(`${counted(rowCount, 'outcome')} known; the rule needs ${minimumLabels}.`);
  const isBreached = comparison === 'AT_LEAST' ? upper < threshold : lower > threshold;
  const limit = comparison === 'AT_LEAST' ? 'at least' : 'at most';
  const interval = `95 % interval ${shown(lower)} to ${shown(upper)}`;
  const cause = `${metric} is ${shown(value)} over ${counted(rowCount, 'outcome')} (${interval}), shall be ${limit} ${threshold}.`;
  return judged(isBreached, value, threshold, cause);
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const shown = (value: number): string => String(Number(value.toPrecision(3)));
