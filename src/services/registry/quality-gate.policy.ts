import type { HeldOutComparison, QualityCheck, QualityPolicy, QualityRule } from '../../entities';
import type { SegmentMetrics } from '../statistics';
import { improvement } from './metric.policy';
import { MINIMUM_SEGMENT_ROWS } from './quality-policy';

/** .70 − .69 is more than .01 in binary fractions. */
const ROUNDING = 1e-12;

export interface GateInput {
  readonly policy: QualityPolicy;
  readonly metrics: Readonly<Record<string, number>>;
  readonly evaluationRows: number;
  /** Whether the blocking quality rules of the dataset's views passed when it was built; null when there is no dataset here to have rules. */
  readonly dataQualityPassed: boolean | null;
  /** Both models on the same held-out rows; null when there is no production version. */
  readonly baseline: HeldOutComparison | null;
  /** The metrics by the values of features, as the evaluation report has them. */
  readonly segments: readonly SegmentMetrics[];
}

/** Looks at data and model. Every check is answered, passed or not, so that a rejection tells all that is wrong at once. */
export function evaluateGate(input: GateInput): { passed: boolean; checks: QualityCheck[] } {
  const checks = [
    dataQualityCheck(input.dataQualityPassed),
    evaluationRowsCheck(input.policy.minimumEvaluationRows, input.evaluationRows),
    ...input.policy.rules.flatMap((rule) => ruleChecks(rule, input)),
  ];
  return { passed: checks.every((check) => check.passed), checks };
}

function dataQualityCheck(answer: boolean | null): QualityCheck {
  const passed = answer ?? true;
  const message =
    answer === null
      ? 'No dataset was named, so there are no quality rules to look at.'
      : passed
        ? 'The blocking quality rules of the training data passed.'
        : 'A blocking quality rule of the training data failed. Correct the data and build the dataset anew.';
  return {
    kind: 'DATA',
    name: 'dataQuality',
    rule: 'blocking rules pass',
    threshold: null,
    actual: null,
    baseline: null,
    passed,
    message,
  };
}

function evaluationRowsCheck(minimum: number, actual: number): QualityCheck {
  const passed = actual >= minimum;
  const message = passed
    ? `${actual} held-out rows are enough.`
    : `${actual} held-out rows are too few to judge by; ${minimum} are needed.`;
  return {
    kind: 'DATA',
    name: 'evaluationRows',
    rule: `at least ${minimum}`,
    threshold: minimum,
    actual,
    baseline: null,
    passed,
    message,
  };
}

function ruleChecks(rule: QualityRule, { metrics, baseline, segments }: GateInput): QualityCheck[] {
  if (rule.segmentBy != null) return segmentChecks(rule, rule.segmentBy, segments);
  const checks: QualityCheck[] = [];
  if (rule.threshold !== null) checks.push(thresholdCheck(rule, rule.threshold, metrics));
  if (rule.maxRegression !== null && baseline) checks.push(regressionCheck(rule.metric, rule.maxRegression, baseline));
  return checks;
}

function thresholdCheck(
  { metric, comparison }: QualityRule,
  threshold: number,
  metrics: Readonly<Record<string, number>>,
): QualityCheck {
  const actual = metrics[metric] ?? null;
  const atLeast = comparison === 'AT_LEAST';
  const passed = actual !== null && (atLeast ? actual >= threshold : actual <= threshold);
  const rule = `${atLeast ? 'at least' : 'at most'} ${threshold}`;
  const message = `${metric} is ${shown(actual)}; the policy asks for ${rule}.`;
  return { kind: 'MODEL', name: metric, rule, threshold, actual, baseline: null, passed, message };
}

function regressionCheck(metric: string, threshold: number, comparison: HeldOutComparison): QualityCheck {
  const actual = comparison.candidate[metric] ?? null;
  const baseline = comparison.production[metric] ?? null;
  const gained = actual === null || baseline === null ? null : improvement(metric, actual, baseline);
  // Without rows to compare on the question stays open, and an open question does not pass.
  const passed = gained !== null && gained >= -threshold - ROUNDING;
  const on = comparison.declared ? 'as declared of the same dataset' : 'on the same rows';
  const rule = `not worse than production by more than ${threshold}, ${on}`;
  const remedy =
    gained === null
      ? ' Name the dataset that both were judged on (datasetId or datasetFingerprint), or set maxRegression to null.'
      : '';
  const message = `${metric} is ${shown(actual)} (production: ${shown(baseline)}); the policy asks for ${rule}.${remedy}`;
  return { kind: 'MODEL', name: metric, rule, threshold, actual, baseline, passed, message };
}

/** One check for each value of the feature. That none was measured at all does not pass either. */
function segmentChecks(rule: QualityRule, feature: string, segments: readonly SegmentMetrics[]): QualityCheck[] {
  const minimumRows = rule.minimumSegmentRows ?? MINIMUM_SEGMENT_ROWS;
  const threshold = rule.threshold ?? 0;
  const found = segments.filter((segment) => segment.feature === feature);
  if (found.length === 0) {
    const check = thresholdCheck(rule, threshold, {});
    const message = `${rule.metric} is not measured by ${feature}. Put its segments into the evaluation report.`;
    return [{ ...check, rule: `${check.rule} for each ${feature}`, message }];
  }
  return found.map(({ value, rowCount, metrics }) => {
    const check = thresholdCheck(rule, threshold, metrics);
    const where = `where ${feature} is ${value}`;
    const of = { segment: { feature, value }, rule: `${check.rule} for each ${feature}` };
    return rowCount < minimumRows
      ? {
          ...check,
          ...of,
          passed: true,
          message: `Not judged ${where}: ${rowCount} held-out rows, and the policy asks for ${minimumRows}.`,
        }
      : {
          ...check,
          ...of,
          message: `${rule.metric} is ${shown(check.actual)} ${where} (${rowCount} rows); the policy asks for ${check.rule}.`,
        };
  });
}

const shown = (value: number | null): string =>
  value === null ? 'not measured' : String(Math.round(value * 1e4) / 1e4);
