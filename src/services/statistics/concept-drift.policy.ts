import { InvalidInput } from '../../errors';
import { type Calibration, type CalibrationZ, calibrationZ, segmentCalibrationZ } from './calibration';
import { holm } from './holm';
import { type KsTest, ksTwoSample } from './ks-two-sample';
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
  /** Looked at one by one beside the whole, each against the same segment of the reference. */
  readonly segments?: readonly ConceptSegmentInput[];
}

export interface ConceptSegmentInput {
  readonly name: string;
  /** Held-out reference rows of the segment. */
  readonly reference: { readonly probabilities: Float64Array; readonly labels: ArrayLike<number> };
  /** {@link pitSample} of these. */
  readonly referencePit: Float64Array;
  readonly current: LabelledPredictions;
  readonly cohortSize: number;
}

export interface ConceptDriftTests {
  readonly ks: {
    readonly statistic: number;
    readonly pValue: number;
    /** Adjusted by Holm over the two tests of the whole and of every segment, as all others. */
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

export interface ConceptFindings {
  readonly verdict: 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_LABELS';
  readonly labelCount: number;
  /** Share of the cohort with an outcome; 0 for an empty cohort. */
  readonly coverage: number;
  /** null with too few labels. */
  readonly tests: ConceptDriftTests | null;
}

export interface ConceptSegmentResult extends ConceptFindings {
  readonly name: string;
  readonly cohortSize: number;
  readonly referenceRows: number;
}

/** DRIFT as a whole where the whole drifts or a segment does. */
export interface ConceptDriftResult extends ConceptFindings {
  /** In the order given. */
  readonly segments: readonly ConceptSegmentResult[];
  /** What a reader of the verdict has to know. */
  readonly caveat: string;
}

const CAVEAT =
  'This tests whether outcomes still follow the calibrated probabilities. A change of the traffic alone does not alarm it, except where the model ' +
  'was miscalibrated in the region that the traffic moved to: compare with the feature drift of the same window.';

/**
 * Concept drift, a change of P(Y|X): Holm over a Kolmogorov–Smirnov test of the probability integral transforms (the shape) and the calibration z
 * (the level), of the whole and of every segment together. Each needs significance and an effect above its floor.
 * @throws InvalidInput when the arrays of `current` differ in length or are out of range, or the reference sample is empty.
 */
export function testConceptDrift(input: ConceptDriftInput): ConceptDriftResult {
  const { segments = [], current, calibration } = input;
  if (input.referencePit.length === 0)
    throw new InvalidInput('referencePit', 'the reference sample is empty. Make it from held-out rows with labels.');
  const whole = rawTests(input, input, () => calibrationZ(current.probabilities, current.labels, calibration));
  const parts = segments.map((segment) =>
    // As many rows as a verdict takes on one side, it takes on the other.
    segment.referencePit.length < Math.max(1, input.minimumLabels)
      ? { ...counted(segment), tests: null }
      : rawTests(segment, input, () => segmentCalibrationZ(segment.reference, segment.current, calibration)),
  );
  const tested = [whole, ...parts].flatMap(({ tests }) => tests ?? []);
  const corrected = holm(tested.flatMap(({ ks, level }) => [ks.pValue, level.pValue]));
  const judge = ({ labelCount, coverage, tests }: Raw): ConceptFindings => {
    if (tests === null) return { labelCount, coverage, tests: null, verdict: 'INSUFFICIENT_LABELS' };
    const first = 2 * tested.indexOf(tests);
    const judged = judgedTests(tests, [corrected[first], corrected[first + 1]], input);
    const drifts = judged.ks.detected || judged.calibration.detected;
    return { labelCount, coverage, tests: judged, verdict: drifts ? 'DRIFT' : 'NO_DRIFT' };
  };
  const findings = judge(whole);
  const results = parts.map((part, index): ConceptSegmentResult => {
    const { name, cohortSize, referencePit } = segments[index];
    return { ...judge(part), name, cohortSize, referenceRows: referencePit.length };
  });
  const verdict = results.some((segment) => segment.verdict === 'DRIFT') ? 'DRIFT' : findings.verdict;
  return { ...findings, verdict, segments: results, caveat: CAVEAT };
}

interface Cohort {
  readonly referencePit: Float64Array;
  readonly current: LabelledPredictions;
  readonly cohortSize: number;
}

interface RawTests {
  readonly ks: KsTest;
  readonly level: CalibrationZ;
}

interface Raw {
  readonly labelCount: number;
  readonly coverage: number;
  readonly tests: RawTests | null;
}

function counted({ current, cohortSize }: Cohort): Omit<Raw, 'tests'> {
  const labelCount = current.labels.length;
  return { labelCount, coverage: cohortSize > 0 ? labelCount / cohortSize : 0 };
}

function rawTests(cohort: Cohort, rules: ConceptDriftInput, levelTest: () => CalibrationZ): Raw {
  const counts = counted(cohort);
  if (counts.labelCount < Math.max(1, rules.minimumLabels) || counts.coverage < rules.minimumCoverage)
    return { ...counts, tests: null };
  const ks = ksTwoSample(cohort.referencePit, pitSample(rules.calibration, cohort.current));
  return { ...counts, tests: { ks, level: levelTest() } };
}

function judgedTests(
  { ks, level }: RawTests,
  [ksCorrected, levelCorrected]: readonly [number, number],
  { alpha, minimumKsStatistic, minimumCalibrationGap }: ConceptDriftInput,
): ConceptDriftTests {
  return {
    ks: {
      ...ks,
      correctedPValue: ksCorrected,
      detected: ksCorrected < alpha && ks.statistic >= minimumKsStatistic,
    },
    calibration: {
      ...level,
      correctedPValue: levelCorrected,
      detected: levelCorrected < alpha && Math.abs(level.gap) >= minimumCalibrationGap,
    },
  };
}
