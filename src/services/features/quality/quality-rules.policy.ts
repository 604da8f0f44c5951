import type { FeatureField, FeatureQualityKind, FeatureQualityRule } from '../../../entities';
import { InvalidInput } from '../../../errors';

export interface Judgement {
  readonly passed: boolean;
  readonly actual: number | null;
  readonly message: string;
}

/**
 * What counting came to.
 * @param rowCount newest rows of the view, one per entity
 * @param broken those of them that break the rule
 */
export function judgeRule(rule: FeatureQualityRule, rowCount: number, broken: number): Judgement {
  const name = describeRule(rule);
  if (rule.kind === 'ROW_COUNT') {
    const passed = rowCount >= (rule.minimum ?? 0);
    return { passed, actual: rowCount, message: `${name}: there are ${rowCount}` };
  }
  // A view without rows shows nothing about its values; ROW_COUNT is the rule that refuses it.
  if (rowCount === 0) return { passed: true, actual: null, message: `${name}: there are no rows yet` };
  if (rule.kind === 'NOT_NULL_RATIO') {
    const ratio = (rowCount - broken) / rowCount;
    return {
      passed: ratio >= (rule.minimum ?? 0),
      actual: ratio,
      message: `${name}: ${broken} of ${rowCount} are null`,
    };
  }
  return { passed: broken === 0, actual: broken, message: `${name}: ${broken} of ${rowCount} are not` };
}

function describeRule(rule: FeatureQualityRule): string {
  switch (rule.kind) {
    case 'NOT_NULL_RATIO':
      return `at least ${rule.minimum} of ${rule.field} is filled`;
    case 'RANGE':
      return `${rule.field} lies within ${rule.minimum ?? '−∞'} and ${rule.maximum ?? '∞'}`;
    case 'ALLOWED_VALUES':
      return `${rule.field} is one of ${(rule.allowedValues ?? []).join(', ')}`;
    case 'ROW_COUNT':
      return `at least ${rule.minimum} rows`;
  }
}

/** A rule as clients write it: what its kind does not use may be left out. */
export interface FeatureQualityRuleInput {
  readonly field?: string | null;
  readonly kind: FeatureQualityKind;
  readonly severity: FeatureQualityRule['severity'];
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly allowedValues?: readonly string[] | null;
}

/**
 * Checks rules against the fields of their view.
 * @throws InvalidInput naming the part of the rule that its kind lacks or has no use for
 */
export function checkedRules(
  rules: readonly FeatureQualityRuleInput[],
  fields: readonly FeatureField[],
): FeatureQualityRule[] {
  return rules.map((input, index) => {
    const rule = {
      field: input.field ?? null,
      kind: input.kind,
      severity: input.severity,
      minimum: input.minimum ?? null,
      maximum: input.maximum ?? null,
      allowedValues: input.allowedValues ?? null,
    };
    checkRule(rule, fields, ['input', 'qualityRules', String(index)]);
    return rule;
  });
}

const USED: Readonly<Record<FeatureQualityKind, readonly (keyof FeatureQualityRule)[]>> = {
  NOT_NULL_RATIO: ['field', 'minimum'],
  RANGE: ['field', 'minimum', 'maximum'],
  ALLOWED_VALUES: ['field', 'allowedValues'],
  ROW_COUNT: ['minimum'],
};

function checkRule(rule: FeatureQualityRule, fields: readonly FeatureField[], at: readonly string[]): void {
  const { kind, minimum, maximum } = rule;
  for (const part of ['field', 'minimum', 'maximum', 'allowedValues'] as const) {
    const used = USED[kind].includes(part);
    if (!used && rule[part] !== null) throw new InvalidInput([...at, part], `${kind} does not use it; leave it out`);
    const needed = used && kind !== 'RANGE';
    if (needed && rule[part] === null) throw new InvalidInput([...at, part], `${kind} needs it`);
  }
  if (kind !== 'ROW_COUNT') checkField(rule, fields, [...at, 'field']);
  if (kind === 'RANGE' && minimum === null && maximum === null)
    throw new InvalidInput([...at, 'minimum'], 'RANGE needs minimum, maximum or both');
  if (minimum !== null && maximum !== null && minimum > maximum)
    throw new InvalidInput([...at, 'maximum'], `${maximum} is less than the minimum, ${minimum}`);
  if (kind === 'NOT_NULL_RATIO' && minimum !== null && (minimum < 0 || minimum > 1))
    throw new InvalidInput([...at, 'minimum'], 'a ratio lies within 0 and 1');
  if (rule.allowedValues?.length === 0) throw new InvalidInput([...at, 'allowedValues'], 'name at least one value');
}

function checkField(rule: FeatureQualityRule, fields: readonly FeatureField[], at: readonly string[]): void {
  const field = fields.find(({ name }) => name === rule.field);
  if (!field) {
    const names = fields.map(({ name }) => name).join(', ');
    throw new InvalidInput(at, `the view has no field ${JSON.stringify(rule.field)}; it has ${names}`);
  }
  const types = { RANGE: ['INT64', 'DOUBLE'], ALLOWED_VALUES: ['STRING', 'INT64', 'BOOL'] }[rule.kind as string];
  if (types && !types.includes(field.dtype))
    throw new InvalidInput(
      at,
      `${rule.kind} is for fields of type ${types.join(' and ')}; ${field.name} is ${field.dtype}`,
    );
}
