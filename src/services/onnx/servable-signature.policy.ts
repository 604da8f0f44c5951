/** A tensor that a model takes or gives; a dimension is a size, or a name (possibly empty) where any size goes. */
export interface TensorSignature {
  readonly name: string;
  /** Element type, for example 'float32', or null where the value is no tensor (a map or a sequence). */
  readonly type: string | null;
  readonly shape: readonly (number | string)[];
}

export interface ServableSignature {
  readonly input: string;
  /** Feature columns of the input. */
  readonly width: number;
  /** The output that holds the scores: probabilities, or a regression's value. */
  readonly output: string;
}

/**
 * Finds what serving needs in a model's inputs and outputs: one float32 input [any, width] and one float32 tensor of scores.
 * @returns the signature, or one sentence that says why the model cannot be served and how to export it so that it can
 */
export function servableSignature(
  inputs: readonly TensorSignature[],
  outputs: readonly TensorSignature[],
): ServableSignature | string {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    return `It has ${inputs.length} inputs (${describe(inputs)}). Export it with one float32 input of shape [None, number of features].`;
  }
  const [batch, width] = input.shape;
  if (input.type !== 'float32' || input.shape.length !== 2 || typeof width !== 'number') {
    return `Its input is ${describe([input])}. Export it with a float32 input of shape [None, number of features].`;
  }
  if (typeof batch === 'number') {
    return `Its input takes exactly ${batch} rows at a time. Export it with a free first dimension: [None, ${width}].`;
  }
  if (outputs.some(({ type }) => type === null)) {
    return `Its outputs are ${describe(outputs)}, and maps cannot be read. Export it with zipmap=False, so that probabilities are a tensor.`;
  }
  const scores = outputs.filter(({ type }) => type === 'float32');
  const output = scores.length === 1 ? scores[0] : scores.find(({ name }) => /prob/i.test(name));
  if (!output) {
    return `Its outputs are ${describe(outputs)}. Export it with one float32 output, or name the one to serve "probabilities".`;
  }
  return { input: input.name, width, output: output.name };
}

function describe(tensors: readonly TensorSignature[]): string {
  return (
    tensors
      .map(({ name, type, shape }) =>
        type === null ? `${name} (no tensor)` : `${name} ${type} [${shape.map((size) => size || 'any').join(', ')}]`,
      )
      .join('; ') || 'none'
  );
}
