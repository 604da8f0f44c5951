import type { ModelSignature, TaskType } from '../../entities';
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
  taskType: TaskType,
): Promise<Uint8Array> {
  const model = await at(['input', 'artifacts', 'model'], () => OnnxModel.load(bytes));
  try {
    const pipeline = await at(['input', 'artifacts', 'preprocessing'], async () =>
      preprocessing ? parsePipeline(preprocessing) : unchangedFeatures(signature.inputs),
    );
    const preprocessor = new Preprocessor(pipeline);
    checkPipeline(signature.inputs, pipeline, preprocessor.width, model.width);
    checkOutputs(signature.outputs, model.outputs);
    await at(['input', 'artifacts', 'model'], () => scoreExample(model, preprocessor, signature, taskType));
    return preprocessing ?? serializePipeline(pipeline);
  } finally {
    await model.release();
  }
}

/** The example, or a row of missing values: what is served later must run now. */
async function scoreExample(
  model: OnnxModel,
  preprocessor: Preprocessor,
  { inputs, inputExample }: ModelSignature,
  taskType: TaskType,
): Promise<void> {
  const values = inputs.map(({ name, dtype }) => [name, toModelInput(dtype, inputExample?.[name] ?? null)]);
  const row = preprocessor.transformRow(Object.fromEntries(values) as Record<string, number | string | null>);
  const problem = answerProblem(taskType, await model.predictScores(row, 1), inputExample !== undefined);
  if (problem)
    throw new InvalidInput(
      inputExample ? ['input', 'signature', 'inputExample'] : ['input', 'artifacts', 'model'],
      problem,
    );
}

/** What is wrong with the scores of one row; the values of a row of missing values say nothing. */
function answerProblem(taskType: TaskType, scores: Float32Array, ofExample: boolean): string | null {
  const given = `the model answers ${scores.length} scores for a row`;
  if (taskType === 'REGRESSION') {
    if (scores.length !== 1) return `${given}; a regression answers one value`;
    return ofExample && !Number.isFinite(scores[0]) ? `the model answers ${scores[0]} to it, which is no number` : null;
  }
  if (taskType === 'BINARY_CLASSIFICATION' && scores.length > 2)
    return `${given}; a binary classifier answers one or two`;
  if (taskType === 'MULTICLASS_CLASSIFICATION' && scores.length < 2)
    return `${given}; a multiclass classifier answers one for each class`;
  const wrong = ofExample ? scores.find((score) => !(score >= 0 && score <= 1)) : undefined;
  return wrong === undefined ? null : `the model answers ${wrong} to it, which is no probability`;
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
