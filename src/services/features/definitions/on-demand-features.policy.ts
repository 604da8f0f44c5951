import type { JoinKey, OnDemandFeature, ServiceFeature } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { type CompiledExpression, compileExpression } from '../expressions/compile-expression';
import { checkNames } from './feature-names.policy';

export interface OnDemandFeatureInput {
  readonly name: string;
  /** See docs/expressions.md. */
  readonly expression: string;
  /** Absent or null: it stays as it is. */
  readonly description?: string | null;
}

/** Ready to be evaluated. */
export interface CompiledOnDemandFeature extends OnDemandFeature {
  readonly evaluate: CompiledExpression['evaluate'];
}

const MAX_ON_DEMAND_FEATURES = 100;

/**
 * The on-demand features of a service, their types inferred from those of the features that they read.
 * @param features of the service's views
 * @param joinKeys of the service, whose names are taken
 * @throws InvalidInput, ExpressionInvalid
 */
export function resolveOnDemandFeatures(
  inputs: readonly OnDemandFeatureInput[],
  features: readonly ServiceFeature[],
  joinKeys: readonly JoinKey[],
): OnDemandFeature[] {
  const path = ['input', 'onDemandFeatures'];
  if (inputs.length > MAX_ON_DEMAND_FEATURES)
    throw new InvalidInput(path, `a service has at most ${MAX_ON_DEMAND_FEATURES} of them`);
  checkNames(
    inputs.map(({ name }) => name),
    path,
  );
  const dtypes = dtypesOf(features);
  return inputs.map(({ name, expression }, index) => {
    const at = [...path, String(index)];
    if (dtypes.has(name))
      throw new InvalidInput([...at, 'name'], `a feature of the service's views is named ${name} already`);
    if (joinKeys.some((key) => key.name === name))
      throw new InvalidInput([...at, 'name'], `a join key of the service is named ${name}`);
    const compiled = compileExpression(expression, dtypes, [...at, 'expression']);
    return { name, expression, dtype: compiled.dtype, inputs: compiled.inputs };
  });
}

/** Those of a version, whose expressions were checked when it was made. */
export function compileOnDemandFeatures(
  onDemandFeatures: readonly OnDemandFeature[],
  features: readonly Pick<ServiceFeature, 'name' | 'dtype'>[],
): CompiledOnDemandFeature[] {
  const dtypes = dtypesOf(features);
  return onDemandFeatures.map((feature) => {
    return { ...feature, evaluate: compileExpression(feature.expression, dtypes).evaluate };
  });
}

/** What is said of them; those that are gone take their descriptions with them. */
export const onDemandDescriptions = (
  inputs: readonly OnDemandFeatureInput[],
  current: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    inputs
      .map(({ name, description }) => [name, description ?? current[name] ?? ''] as const)
      .filter(([, description]) => description !== ''),
  );

const dtypesOf = (features: readonly Pick<ServiceFeature, 'name' | 'dtype'>[]) =>
  new Map(features.map(({ name, dtype }) => [name, dtype]));
