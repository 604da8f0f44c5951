import type { FeatureValue, ModelSignature } from '../../entities';
import { InvalidInput } from '../../errors';
import { isProblem, parseValue, toFeatureValue } from '../features';
import type { PreprocessingPipeline } from '../preprocessing';

/** A tensor as a loaded model has it; a dimension is a size, or a name where any size goes. */
interface ActualTensor {
  readonly name: string;
  readonly type: string | null;
  readonly shape: readonly (number | string)[];
}

const INPUTS = ['input', 'signature', 'inputs'];
const OUTPUTS = ['input', 'signature', 'outputs'];
const EXAMPLE = ['input', 'signature', 'inputExample'];

/**
 * A signature as it can be stored, the example in the spelling of its types.
 * @throws InvalidInput naming the input, output or value at fault
 */
export function checkedSignature({ inputs, outputs, inputExample }: ModelSignature): ModelSignature {
  if (inputs.length === 0) throw new InvalidInput(INPUTS, 'a model takes at least one feature');
  refuseTwins(inputs, INPUTS);
  refuseTwins(outputs ?? [], OUTPUTS);
  return {
    inputs: inputs.map(({ name, dtype }) => ({ name, dtype })),
    ...(outputs
      ? { outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })) }
      : {}),
    ...(inputExample ? { inputExample: checkedExample(inputs, inputExample) } : {}),
  };
}

/** The pipeline of a model that came without one: every feature as it is. @throws InvalidInput when that is not possible */
export function unchangedFeatures(inputs: ModelSignature['inputs']): PreprocessingPipeline {
  const text = inputs.find(({ dtype }) => dtype === 'STRING');
  if (text)
    throw new InvalidInput(
      ['input', 'artifacts', 'preprocessing'],
      `the feature ${text.name} is a STRING, and the model takes numbers; upload the pipeline that turns one into the other`,
    );
  return { formatVersion: 1, features: inputs.map(({ name }) => ({ feature: name, kind: 'NUMERIC', steps: [] })) };
}

/** @throws InvalidInput when the pipeline reads what the signature does not have, or gives another number of columns than the model takes */
export function checkPipeline(
  inputs: ModelSignature['inputs'],
  { features }: PreprocessingPipeline,
  pipelineWidth: number,
  modelWidth: number,
): void {
  const dtypes = new Map(inputs.map(({ name, dtype }) => [name, dtype]));
  for (const { feature, kind } of features) {
    const dtype = dtypes.get(feature);
    if (dtype === undefined)
      throw new InvalidInput(INPUTS, `the preprocessing reads ${feature}, which the signature does not have`);
    if ((dtype === 'STRING') !== (kind === 'CATEGORICAL'))
      throw new InvalidInput(INPUTS, `${feature} is ${dtype}, and the preprocessing takes it as ${kind}`);
  }
  if (pipelineWidth !== modelWidth)
    throw new InvalidInput(
      INPUTS,
      `the features of the signature make ${pipelineWidth} columns, and the model takes ${modelWidth}`,
    );
}

/** @throws InvalidInput when a declared output is not there, or is of another type or shape */
export function checkOutputs(declared: ModelSignature['outputs'], actual: readonly ActualTensor[]): void {
  for (const [index, { name, datatype, shape }] of (declared ?? []).entries()) {
    const field = [...OUTPUTS, String(index)];
    const found = actual.find((output) => output.name === name);
    if (!found)
      throw new InvalidInput(
        field,
        `the model has no output ${JSON.stringify(name)}; it has ${actual.map((output) => output.name).join(', ')}`,
      );
    const fits =
      found.type === datatype &&
      found.shape.length === shape.length &&
      found.shape.every((size, axis) => typeof size === 'string' || size < 0 || shape[axis] === size);
    if (!fits) {
      const sizes = found.shape.map((size) => (typeof size === 'string' ? -1 : size)).join(', ');
      throw new InvalidInput(
        field,
        `${name} is declared as ${datatype} [${shape.join(', ')}], and the model gives ${found.type} [${sizes}]`,
      );
    }
  }
}

/** @throws InvalidInput when a model declares features that the dataset lacks, or has with another type */
export function checkAgainstDataset(
  inputs: ModelSignature['inputs'],
  features: readonly ModelSignature['inputs'][number][],
): void {
  const dtypes = new Map(features.map(({ name, dtype }) => [name, dtype]));
  for (const { name, dtype } of inputs) {
    const found = dtypes.get(name);
    if (found !== dtype)
      throw new InvalidInput(
        INPUTS,
        found ? `${name} is ${dtype}, and in the dataset it is ${found}` : `the dataset has no feature ${name}`,
      );
  }
}

function checkedExample(
  inputs: ModelSignature['inputs'],
  example: Readonly<Record<string, FeatureValue>>,
): Record<string, FeatureValue> {
  const unknown = Object.keys(example).find((name) => inputs.every((input) => input.name !== name));
  if (unknown !== undefined) throw new InvalidInput([...EXAMPLE, unknown], 'the signature has no such feature');
  const values = inputs.map(({ name, dtype }): [string, FeatureValue] => {
    const value = example[name] ?? null;
    if (value === null) return [name, null];
    const typed = parseValue(dtype, value);
    if (isProblem(typed))
      throw new InvalidInput([...EXAMPLE, name], `${JSON.stringify(value)} is not ${typed.expected}`);
    return [name, toFeatureValue(dtype, typed)];
  });
  return Object.fromEntries(values);
}

function refuseTwins(named: readonly { readonly name: string }[], field: readonly string[]): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (name === '') throw new InvalidInput(field, 'a name must not be empty');
    if (seen.has(name)) throw new InvalidInput(field, `${JSON.stringify(name)} is there twice`);
    seen.add(name);
  }
}
