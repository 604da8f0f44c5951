import type {
  ConceptDrift,
  DatasetDrift,
  DriftResult,
  DriftVerdict,
  FeatureDrift,
  InputQualityCheck,
  MonitoringRules,
  PredictionDrift,
  TaskType,
} from '../../entities';
import { type BinCounts, evaluateBinary, type LabelledPredictions } from '../statistics';
import type { ReferenceProfile } from '../training';
import { binaryConcept, type ConceptOptions } from './concept-analysis.policy';
import { featureDrifts } from './feature-drift.policy';
import { inputQuality, overallQuality } from './input-quality.policy';
import { type ClassScores, predictionDrift } from './prediction-drift.policy';
import { notApplicable, regressionConcept, type RegressionOutcomes } from './regression-concept.policy';

/** A window of predictions, counted into the bins of its version's reference profile. */
export interface CurrentWindow {
  readonly rowCount: number;
  /** In the order of the profile's features. */
  readonly features: readonly BinCounts[];
  readonly prediction: BinCounts;
  /** Those whose outcome is known. */
  readonly labelled: LabelledPredictions;
}

export interface AnalysisOptions extends ConceptOptions {
  /** BINARY_CLASSIFICATION where absent. The others' predictions are classes or numbers, in the bins of `profile.prediction`. */
  readonly taskType?: TaskType;
  /** For a multiclass model: the scores of each class, beside the classes that it chose. */
  readonly classScores?: readonly ClassScores[];
  /** For a regression model: what has become of its predictions. */
  readonly regression?: RegressionOutcomes | null;
}

/**
 * Features together, predictions and concept are three tests of one report, which shall alarm by chance in no more than alpha of the windows. Features and
 * predictions get a quarter each, and where chance can reach their thresholds at all use it up: below some 500 rows. What they cannot use the concept
 * has, so that from 1,000 rows on it has nearly all.
 */
const DISTRIBUTION_SHARE = 0.25;

/**
 * Compares a window with the reference of its version: KL per feature, JS on predictions, the concept by outcomes, and the quality of the inputs.
 * What does not apply to the type of task says NOT_APPLICABLE.
 */
export function analyseDrift(
  profile: ReferenceProfile,
  window: CurrentWindow,
  rules: MonitoringRules,
  decisionThreshold: number,
  options: AnalysisOptions = {},
): { verdict: DriftVerdict; result: Omit<DriftResult, 'alertId'> } {
  const { taskType = 'BINARY_CLASSIFICATION' } = options;
  const share = rules.alpha * DISTRIBUTION_SHARE;
  const distributionRules = { ...rules, alpha: share };
  const judged = featureDrifts(profile.features, window.features, distributionRules);
  const answers = predictionDrift(profile.prediction, window.prediction, distributionRules, options.classScores);
  const spent = Math.min(share, judged.chanceOfAlarm) + Math.min(share, answers.chanceOfAlarm);
  const concept = conceptDrift(taskType, profile, window, { ...rules, alpha: rules.alpha - spent }, options);
  const { prediction } = answers;
  const quality = qualityByFeature(profile, window, rules);
  const features = judged.features.map((feature) => ({ ...feature, inputQuality: quality.get(feature.feature) }));
  const dataset = datasetDrift(features, rules.driftedShare ?? null);
  const checks = [...quality.values()].flat();
  const measured = taskType === 'BINARY_CLASSIFICATION' && concept.labelledRowCount >= (concept.labelsNeeded ?? 0);
  const result = {
    referenceRowCount: profile.rowCount,
    currentRowCount: window.rowCount,
    labelledRowCount: concept.verdict === 'NOT_APPLICABLE' ? window.labelled.ids.length : concept.labelledRowCount,
    features,
    dataset,
    inputQuality: overallQuality(checks, window.rowCount, rules.minimumRows),
    prediction,
    concept,
    performance: measured ? performanceOf(window.labelled, decisionThreshold) : {},
  };
  return { verdict: overallVerdict(window.rowCount, dataset, prediction, concept, rules), result };
}

