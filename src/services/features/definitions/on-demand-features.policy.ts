import type { Dtype, JoinKey, OnDemandFeature, RequestInput, ServiceFeature } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { type CompiledExpression, compileExpression, type FeatureTypes } from '../expressions/compile-expression';
import { checkNames } from './feature-names.policy';

export interface OnDemandFeatureInput {
  readonly name: string;
  /** See docs/expressions.md. */
  readonly expression: string;
  /** Absent or null: it stays as it is. */
  readonly description?: string | null;
}

export interface RequestInputInput extends RequestInput {
  /** Absent or null: it stays as it is. */
  readonly description?: string | null;
}

/** Ready to be evaluated. */
export interface CompiledOnDemandFeature extends OnDemandFeature {
  readonly evaluate: CompiledExpression['evaluate'];
}

/** What a service computes, and what it needs for that. */
interface OnDemandParts {
  readonly onDemandFeatures: OnDemandFeature[];
  readonly requestInputs: RequestInput[];
}

type Named = Pick<ServiceFeature, 'name' | 'dtype'>;

const MAX_ON_DEMAND_FEATURES = 100;
const MAX_REQUEST_INPUTS = 100;
const FEATURES_PATH = ['input', 'onDemandFeatures'];
const INPUTS_PATH = ['input', 'requestInputs'];

/**
 * The on-demand features of a service and its request inputs: types inferred from those of what they read, in whatever order they are written.
 * @param features of the service's views
 * @param joinKeys of the service, whose names are taken
 * @throws InvalidInput, also for features that read one another in a circle and for inputs that none reads; ExpressionInvalid
 */
export function resolveOnDemandParts(
  inputs: readonly OnDemandFeatureInput[],
  requestInputs: readonly RequestInputInput[],
  features: readonly ServiceFeature[],
  joinKeys: readonly JoinKey[],
): OnDemandParts {
  checkList(inputs, MAX_ON_DEMAND_FEATURES, FEATURES_PATH);
  checkList(requestInputs, MAX_REQUEST_INPUTS, INPUTS_PATH);
  checkFree(requestInputs, INPUTS_PATH, features, joinKeys);
  checkFree(inputs, FEATURES_PATH, [...features, ...requestInputs], joinKeys);
  const given = requestInputs.map(({ name, dtype }) => ({ name, dtype }));
  const onDemandFeatures = new TypeInference(inputs, [...features, ...given]).all();
  const read = new Set(onDemandFeatures.flatMap((feature) => feature.inputs));
  const unread = given.findIndex(({ name }) => !read.has(name));
  if (unread >= 0)
    throw new InvalidInput(
      [...INPUTS_PATH, String(unread), 'name'],
      `no on-demand feature reads ${given[unread].name}, so requests need not carry it; use it in an expression or leave it out`,
    );
  return { onDemandFeatures, requestInputs: given };
}

/**
 * Those of a version, whose expressions were checked when it was made, in an order in which each comes after those that it reads.
 * @param inputs what they read besides one another
 */
export function compileOnDemandFeatures(
  onDemandFeatures: readonly OnDemandFeature[],
  inputs: readonly Named[],
): CompiledOnDemandFeature[] {
  const dtypes = new Map([...inputs, ...onDemandFeatures].map(({ name, dtype }) => [name, dtype]));
  return inOrderOfEvaluation(onDemandFeatures).map((feature) => {
    return { ...feature, evaluate: compileExpression(feature.expression, dtypes).evaluate };
  });
}

/** What is said of them and of request inputs; those that are gone take their descriptions with them. */
export const onDemandDescriptions = (
  inputs: readonly Pick<OnDemandFeatureInput, 'name' | 'description'>[],
  current: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    inputs
      .map(({ name, description }) => [name, description ?? current[name] ?? ''] as const)
      .filter(([, description]) => description !== ''),
  );

function inOrderOfEvaluation(features: readonly OnDemandFeature[]): OnDemandFeature[] {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const ordered = new Set<OnDemandFeature>();
  const visit = (feature: OnDemandFeature): void => {
    if (ordered.has(feature)) return;
    for (const input of feature.inputs) {
      const read = byName.get(input);
      if (read) visit(read);
    }
    ordered.add(feature);
  };
  features.forEach(visit);
  return [...ordered];
}

/** Compiles an expression when its type is asked for: by the list, or by another expression that reads it. */
class TypeInference implements FeatureTypes {
  private readonly dtypes: Map<string, Dtype>;
  private readonly compiled = new Map<string, OnDemandFeature>();
  /** Names of the features that are being compiled, each read by the one before. */
  private readonly path: string[] = [];

  constructor(
    private readonly inputs: readonly OnDemandFeatureInput[],
    others: readonly Named[],
  ) {
    this.dtypes = new Map(others.map(({ name, dtype }) => [name, dtype]));
  }

  all(): OnDemandFeature[] {
    return this.inputs.map((input) => this.infer(input));
  }

  get(name: string): Dtype | undefined {
    const known = this.dtypes.get(name);
    if (known !== undefined) return known;
    const input = this.inputs.find((each) => each.name === name);
    return input && this.infer(input).dtype;
  }

  *keys(): Iterable<string> {
    yield* this.dtypes.keys();
    for (const { name } of this.inputs) if (name !== this.path.at(-1)) yield name;
  }

  private infer(input: OnDemandFeatureInput): OnDemandFeature {
    const { name, expression } = input;
    const known = this.compiled.get(name);
    if (known) return known;
    const field = [...FEATURES_PATH, String(this.inputs.indexOf(input)), 'expression'];
    const start = this.path.indexOf(name);
    if (start >= 0) {
      const circle = [...this.path.slice(start), name].join(' → ');
      throw new InvalidInput(field, `on-demand features read one another in a circle: ${circle}; take one of them out`);
    }
    this.path.push(name);
    const { dtype, inputs } = compileExpression(expression, this, field);
    this.path.pop();
    const feature = { name, expression, dtype, inputs };
    this.compiled.set(name, feature);
    return feature;
  }
}

function checkList(parts: readonly { readonly name: string }[], most: number, path: readonly string[]): void {
  if (parts.length > most) throw new InvalidInput(path, `a service has at most ${most} of them`);
  checkNames(
    parts.map(({ name }) => name),
    path,
  );
}

function checkFree(
  parts: readonly { readonly name: string }[],
  path: readonly string[],
  others: readonly Named[],
  joinKeys: readonly JoinKey[],
): void {
  parts.forEach(({ name }, index) => {
    const at = [...path, String(index), 'name'];
    const other = others.find((each) => each.name === name);
    if (other) {
      const what = 'view' in other ? "a feature of the service's views" : 'a request input of the service';
      throw new InvalidInput(at, `${what} is named ${name} already`);
    }
    if (joinKeys.some((key) => key.name === name))
      throw new InvalidInput(at, `a join key of the service is named ${name}`);
  });
}
