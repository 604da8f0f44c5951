import type { FeatureField, FeatureQualityKind, FeatureQualityRule } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { isProblem, parseValue, toFeatureValue } from '../rows/feature-value';

/** A rule as clients write it: what its kind does not use may be left out. */
export type FeatureQualityRuleInput = Pick<FeatureQualityRule, 'kind' | 'severity'> &
  Partial<Omit<FeatureQualityRule, 'kind' | 'severity'>>;

type Part = Exclude<keyof FeatureQualityRule, 'kind' | 'severity'>;
const PARTS = [
  'field',
  'minimum',
  'maximum',
  'allowedValues',
  'pattern',
  'maxAgeSeconds',
  'measure',
  'threshold',
  'reference',
] as const satisfies readonly Part[];

interface Shape {
  readonly needs: readonly Part[];
  readonly takes?: readonly Part[];
  /** Of which types the field may be; absent: of any. */
  readonly dtypes?: readonly string[];
}

const SHAPES: Readonly<Record<FeatureQualityKind, Shape>> = {
  NOT_NULL_RATIO: { needs: ['field', 'minimum'] },
  RANGE: { needs: ['field'], takes: ['minimum', 'maximum'], dtypes: ['INT64', 'DOUBLE'] },
  ALLOWED_VALUES: { needs: ['field', 'allowedValues'], dtypes: ['STRING', 'INT64', 'BOOL'] },
  PATTERN: { needs: ['field', 'pattern'], dtypes: ['STRING'] },
  UNIQUE: { needs: [], takes: ['field'], dtypes: ['STRING', 'INT64', 'DOUBLE', 'TIMESTAMP'] },
  FRESHNESS: { needs: ['maxAgeSeconds'] },
  ROW_COUNT: { needs: [], takes: ['minimum', 'maximum'] },
  DRIFT: {
    needs: ['field', 'measure', 'threshold', 'reference'],
    dtypes: ['INT64', 'DOUBLE', 'BOOL', 'STRING'],
  },
};

const MAX_RULES = 1000;
const MAX_PATTERN_LENGTH = 1000;
/** 285 years, as for the TTL. */
const MAX_AGE_SECONDS = 9e9;

/** The name of a part in requests: a reference is given by its id. */
const requestName = (part: Part): string => (part === 'reference' ? 'referenceId' : part);

/** A rule as messages name it: its kind and its field. */
export const ruleName = ({ kind, field }: Pick<FeatureQualityRule, 'kind' | 'field'>): string =>
  field === null ? kind : `${kind} of ${field}`;

/**
 * Checks rules against the fields of their view.
 * @throws InvalidInput naming the rule, its field, and the part that its kind lacks or has no use for
 */
export function checkedRules(
  rules: readonly FeatureQualityRuleInput[],
  fields: readonly FeatureField[],
): FeatureQualityRule[] {
  const at = ['input', 'qualityRules'];
  if (rules.length > MAX_RULES) throw new InvalidInput(at, `a view has at most ${MAX_RULES} rules`);
  return rules.map((input, index) => {
    const { kind, severity } = input;
    const absent = Object.fromEntries(PARTS.map((part) => [part, input[part] ?? null])) as Pick<
      FeatureQualityRule,
      Part
    >;
    const check = new RuleCheck({ kind, severity, ...absent }, fields, [...at, String(index)]);
    return check.checked();
  });
}

/** Whether a rule can be asked of rows with these fields: an older version of a view may lack those that its rules have come to name since. */
export function appliesTo(rule: FeatureQualityRule, fields: readonly FeatureField[]): boolean {
  if (rule.field === null) return true;
  const field = fields.find(({ name }) => name === rule.field);
  const { dtypes } = SHAPES[rule.kind];
  return field !== undefined && (!dtypes || dtypes.includes(field.dtype));
}

class RuleCheck {
  constructor(
    private readonly rule: FeatureQualityRule,
    private readonly fields: readonly FeatureField[],
    private readonly at: readonly string[],
  ) {}