/** What is wrong, one sentence each, the gravest kind first and the widest effect first. */
export function driftCauses({ features, prediction, concept }: Omit<DriftResult, 'alertId'>): string[] {
  const causes: string[] = [];
  if (concept.verdict === 'DRIFT') causes.push(conceptCause(concept));
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

function conceptCause({ ksStatistic, calibrationZ, segmentFeature, segments }: ConceptDrift): string {
  const drifted = (segments ?? []).filter(({ verdict }) => verdict === 'DRIFT').map(({ segment }) => segment);
  const where = drifted.length === 0 ? '' : `, in ${segmentFeature}: ${drifted.join(', ')}`;
  const figures = [
    ...(ksStatistic === null ? [] : [`KS D = ${shown(ksStatistic)}`]),
    ...(calibrationZ === null ? [] : [`z = ${shown(calibrationZ)}`]),
  ].join(', ');
  return `Concept drift: outcomes no longer follow the predictions${where}${figures && ` (${figures})`}.`;
}

function conceptDrift(
  taskType: TaskType,
  profile: ReferenceProfile,
  window: CurrentWindow,
  rules: MonitoringRules,
  options: AnalysisOptions,
): ConceptDrift {
  if (taskType === 'BINARY_CLASSIFICATION') return binaryConcept(profile, window, rules, options);
  if (taskType === 'MULTICLASS_CLASSIFICATION')
    return notApplicable(
      'The transform and the calibration z are of one probability; a multiclass model has one for each class, and no calibration of them is kept.',
    );
  return options.regression
    ? regressionConcept(options.regression, window.rowCount, rules)
    : notApplicable('The concept of a regression takes outcomes and a calibration on held-out rows; there are none.');
}

/** The checks of each feature, at a level of their own: their verdict is not the report's. */
function qualityByFeature(
  { features }: ReferenceProfile,
  window: CurrentWindow,
  rules: MonitoringRules,
): Map<string, InputQualityCheck[]> {
  const compared = features.map(({ bins, counts }, index) => ({
    bins,
    reference: counts,
    current: window.features[index],
  }));
  const checks = inputQuality(compared, rules);
  return new Map(features.map(({ name }, index) => [name, checks[index]]));
}

/** DRIFT where as many features drift as the policy asks for; INSUFFICIENT_DATA where the undecided ones could make up the number. */
function datasetDrift(features: readonly FeatureDrift[], driftedShareNeeded: number | null): DatasetDrift {
  const count = (verdict: FeatureDrift['verdict']) => features.filter((feature) => feature.verdict === verdict).length;
  const needed = Math.max(1, (driftedShareNeeded ?? 0) * features.length);
  const drifted = count('DRIFT');
  const possible = drifted + count('INSUFFICIENT_DATA');
  const verdict = drifted >= needed ? 'DRIFT' : possible >= needed ? 'INSUFFICIENT_DATA' : 'NO_DRIFT';
  return { verdict, driftedFeatureCount: drifted, featureCount: features.length, driftedShareNeeded };
}

function overallVerdict(
  rowCount: number,
  dataset: DatasetDrift,
  prediction: PredictionDrift,
  concept: ConceptDrift,
  rules: MonitoringRules,
): DriftVerdict {
  const verdicts = [dataset.verdict, prediction.verdict];
  if (concept.verdict === 'DRIFT' || verdicts.includes('DRIFT')) return 'DRIFT';
  // Too little data is never "no drift".
  return rowCount < rules.minimumRows || verdicts.includes('INSUFFICIENT_DATA') ? 'INSUFFICIENT_DATA' : 'NO_DRIFT';
}

/** Metrics that are undefined for these rows, such as AUC with one class, are left out. */
function performanceOf(
  { probabilities, labels }: LabelledPredictions,
  decisionThreshold: number,
): Record<string, number> {
  const metrics = evaluateBinary(probabilities, labels, decisionThreshold);
  return Object.fromEntries(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null));
}

const shown = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(3));
