import { MINIMUM_LABEL_COVERAGE } from '../concept-analysis.policy';

export const PERFORMANCE_FLAGS = [
  'NOT_APPLICABLE',
  'NO_PREDICTIONS',
  'WINDOW_OPEN',
  'INVALID_SCORES',
  'NO_LABELS',
  'INSUFFICIENT_LABELS',
  'EARLY_LABELS',
  'NO_REFERENCE',
  'OUTSIDE_REFERENCE',
  'CONTRADICTED_BY_LABELS',
] as const;
export type PerformanceFlag = (typeof PERFORMANCE_FLAGS)[number];

/** What the flags of a slice are decided from. */
export interface SliceFacts {
  readonly predictionCount: number;
  readonly labelCount: number;
  /** Predictions whose score is no probability: none of the figures counts them. */
  readonly invalidCount: number;
  readonly minimumLabels: number;
  /** The slice's window has not ended: predictions may still come. */
  readonly isOpen: boolean;
  readonly hasReference: boolean;
  /** Share of the predictions whose score is lower or higher than any of the reference. */
  readonly outsideRatio: number;
  /** That outcomes follow the calibrated probabilities; null without outcomes or reference. */
  readonly estimatePValue: number | null;
  readonly alpha: number;
  /** How many slices of one answer are looked at: the p-value is corrected for it. */
  readonly comparisons: number;
}

/** Beyond a row in twenty the estimate rests on a line that was fitted elsewhere. */
const MAXIMUM_OUTSIDE_RATIO = 0.05;

/** What is to be known before the figures of a slice are believed, in the order of {@link PERFORMANCE_FLAGS}. */
export function performanceFlags(facts: SliceFacts): PerformanceFlag[] {
  const { predictionCount, labelCount } = facts;
  const flags: PerformanceFlag[] = [];
  if (facts.isOpen) flags.push('WINDOW_OPEN');
  if (predictionCount === 0) return ['NO_PREDICTIONS', ...flags];
  if (facts.invalidCount > 0) flags.push('INVALID_SCORES');
  const isMature = labelCount >= MINIMUM_LABEL_COVERAGE * predictionCount;
  if (labelCount === 0) flags.push('NO_LABELS');
  else {
    if (labelCount < facts.minimumLabels) flags.push('INSUFFICIENT_LABELS');
    if (!isMature) flags.push('EARLY_LABELS');
  }
  if (!facts.hasReference) flags.push('NO_REFERENCE');
  else if (facts.outsideRatio > MAXIMUM_OUTSIDE_RATIO) flags.push('OUTSIDE_REFERENCE');
  // Of early labels a surplus of one kind is to be expected, and contradicts nothing.
  const isTested = isMature && labelCount >= facts.minimumLabels && facts.estimatePValue !== null;
  if (isTested && (facts.estimatePValue ?? 1) * facts.comparisons < facts.alpha) flags.push('CONTRADICTED_BY_LABELS');
  return flags;
}
