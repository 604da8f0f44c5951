import type { FeatureQualityResult, FeatureQualityRule } from '../../../entities';
import type { DriftTestResult } from '../../statistics';
import { ruleName } from './quality-rules.policy';

/** What looking at the rows came to. */
export interface Findings {
  /** Newest rows of the view, one per entity. */
  readonly rowCount: number;
  /** Rows that the rule has something to say about, and those of them that break it. */
  readonly checked: number;
  readonly failing: number;
  /** FRESHNESS: since the newest event; null where there is none. */
  readonly ageSeconds: number | null;
  /** DRIFT; null where its reference is of no use. */
  readonly drift: DriftTestResult | null;
}

export type Judgement = Omit<FeatureQualityResult, 'rule' | 'examples'>;

/** Whether a rule holds, and how that is told to people. Rows without values show nothing about values, so they break no rule about them. */
export function judgeRule(rule: FeatureQualityRule, findings: Findings): Judgement {
  const { rowCount, checked, failing, ageSeconds } = findings;
  const name = describeRule(rule);
  const aboutAll = { checkedRowCount: checked, failingRowCount: null };
  switch (rule.kind) {
    case 'ROW_COUNT': {
      const passed = rowCount >= (rule.minimum ?? 0) && rowCount <= (rule.maximum ?? Infinity);
      return { passed, actual: rowCount, message: `${name}: there are ${rowCount}`, ...aboutAll };
    }
    case 'FRESHNESS': {
      const passed = ageSeconds !== null && ageSeconds <= (rule.maxAgeSeconds ?? 0);
      const found = ageSeconds === null ? 'there is none' : `it is ${ageSeconds} s old`;
      return { passed, actual: ageSeconds, message: `${name}: ${found}`, ...aboutAll };
    }
    case 'DRIFT':
      return { ...judgeDrift(name, findings), ...aboutAll };
    case 'NOT_NULL_RATIO':
    case 'RANGE':
    case 'ALLOWED_VALUES':
    case 'PATTERN':
    case 'UNIQUE':
      return { ...judgeRows(rule, name, findings), checkedRowCount: checked, failingRowCount: failing };
  }
}

type Verdict = Pick<Judgement, 'passed' | 'actual' | 'message'>;

function judgeRows(
  { kind, minimum }: FeatureQualityRule,
  name: string,
  { rowCount, checked, failing }: Findings,
): Verdict {
  if (checked === 0) {
    const nothing = rowCount === 0 ? 'rows' : 'values';
    return { passed: true, actual: null, message: `${name}: there are no ${nothing} yet` };
  }
  if (kind !== 'NOT_NULL_RATIO')
    return { passed: failing === 0, actual: failing, message: `${name}: ${failing} of ${checked} are not` };
  const ratio = (checked - failing) / checked;
  return { passed: ratio >= (minimum ?? 0), actual: ratio, message: `${name}: ${failing} of ${checked} are null` };
}

/** Too few rows to tell are no failure, and the message says so; a field that has become null throughout is one. */
function judgeDrift(name: string, { checked, drift }: Findings): Verdict {
  if (checked === 0) return { passed: true, actual: null, message: `${name}: there are no rows yet` };
  if (drift === null)
    return { passed: false, actual: null, message: `${name}: the reference has no profile of it; name another one` };
  const { verdict, figures } = drift;
  if (!figures) return { passed: false, actual: null, message: `${name}: all ${checked} are null` };
  const { effect, correctedPValue } = figures;
  const found = `it is ${rounded(effect)} with p = ${rounded(correctedPValue)}`;
  const reservation = verdict === 'INSUFFICIENT_DATA' ? `, but ${checked} rows are too few to tell` : '';
  return { passed: verdict !== 'DRIFT', actual: effect, message: `${name}: ${found}${reservation}` };
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

function describeRule(rule: FeatureQualityRule): string {
  const { kind, field, minimum, maximum } = rule;
  switch (kind) {
    case 'NOT_NULL_RATIO':
      return `at least ${minimum} of ${field} is filled`;
    case 'RANGE':
      return `${field} lies within ${minimum ?? '−∞'} and ${maximum ?? '∞'}`;
    case 'ALLOWED_VALUES':
      return `${field} is one of ${(rule.allowedValues ?? []).join(', ')}`;
    case 'PATTERN':
      return `${field} is of the form ${rule.pattern}`;
    case 'UNIQUE':
      return field === null ? 'rows are unique by join keys and event time' : `${field} is unique`;
    case 'FRESHNESS':
      return `the newest event is at most ${rule.maxAgeSeconds} s old`;
    case 'ROW_COUNT':
      if (minimum === null) return `at most ${maximum} rows`;
      return maximum === null ? `at least ${minimum} rows` : `${minimum} to ${maximum} rows`;
    case 'DRIFT':
      return `${ruleName(rule)} by ${rule.measure} stays below ${rule.threshold}`;
  }
}
