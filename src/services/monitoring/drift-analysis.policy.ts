import type {
  ColumnVerdict,
  ConceptDrift,
  DriftHistogram,
  DriftResult,
  DriftVerdict,
  FeatureDrift,
  MonitoringRules,
  PredictionDrift,
} from '../../entities';
import {
  type BinCounts,
  binLabels,
  type BinSpec,
  type DriftTestInput,
  type DriftTestResult,
  evaluateBinary,
  type LabelledPredictions,
  testConceptDrift,
  testJsDrift,
  testKlDrift,
} from '../statistics';
import type { ReferenceProfile } from '../training';

/** A window of predictions, counted into the bins of its version's reference profile. */
export interface CurrentWindow {
  readonly rowCount: number;
  /** In the order of the profile's features. */
  readonly features: readonly BinCounts[];
  readonly prediction: BinCounts;
  /** Those whose outcome is known. */
  readonly labelled: LabelledPredictions;
}

/** Below these effects a difference is real perhaps, but of no consequence. */
const MINIMUM_KS_STATISTIC = 0.03;
const MINIMUM_CALIBRATION_GAP = 0.02;
/**
 * With less than this share of outcomes, those that came first are not like the rest: churners are known before stayers. With nothing changed, 20 of 20
 * such windows alarmed at .70, 15 at .85, 2 at .95.
 */
const MINIMUM_LABEL_COVERAGE = 0.95;

/** Compares a window with the reference of its version: KL per feature, JS on predictions, KS for the concept. */
export function analyseDrift(
  profile: ReferenceProfile,
  window: CurrentWindow,
  rules: MonitoringRules,
  decisionThreshold: number,
): { verdict: DriftVerdict; result: Omit<DriftResult, 'alertId'> } {
  const features = profile.features.map((reference, index) =>
    featureDrift(reference, window.features[index], profile.features.length, rules),
  );
  const prediction = predictionDrift(profile, window, rules);
  const concept = conceptDrift(profile, window, rules);
  const result = {
    referenceRowCount: profile.rowCount,
    currentRowCount: window.rowCount,
    labelledRowCount: window.labelled.ids.length,
    features,
    prediction,
    concept,
    performance: concept.verdict === 'INSUFFICIENT_LABELS' ? {} : performanceOf(window.labelled, decisionThreshold),
  };
  return { verdict: overallVerdict(window.rowCount, features, prediction, concept, rules), result };
}

/** What is wrong, one sentence each, the gravest kind first and the widest effect first. */
export function driftCauses({ features, prediction, concept }: Omit<DriftResult, 'alertId'>): string[] {
  const causes: string[] = [];
  if (concept.verdict === 'DRIFT') {
    causes.push(
      `Concept drift: outcomes no longer follow the probabilities (KS D = ${shown(concept.ksStatistic)}, z = ${shown(concept.calibrationZ)}).`,
    );
  }
  if (prediction.verdict === 'DRIFT') {
    causes.push(
      `Prediction drift: Jensen–Shannon distance ${shown(prediction.jsDistance)}, threshold ${prediction.threshold}.`,
    );
  }
  const drifted = features
    .filter((feature) => feature.verdict === 'DRIFT')
    .sort((a, b) => (b.klDivergence ?? 0) - (a.klDivergence ?? 0));
  for (const feature of drifted)
    causes.push(
      `Data drift in ${feature.feature}: KL divergence ${shown(feature.klDivergence)}, threshold ${feature.threshold}.`,
    );
  return causes;
}

function overallVerdict(
  rowCount: number,
  features: FeatureDrift[],
  prediction: PredictionDrift,
  concept: ConceptDrift,
  rules: MonitoringRules,
): DriftVerdict {
  const verdicts = [prediction, ...features].map(({ verdict }) => verdict);
  if (concept.verdict === 'DRIFT' || verdicts.includes('DRIFT')) return 'DRIFT';
  // Too little data is never "no drift".
  return rowCount < rules.minimumRows || verdicts.includes('INSUFFICIENT_DATA') ? 'INSUFFICIENT_DATA' : 'NO_DRIFT';
}

/** A significant difference between a handful of rows would be noise often enough. */
const belowMinimum = (verdict: ColumnVerdict, rowCount: number, minimumRows: number): ColumnVerdict =>
  rowCount < minimumRows && verdict !== 'EMPTY' ? 'INSUFFICIENT_DATA' : verdict;

