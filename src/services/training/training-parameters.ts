import type { Algorithm } from '../../entities';
import { InvalidInput } from '../../errors';
import type { GradientBoostingParameters } from './gradient-boosting';
import type { LogisticRegressionParameters } from './logistic-regression';

interface ParameterRule {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly integer?: true;
}

interface ParametersOf {
  readonly GRADIENT_BOOSTING: GradientBoostingParameters;
  readonly LOGISTIC_REGRESSION: LogisticRegressionParameters;
}

const RULES: { readonly [A in Algorithm]: Readonly<Record<keyof ParametersOf[A], ParameterRule>> } = {
  // The defaults reach AUC .849 on five folds of Telco with 84 trees on average; the published 200 trees at rate .03 reach .848.
  GRADIENT_BOOSTING: {
    // ONNX Runtime adds up leaves in float32: at 2,000 trees it is more than 1e-6 away from the trainer, at 1,000 not.
    iterations: { default: 500, min: 1, max: 1000, integer: true },
    learningRate: { default: 0.05, min: 0.001, max: 1 },
    numLeaves: { default: 15, min: 2, max: 255, integer: true },
    l2: { default: 1, min: 0, max: 1e6 },
    minRowsPerLeaf: { default: 20, min: 1, max: 1e9, integer: true },
    minHessianPerLeaf: { default: 1e-3, min: 1e-9, max: 1e9 },
    validationShare: { default: 0.15, min: 0, max: 0.5 },
    patience: { default: 20, min: 1, max: 1000, integer: true },
  },
  LOGISTIC_REGRESSION: {
    // Above 0: without a penalty, separable rows and columns that are multiples of each other have no optimum.
    l2: { default: 1, min: 1e-6, max: 1e6 },
  },
};

/**
 * What the user gave, with defaults for the rest; null counts as not given.
 * @throws InvalidInput naming the parameter that is unknown or out of range
 */
export function checkedParameters<A extends Algorithm>(
  algorithm: A,
  given: Readonly<Record<string, unknown>>,
): ParametersOf[A] {
  const rules = new Map<string, ParameterRule>(Object.entries(RULES[algorithm]));
  const unknown = Object.keys(given).find((name) => !rules.has(name));
  if (unknown !== undefined) {
    const known = [...rules.keys()].join(', ');
    throw new InvalidInput(['input', 'parameters', unknown], `${algorithm} has no such parameter; it has ${known}.`);
  }
  const resolved = [...rules].map(([name, rule]) => [name, checkedNumber(name, given[name] ?? rule.default, rule)]);
  return Object.fromEntries(resolved) as ParametersOf[A];
}

function checkedNumber(name: string, value: unknown, { min, max, integer }: ParameterRule): number {
  if (typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
  const expected = `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  throw new InvalidInput(['input', 'parameters', name], `must be ${expected}, got ${JSON.stringify(value)}.`);
}
