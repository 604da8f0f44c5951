import type { Column } from '../../columns';
import type { ConceptDrift, ConceptSegment, MonitoringRules } from '../../entities';
import {
  binIndexes,
  type BinCounts,
  confoundedTests,
  type ConceptFindings,
  type ConceptSegmentInput,
  type LabelledPredictions,
  segmentsOf,
  testConceptDrift,
} from '../statistics';
import type { ReferenceProfile } from '../training';
import { labelsLacking, labelsNeeded } from './drift-reasons';

/** Below these effects a difference is real perhaps, but of no consequence. */
const MINIMUM_KS_STATISTIC = 0.03;
const MINIMUM_CALIBRATION_GAP = 0.02;
/**
 * With less than this share of outcomes, those that came first are not like the rest: churners are known before stayers. With nothing changed, 20 of 20
 * such windows alarmed at .70, 15 at .85, 2 at .95.
 */
export const MINIMUM_LABEL_COVERAGE = 0.95;

/** The feature by which the concept is looked at in parts. */
export interface SegmentRequest {
  readonly feature: string;
  /** Its values in the labelled rows of the window, in their order. */
  readonly column: Column;
}

export interface ConceptOptions {
  readonly segments?: SegmentRequest | null;
  /** Also makes the tests that a change of the traffic alone alarms. */
  readonly confounded?: boolean;
}

interface ConceptWindow {
  readonly rowCount: number;
  readonly features: readonly BinCounts[];
  readonly labelled: LabelledPredictions;
}

/** Concept drift of a binary classifier, as a whole and by segments. */
export function binaryConcept(
  profile: ReferenceProfile,
  window: ConceptWindow,
  rules: MonitoringRules,
  { segments: request, confounded = false }: ConceptOptions,
): ConceptDrift {
  const { concept } = profile;
  const segments = request ? segmentInputs(profile, window, request) : [];
  const found = testConceptDrift({
    referencePit: Float64Array.from(concept.pit),
    calibration: concept.calibration,
    current: window.labelled,
    cohortSize: window.rowCount,
    alpha: rules.alpha,
    minimumLabels: rules.minimumLabels,
    minimumCoverage: MINIMUM_LABEL_COVERAGE,
    minimumKsStatistic: MINIMUM_KS_STATISTIC,
    minimumCalibrationGap: MINIMUM_CALIBRATION_GAP,
    segments: segments ?? [],
  });
  const drifted = found.segments.filter(({ verdict }) => verdict === 'DRIFT').map(({ name }) => name);
  const whole = reasonOf(found, { ...found, cohortSize: window.rowCount }, rules);
  return {
    verdict: found.verdict,
    reason: drifted.length === 0 ? whole : `${whole} Drift in ${request?.feature}: ${drifted.join(', ')}.`,
    ...figuresOf(found),
    labelledRowCount: found.labelCount,
    labelsNeeded: labelsNeeded({ cohortSize: window.rowCount }, rules.minimumLabels, MINIMUM_LABEL_COVERAGE),
    note: segments === null ? `${found.caveat} ${WITHOUT_SEGMENTS}` : found.caveat,
    ...(request ? { segmentFeature: request.feature } : {}),
    ...(request && segments
      ? {
          segments: found.segments.map((segment): ConceptSegment => ({
            segment: segment.name,
            verdict: segment.verdict,
            reason: reasonOf(segment, segment, rules),
            ...figuresOf(segment),
            labelledRowCount: segment.labelCount,
            rowCount: segment.cohortSize,
          })),
        }
      : {}),
    ...(confounded ? { confounded: confoundedFindings(profile, window.labelled) } : {}),
  };
}

const WITHOUT_SEGMENTS =
  'No segments: the reference profile of this version does not keep that feature row by row; train the model again.';

/** @returns null where the profile does not know the feature, or was made before it kept rows */
function segmentInputs(
  { features, concept }: ReferenceProfile,
  window: ConceptWindow,
  { feature, column }: SegmentRequest,
): ConceptSegmentInput[] | null {
  const index = features.findIndex(({ name }) => name === feature);
  if (index < 0 || !concept.rows) return null;
  const { bins, counts } = features[index];
  const referenceBins = Buffer.from(concept.rows.featureBins[index], 'base64');
  const currentBins = binIndexes(bins, column);
  const { probabilities, labels } = concept.rows;
  const cohort = [...window.features[index].bins, window.features[index].nullCount];
  return segmentsOf(bins, counts).map(({ name, bins: own }) => {
    const then = rowsIn(referenceBins, own);
    const now = rowsIn(currentBins, own);
    return {
      name,
      reference: {
        probabilities: Float64Array.from(then, (row) => probabilities[row]),
        labels: then.map((row) => labels[row]),
      },
      referencePit: Float64Array.from(then, (row) => concept.pit[row]),
      current: {
        probabilities: Float64Array.from(now, (row) => window.labelled.probabilities[row]),
        labels: now.map((row) => window.labelled.labels[row]),
        ids: now.map((row) => window.labelled.ids[row]),
      },
      cohortSize: [...own].reduce((sum, bin) => sum + cohort[bin], 0),
    };
  });
}

function rowsIn(bins: Uint8Array, own: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (const [row, bin] of bins.entries()) if (own.has(bin)) rows.push(row);
  return rows;
}

function confoundedFindings({ concept }: ReferenceProfile, current: LabelledPredictions): ConceptDrift['confounded'] {
  if (!concept.rows || current.labels.length === 0) return [];
  const { probabilities, labels } = concept.rows;
  const tests = confoundedTests({ probabilities: Float64Array.from(probabilities), labels }, current);
  return tests.map(({ measure, statistic, correctedPValue }) => ({
    measure,
    ksStatistic: statistic,
    pValue: correctedPValue,
  }));
}

function figuresOf({ tests }: ConceptFindings) {
  return {
    ksStatistic: tests?.ks.statistic ?? null,
    ksPValue: tests?.ks.correctedPValue ?? null,
    calibrationZ: tests?.calibration.z ?? null,
    calibrationPValue: tests?.calibration.correctedPValue ?? null,
  };
}

function reasonOf(
  { tests }: ConceptFindings,
  counts: Parameters<typeof labelsLacking>[0],
  { minimumLabels }: MonitoringRules,
): string {
  const lacking = labelsLacking(counts, minimumLabels, MINIMUM_LABEL_COVERAGE);
  if (lacking !== null) return lacking;
  const shape = tests?.ks.detected ? 'their shape' : null;
  const gap = tests?.calibration.gap ?? 0;
  const level = tests?.calibration.detected
    ? `their level (${(100 * Math.abs(gap)).toFixed(1)} points ${gap > 0 ? 'more' : 'fewer'} positives than expected)`
    : null;
  const changed = [shape, level].filter((part) => part !== null);
  if (changed.length === 0) return 'Outcomes follow the calibrated probabilities, as far as the labels show.';
  return `Outcomes no longer follow the calibrated probabilities: ${changed.join(' and ')}.`;
}