function featureDrift(
  reference: ReferenceProfile['features'][number],
  current: BinCounts,
  comparisons: number,
  rules: MonitoringRules,
): FeatureDrift {
  const test = testFeature(reference.counts, current, {
    threshold: rules.klThreshold,
    alpha: rules.alpha,
    comparisons,
  });
  return {
    feature: reference.name,
    verdict: belowMinimum(test.verdict, test.currentRows, rules.minimumRows),
    klDivergence: test.figures?.klDivergence ?? null,
    psi: test.figures?.psi ?? null,
    pValue: test.figures?.correctedPValue ?? null,
    threshold: rules.klThreshold,
    nullRatioReference: nullRatio(reference.counts),
    nullRatioCurrent: nullRatio(current),
    histogram: histogram(reference.bins, reference.counts, current),
  };
}

/** A window without any value is EMPTY, but not where the reference had values: there they have vanished, and that is drift. */
function testFeature(
  referenceCounts: BinCounts,
  currentCounts: BinCounts,
  level: Pick<DriftTestInput, 'threshold' | 'alpha' | 'comparisons'>,
): DriftTestResult {
  const test = testKlDrift({ ...level, referenceCounts, currentCounts });
  if (test.verdict !== 'EMPTY' || test.currentRows === 0) return test;
  const withNulls = testKlDrift({
    ...level,
    referenceCounts: nullAsBin(referenceCounts),
    currentCounts: nullAsBin(currentCounts),
  });
  return withNulls.verdict === 'DRIFT' ? withNulls : test;
}

const nullAsBin = ({ bins, nullCount }: BinCounts): BinCounts => ({ bins: [...bins, nullCount], nullCount: 0 });

function predictionDrift(
  { prediction }: ReferenceProfile,
  window: CurrentWindow,
  rules: MonitoringRules,
): PredictionDrift {
  const test = testJsDrift({
    referenceCounts: prediction.counts,
    currentCounts: window.prediction,
    threshold: rules.jsThreshold,
    alpha: rules.alpha,
    comparisons: 1,
  });
  return {
    verdict: belowMinimum(test.verdict, test.currentRows, rules.minimumRows),
    jsDivergence: test.figures?.jsDivergence ?? null,
    jsDistance: test.figures?.jsDistance ?? null,
    pValue: test.figures?.correctedPValue ?? null,
    threshold: rules.jsThreshold,
    histogram: histogram(prediction.bins, prediction.counts, window.prediction),
  };
}

function conceptDrift({ concept }: ReferenceProfile, window: CurrentWindow, rules: MonitoringRules): ConceptDrift {
  const { verdict, tests, labelCount, caveat } = testConceptDrift({
    referencePit: Float64Array.from(concept.pit),
    calibration: concept.calibration,
    current: window.labelled,
    cohortSize: window.rowCount,
    alpha: rules.alpha,
    minimumLabels: rules.minimumLabels,
    minimumCoverage: MINIMUM_LABEL_COVERAGE,
    minimumKsStatistic: MINIMUM_KS_STATISTIC,
    minimumCalibrationGap: MINIMUM_CALIBRATION_GAP,
  });
  return {
    verdict,
    ksStatistic: tests?.ks.statistic ?? null,
    ksPValue: tests?.ks.correctedPValue ?? null,
    calibrationZ: tests?.calibration.z ?? null,
    calibrationPValue: tests?.calibration.correctedPValue ?? null,
    labelledRowCount: labelCount,
    note: caveat,
  };
}

/** Metrics that are undefined for these rows, such as AUC with one class, are left out. */
function performanceOf(
  { probabilities, labels }: LabelledPredictions,
  decisionThreshold: number,
): Record<string, number> {
  const metrics = evaluateBinary(probabilities, labels, decisionThreshold);
  return Object.fromEntries(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null));
}

function histogram(bins: BinSpec, reference: BinCounts, current: BinCounts): DriftHistogram {
  return { bins: binLabels(bins), reference: shares(reference), current: shares(current) };
}

/** Share of the rows in each bin, null last. */
function shares({ bins, nullCount }: BinCounts): number[] {
  const counts = [...bins, nullCount];
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

const nullRatio = (counts: BinCounts): number => shares(counts).at(-1) ?? 0;

const shown = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(3));
