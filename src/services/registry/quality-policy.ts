import type { QualityPolicy, QualityRule, TaskType } from '../../entities';
import { InvalidInput } from '../../errors';
import { GATE_METRICS, higherIsBetter } from './metric.policy';
import { checkedTags } from './tags.policy';

const rule = (metric: string, threshold: number | null): QualityRule => ({
  metric,
  comparison: 'AT_LEAST',
  threshold,
  maxRegression: 0.01,
});

/** Models are looked at with common sense when their team has set no rules: better than chance, or than the mean, and no real step back. */
export const DEFAULT_QUALITY_POLICIES: Readonly<Record<TaskType, QualityPolicy>> = {
  BINARY_CLASSIFICATION: { minimumEvaluationRows: 100, rules: [rule('auc', 0.6)] },
  // What chance gives depends on the classes.
  MULTICLASS_CLASSIFICATION: { minimumEvaluationRows: 100, rules: [rule('accuracy', null)] },
  REGRESSION: { minimumEvaluationRows: 100, rules: [rule('r2', 0)] },
};

/** How many held-out rows a segment must have to be judged, where the rule does not say. */
export const MINIMUM_SEGMENT_ROWS = 50;

/** @throws InvalidInput naming the rule that the gate could not hold */
export function checkedQualityPolicy(policy: QualityPolicy, taskType: TaskType): QualityPolicy {
  checkedTags(Object.fromEntries((policy.requiredTags ?? []).map((key) => [key, ''])));
  if (policy.minimumEvaluationRows < 1)
    throw new InvalidInput('input.qualityPolicy.minimumEvaluationRows', 'must be at least 1');
  policy.rules.forEach((one, index) => checkRule(one, index, taskType));
  return policy;
}

function checkRule(rule: QualityRule, index: number, taskType: TaskType): void {
  const { metric, comparison, threshold, maxRegression, segmentBy = null, minimumSegmentRows = null } = rule;
  const refuse = (field: keyof QualityRule, problem: string): never => {
    throw new InvalidInput(['input', 'qualityPolicy', 'rules', String(index), field], problem);
  };
  if (!GATE_METRICS[taskType].includes(metric)) {
    const metrics = GATE_METRICS[taskType].join(', ');
    refuse('metric', `${JSON.stringify(metric)} is not a metric of the gate for ${taskType}; choose one of ${metrics}`);
  }
  if (threshold === null && maxRegression === null) refuse('threshold', 'give threshold, maxRegression or both');
  if (maxRegression !== null && maxRegression < 0) refuse('maxRegression', 'must not be negative');
  const right = higherIsBetter(metric) ? 'AT_LEAST' : 'AT_MOST';
  if (threshold !== null && comparison !== right)
    refuse('comparison', `${metric} is better ${right === 'AT_LEAST' ? 'higher' : 'lower'}: use ${right}`);
  if (segmentBy === null) {
    if (minimumSegmentRows !== null) refuse('minimumSegmentRows', 'goes with segmentBy');
    return;
  }
  if (segmentBy === '') refuse('segmentBy', 'must name a feature');
  if (threshold === null || maxRegression !== null)
    refuse(
      'maxRegression',
      'a rule for segments is a bound: give threshold only, and compare with production in a rule of its own',
    );
  if (minimumSegmentRows !== null && minimumSegmentRows < 1) refuse('minimumSegmentRows', 'must be at least 1');
}
