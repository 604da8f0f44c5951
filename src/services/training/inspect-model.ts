import type { ModelSignature } from '../../entities';
import { InvalidInput } from '../../errors';
import { toModelInput } from '../features';
import { OnnxModel } from '../onnx';
import { parsePipeline, Preprocessor, serializePipeline } from '../preprocessing';
import { checkOutputs, checkPipeline, unchangedFeatures } from './declared-signature.policy';

/**
 * Loads an uploaded ONNX model, holds it against what was declared of it, and scores the example with it.
 * @param preprocessing the bytes of its pipeline; null: the model takes the features as they are
 * @returns the bytes of the pipeline that it is to be served with
 * @throws InvalidInput with the reason: it does not load, has outputs that are no tensors, or disagrees with its signature
 */
export async function inspectModel(
  bytes: Uint8Array,
  preprocessing: Uint8Array | null,
  signature: ModelSignature,
): Promise<Uint8Array> {
  const model = await at(['input', 'artifacts', 'model'], () => OnnxModel.load(bytes));
  try {
    const pipeline = await at(['input', 'artifacts', 'preprocessing'], async () =>
      preprocessing ? parsePipeline(preprocessing) : unchangedFeatures(signature.inputs),
    );
    const preprocessor = new Preprocessor(pipeline);
    checkPipeline(signature.inputs, pipeline, preprocessor.width, model.width);
    checkOutputs(signature.outputs, model.outputs);
    await at(['input', 'artifacts', 'model'], () => scoreExample(model, preprocessor, signature));
    return preprocessing ?? serializePipeline(pipeline);
  } finally {
    await model.release();
  }
}

/** The example, or a row of missing values: what is served later must run now. */
async function scoreExample(model: OnnxModel, preprocessor: Preprocessor, signature: ModelSignature): Promise<void> {
  const { inputs, inputExample } = signature;
  const values = inputs.map(({ name, dtype }) => [name, toModelInput(dtype, inputExample?.[name] ?? null)]);
  const row = preprocessor.transformRow(Object.fromEntries(values) as Record<string, number | string | null>);
  const [probability] = await model.predictProbabilities(row, 1);
  if (inputExample && !(probability >= 0 && probability <= 1))
    throw new InvalidInput(
      ['input', 'signature', 'inputExample'],
      `the model answers ${probability} to it, which is no probability`,
    );
}

/** Problems of a file are told at the input that names it. */
async function at<T>(field: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InvalidInput) || error.field?.[0] === 'input') throw error;
    throw new InvalidInput(field, error.message);
  }
}