  checked(): FeatureQualityRule {
    const { rule } = this;
    this.checkParts();
    this.checkBounds();
    this.checkNumbers();
    if (rule.pattern !== null && rule.pattern.length > MAX_PATTERN_LENGTH)
      this.refuse('pattern', `has at most ${MAX_PATTERN_LENGTH} characters`);
    if (rule.field === null) return rule;
    const field = this.checkedField(rule.field);
    return rule.allowedValues === null
      ? rule
      : { ...rule, allowedValues: this.checkedValues(rule.allowedValues, field) };
  }

  private refuse(part: Part, problem: string): never {
    throw new InvalidInput([...this.at, requestName(part)], `${ruleName(this.rule)}: ${problem}`);
  }

  private checkParts(): void {
    const { rule } = this;
    const { needs, takes = [] } = SHAPES[rule.kind];
    for (const part of PARTS) {
      if (needs.includes(part) && rule[part] === null) this.refuse(part, 'is needed');
      if (rule[part] !== null && !needs.includes(part) && !takes.includes(part))
        this.refuse(part, 'has no use here; leave it out');
    }
  }

  private checkBounds(): void {
    const { kind, minimum, maximum } = this.rule;
    if ((kind === 'RANGE' || kind === 'ROW_COUNT') && minimum === null && maximum === null)
      this.refuse('minimum', 'needs minimum, maximum or both');
    if (minimum !== null && maximum !== null && minimum > maximum)
      this.refuse('maximum', `${maximum} is less than the minimum, ${minimum}`);
    if (kind === 'NOT_NULL_RATIO' && minimum !== null && !(minimum >= 0 && minimum <= 1))
      this.refuse('minimum', 'a ratio lies within 0 and 1');
    if (kind === 'ROW_COUNT')
      for (const part of ['minimum', 'maximum'] as const)
        if (this.rule[part] !== null && !(Number.isSafeInteger(this.rule[part]) && this.rule[part] >= 0))
          this.refuse(part, 'a number of rows is a whole one, 0 or more');
  }

  private checkNumbers(): void {
    const { maxAgeSeconds, measure, threshold } = this.rule;
    if (maxAgeSeconds !== null && !(maxAgeSeconds > 0 && maxAgeSeconds <= MAX_AGE_SECONDS))
      this.refuse('maxAgeSeconds', `must be above 0 and at most ${MAX_AGE_SECONDS}`);
    const greatest = measure === 'JS_DISTANCE' ? Math.sqrt(Math.LN2) : Infinity;
    if (threshold !== null && !(threshold > 0 && threshold < greatest))
      this.refuse(
        'threshold',
        measure === 'JS_DISTANCE'
          ? 'must be above 0 and below .8326, the greatest distance that there is; .1 is usual'
          : 'must be above 0; .2 is usual',
      );
  }

  private checkedField(name: string): FeatureField {
    const field = this.fields.find((candidate) => candidate.name === name);
    if (!field) {
      const names = this.fields.map((candidate) => candidate.name).join(', ');
      return this.refuse('field', `the view has no field ${JSON.stringify(name)}; it has ${names}`);
    }
    const { dtypes } = SHAPES[this.rule.kind];
    if (dtypes && !dtypes.includes(field.dtype))
      this.refuse('field', `${this.rule.kind} is for fields of type ${dtypes.join(', ')}; ${name} is ${field.dtype}`);
    return field;
  }

  /** The values in the one spelling in which rows are compared with them: "+07" and "7" are one integer, "7.0" is none. */
  private checkedValues(values: readonly string[], { dtype }: FeatureField): string[] {
    if (values.length === 0) this.refuse('allowedValues', 'name at least one value');
    return values.map((text) => {
      const value = parseValue(dtype, dtype === 'BOOL' && /^(true|false)$/.test(text) ? text === 'true' : text);
      return isProblem(value)
        ? this.refuse('allowedValues', `${JSON.stringify(text)} is not ${value.expected}`)
        : String(toFeatureValue(dtype, value));
    });
  }
}
