import type {
  AlertConditions,
  AlertKind,
  AlertRule,
  DriftPart,
  ErrorRatioCondition,
  LatencyCondition,
  QualityCondition,
  TaskType,
} from '../../../entities';
import { ALERT_KINDS, DRIFT_PARTS } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { GATE_METRICS } from '../../registry';

type Given<T> = { readonly [K in keyof T]?: T[K] | null };

/** What a rule shall be. What is absent or null stays as it is, or is the default where the rule is new. */
export interface AlertRuleChange extends Given<Pick<AlertRule, 'severity' | 'enabled' | 'autoResolve'>> {
  readonly windowSeconds?: number | null;
  readonly reopenWithinSeconds?: number | null;
  readonly confirmation?: { readonly required: number; readonly of: number } | null;
  readonly drift?: { readonly parts: readonly DriftPart[]; readonly feature?: string | null } | null;
  readonly performance?: {
    readonly metric: string;
    readonly comparison: 'AT_LEAST' | 'AT_MOST';
    readonly threshold: number;
    readonly minimumLabels: number;
    readonly labelDelaySeconds: number;
  } | null;
  readonly quality?: QualityCondition | null;
  readonly latency?: LatencyCondition | null;
  readonly errorRatio?: ErrorRatioCondition | null;
  readonly volume?: { readonly below?: number | null; readonly above?: number | null } | null;
}

export type RuleSettings = Pick<
  AlertRule,
  | 'kind'
  | 'condition'
  | 'severity'
  | 'windowSeconds'
  | 'required'
  | 'outOf'
  | 'reopenWithinSeconds'
  | 'autoResolve'
  | 'enabled'
>;

/** The input field of each kind's condition. */
const FIELDS = {
  DRIFT: 'drift',
  PERFORMANCE: 'performance',
  QUALITY: 'quality',
  LATENCY: 'latency',
  ERROR_RATIO: 'errorRatio',
  VOLUME: 'volume',
} as const satisfies Record<AlertKind, keyof AlertRuleChange>;

const WEEK_SECONDS = 604_800;
const LONGEST_OUT_OF = 24;
const MOST_ROWS = 1e9;

/**
 * The settings of a rule after a change.
 * @param current null where the rule is new
 * @throws InvalidInput
 */
export function changedRule(current: RuleSettings | null, change: AlertRuleChange, taskType: TaskType): RuleSettings {
  const kind = kindOf(current, change);
  const { confirmation } = change;
  const condition = conditionOf(kind, change, taskType) ?? current?.condition;
  if (condition === undefined) throw new Error('A rule of a known kind has a condition.');
  const settings = {
    kind,
    condition,
    severity: change.severity ?? current?.severity ?? 'WARNING',
    windowSeconds: change.windowSeconds ?? current?.windowSeconds ?? null,
    required: confirmation?.required ?? current?.required ?? 1,
    outOf: confirmation?.of ?? current?.outOf ?? 1,
    reopenWithinSeconds: change.reopenWithinSeconds ?? current?.reopenWithinSeconds ?? 0,
    autoResolve: change.autoResolve ?? current?.autoResolve ?? false,
    enabled: change.enabled ?? current?.enabled ?? true,
  };
  checkWindow(settings);
  const { required, outOf } = settings;
  whole(['confirmation', 'of'], outOf, 1, LONGEST_OUT_OF);
  whole(['confirmation', 'required'], required, 1, outOf);
  whole(['reopenWithinSeconds'], settings.reopenWithinSeconds, 0, 30 * 86_400);
  return settings;
}

/** Whether windows that were judged by the one say nothing by the other. */
export const judgesOtherwise = (one: RuleSettings, other: RuleSettings): boolean =>
  one.windowSeconds !== other.windowSeconds || JSON.stringify(one.condition) !== JSON.stringify(other.condition);

function kindOf(current: RuleSettings | null, change: AlertRuleChange): AlertKind {
  const given = ALERT_KINDS.filter((kind) => change[FIELDS[kind]] != null);
  const choice = ALERT_KINDS.map((kind) => FIELDS[kind]).join(', ');
  if (given.length > 1) refuse([FIELDS[given[1]]], `a rule has one condition: give one of ${choice}`);
  const kind = given.at(0) ?? current?.kind;
  if (kind === undefined) refuse(['condition'], `a new rule needs a condition: give one of ${choice}`);
  if (current !== null && kind !== current.kind)
    refuse([FIELDS[kind]], `this rule is one of kind ${current.kind}; set a rule of another name, or delete this one`);
  return kind;
}

