import { InvalidInput } from '../../errors';
import { type Calibration, calibrationZ } from './calibration';
import { holm } from './holm';
import { ksTwoSample } from './ks-two-sample';
import { type LabelledPredictions, pitSample } from './probability-integral-transform';

export interface ConceptDriftInput {
  /** {@link pitSample} of the held-out reference window, kept with the version. Never of training rows. */
  readonly referencePit: Float64Array;
  /** Fitted on the same held-out reference window. */
  readonly calibration: Calibration;
  /** The predictions of a matured cohort whose outcomes have come. */
  readonly current: LabelledPredictions;
  /** All predictions of that cohort, with an outcome or without. */
  readonly cohortSize: number;
  readonly alpha: number;
  readonly minimumLabels: number;
  /** Smallest share of the cohort that must have its outcome, in [0, 1]. */
  readonly minimumCoverage: number;
  /** Floor on the KS statistic D, for example .03: at a million rows a shift of .02σ has p = 1e-38. */
  readonly minimumKsStatistic: number;
  /** Floor on |observed − predicted share of positives|, for example .02. */
  readonly minimumCalibrationGap: number;
}

export interface ConceptDriftTests {
  readonly ks: {
    readonly statistic: number;
    readonly pValue: number;
    /** Adjusted by Holm over the two tests, as the other one's. */
    readonly correctedPValue: number;
    readonly method: 'exact' | 'asymptotic';
    /** The corrected p is below alpha and the statistic reaches its floor. */
    readonly detected: boolean;
  };
  readonly calibration: {
    readonly z: number;
    readonly pValue: number;
    readonly correctedPValue: number;
    readonly gap: number;
    readonly detected: boolean;
  };
}

export interface ConceptDriftResult {
  readonly verdict: 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_LABELS';
  readonly labelCount: number;
  /** Share of the cohort with an outcome; 0 for an empty cohort. */
  readonly coverage: number;
  /** null with INSUFFICIENT_LABELS. */
  readonly tests: ConceptDriftTests | null;
  /** What a reader of the verdict has to know. */
  readonly caveat: string;
}

const CAVEAT =
  'This tests whether outcomes still follow the calibrated probabilities. A change of the traffic alone does not alarm it, except where the model ' +
  'was miscalibrated in the region that the traffic moved to: compare with the feature drift of the same window.';

/**
 * Concept drift, a change of P(Y|X): Holm over a Kolmogorov–Smirnov test of the probability integral transforms (the shape) and the calibration z
 * (the level). Each needs significance and an effect above its floor.
 * @throws InvalidInput when the arrays of `current` differ in length or are out of range, or the reference sample is empty.
 */
export function testConceptDrift(input: ConceptDriftInput): ConceptDriftResult {
  const { current, calibration, alpha, cohortSize } = input;
  const labelCount = current.labels.length;
  const coverage = cohortSize > 0 ? labelCount / cohortSize : 0;
  const base = { labelCount, coverage, caveat: CAVEAT };
  if (input.referencePit.length === 0)
    throw new InvalidInput('referencePit', 'the reference sample is empty. Make it from held-out rows with labels.');
  if (labelCount < Math.max(1, input.minimumLabels) || coverage < input.minimumCoverage)
    return { ...base, verdict: 'INSUFFICIENT_LABELS', tests: null };

  const ks = ksTwoSample(input.referencePit, pitSample(calibration, current));
  const level = calibrationZ(current.probabilities, current.labels, calibration);
  const [ksCorrected, levelCorrected] = holm([ks.pValue, level.pValue]);
  const tests: ConceptDriftTests = {
    ks: {
      ...ks,
      correctedPValue: ksCorrected,
      detected: ksCorrected < alpha && ks.statistic >= input.minimumKsStatistic,
    },
    calibration: {
      ...level,
      correctedPValue: levelCorrected,
      detected: levelCorrected < alpha && Math.abs(level.gap) >= input.minimumCalibrationGap,
    },
  };
  return { ...base, verdict: tests.ks.detected || tests.calibration.detected ? 'DRIFT' : 'NO_DRIFT', tests };
}
