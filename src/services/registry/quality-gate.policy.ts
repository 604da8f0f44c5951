import type { HeldOutComparison, QualityCheck, QualityPolicy, QualityRule } from '../../entities';

/** Metrics of the held-out rows that the gate knows, and whether more of each is better. */
export const GATE_METRICS = {
  auc: { higherIsBetter: true },
  accuracy: { higherIsBetter: true },
  precision: { higherIsBetter: true },
  recall: { higherIsBetter: true },
  f1: { higherIsBetter: true },
  logLoss: { higherIsBetter: false },
  brier: { higherIsBetter: false },
} as const;
export type GateMetric = keyof typeof GATE_METRICS;

export const isGateMetric = (name: string): name is GateMetric => Object.hasOwn(GATE_METRICS, name);

/** How much better than the baseline the actual figure is, in the metric's unit; negative when worse. */
export const improvement = (metric: GateMetric, actual: number, baseline: number): number =>
  GATE_METRICS[metric].higherIsBetter ? actual - baseline : baseline - actual;

/** A model is looked at with common sense when its team has set no rules: better than chance, and no real step back. */
export const DEFAULT_QUALITY_POLICY: QualityPolicy = {
  minimumEvaluationRows: 100,
  rules: [{ metric: 'auc', comparison: 'AT_LEAST', threshold: 0.6, maxRegression: 0.01 }],
};

export interface GateInput {
  readonly policy: QualityPolicy;
  readonly metrics: Readonly<Record<string, number>>;
  readonly evaluationRows: number;
  /** Whether the blocking quality rules of the dataset's views passed when it was built; null when there is no dataset here to have rules. */
  readonly dataQualityPassed: boolean | null;
  /** Both models on the same held-out rows; null when there is no production version. */
  readonly baseline: HeldOutComparison | null;
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

function ruleChecks(rule: QualityRule, { metrics, baseline }: GateInput): QualityCheck[] {
  const checks: QualityCheck[] = [];
  const check = (
    text: string,
    threshold: number,
    actual: number | null,
    production: number | null,
    passed: boolean,
  ) => {
    const compared = production === null ? '' : ` (production: ${shown(production)})`;
    const message = `${rule.metric} is ${shown(actual)}${compared}; the policy asks for ${text}.`;
    checks.push({
      kind: 'MODEL',
      name: rule.metric,
      rule: text,
      threshold,
      actual,
      baseline: production,
      passed,
      message,
    });
  };

  if (rule.threshold !== null) {
    const actual = metrics[rule.metric] ?? null;
    const atLeast = rule.comparison === 'AT_LEAST';
    const passed = actual !== null && (atLeast ? actual >= rule.threshold : actual <= rule.threshold);
    check(`${atLeast ? 'at least' : 'at most'} ${rule.threshold}`, rule.threshold, actual, null, passed);
  }
  if (rule.maxRegression !== null && baseline !== null) {
    const actual = baseline.candidate[rule.metric] ?? null;
    const production = baseline.production[rule.metric] ?? null;
    // Without rows to compare on the question stays open, and an open question does not pass.
    const passed =
      actual !== null &&
      production !== null &&
      isGateMetric(rule.metric) &&
      improvement(rule.metric, actual, production) >= -rule.maxRegression;
    check(
      `not worse than production by more than ${rule.maxRegression}, on the same rows`,
      rule.maxRegression,
      actual,
      production,
      passed,
    );
  }
  return checks;
}

const shown = (value: number | null): string =>
  value === null ? 'not measured' : String(Math.round(value * 1e4) / 1e4);