function conditionOf(kind: AlertKind, change: AlertRuleChange, taskType: TaskType): AlertConditions[AlertKind] | null {
  const { drift, performance, quality, latency, errorRatio, volume } = change;
  switch (kind) {
    case 'DRIFT':
      return drift == null ? null : driftCondition(drift);
    case 'PERFORMANCE':
      return performance == null ? null : performanceCondition(performance, taskType);
    case 'QUALITY':
      return quality == null ? null : { severity: quality.severity };
    case 'LATENCY':
      if (latency == null) return null;
      within(['latency', 'quantile'], latency.quantile, 0, 1);
      within(['latency', 'thresholdMs'], latency.thresholdMs, 0, 60_000);
      whole(['latency', 'minimumRequests'], latency.minimumRequests, 1, MOST_ROWS);
      return { ...latency };
    case 'ERROR_RATIO':
      if (errorRatio == null) return null;
      if (!(errorRatio.threshold >= 0 && errorRatio.threshold < 1))
        refuse(['errorRatio', 'threshold'], `${errorRatio.threshold} is not a share from 0 up to, but not, 1`);
      whole(['errorRatio', 'minimumRows'], errorRatio.minimumRows, 1, MOST_ROWS);
      return { ...errorRatio };
    case 'VOLUME':
      return volume == null ? null : volumeCondition(volume);
  }
}

function driftCondition({ parts, feature = null }: NonNullable<AlertRuleChange['drift']>) {
  if (parts.length === 0) refuse(['drift', 'parts'], `name at least one of ${DRIFT_PARTS.join(', ')}`);
  if (feature !== null && !parts.includes('FEATURE'))
    refuse(['drift', 'feature'], 'goes with the part FEATURE; add that, or leave the feature out');
  return { parts: DRIFT_PARTS.filter((part) => parts.includes(part)), feature };
}

function performanceCondition(performance: NonNullable<AlertRuleChange['performance']>, taskType: TaskType) {
  const { metric, threshold, minimumLabels, labelDelaySeconds } = performance;
  const known = GATE_METRICS[taskType];
  if (!known.includes(metric))
    refuse(
      ['performance', 'metric'],
      `${JSON.stringify(metric)} is no metric of ${taskType}; choose one of ${known.join(', ')}`,
    );
  if (!Number.isFinite(threshold)) refuse(['performance', 'threshold'], `${threshold} is no number`);
  whole(['performance', 'minimumLabels'], minimumLabels, 2, MOST_ROWS);
  whole(['performance', 'labelDelaySeconds'], labelDelaySeconds, 0, 90 * 86_400);
  return { ...performance };
}

function volumeCondition({ below = null, above = null }: NonNullable<AlertRuleChange['volume']>) {
  if (below === null && above === null)
    refuse(['volume', 'below'], 'give below, above or both; below: 1 tells of windows without any prediction');
  if (below !== null) whole(['volume', 'below'], below, 1, MOST_ROWS);
  if (above !== null) whole(['volume', 'above'], above, 0, MOST_ROWS);
  if (below !== null && above !== null && below > above + 1)
    refuse(['volume', 'above'], `no number of predictions is neither below ${below} nor above ${above}`);
  return { below, above };
}

function checkWindow({ kind, windowSeconds }: RuleSettings): void {
  if (kind === 'DRIFT') {
    if (windowSeconds !== null)
      refuse(['windowSeconds'], 'rules on drift look at reports, which have their own windows');
    return;
  }
  if (windowSeconds === null) refuse(['windowSeconds'], 'a new rule of this kind needs it, for example 300');
  whole(['windowSeconds'], windowSeconds, 60, WEEK_SECONDS);
  if (windowSeconds % 60 !== 0) refuse(['windowSeconds'], `${windowSeconds} is not a multiple of 60`);
}

function whole(field: readonly string[], value: number, least: number, greatest: number): void {
  if (!Number.isInteger(value) || value < least || value > greatest)
    refuse(field, `${value} is not a whole number from ${least} to ${greatest}`);
}

function within(field: readonly string[], value: number, above: number, greatest: number): void {
  if (!(value > above && value <= greatest))
    refuse(field, `${value} is not greater than ${above} and at most ${greatest}`);
}

function refuse(field: readonly string[], problem: string): never {
  throw new InvalidInput(['input', ...field], problem);
}
