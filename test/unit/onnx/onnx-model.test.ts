import { TensorProto_DataType as DataType } from 'onnx-buf';
import { InvalidInput } from '../../../src/errors';
import { encodeLinearClassifier, OnnxModel } from '../../../src/services/onnx';
import { externalDataModel, foreignModel, oneNodeModel, tensor, zipMapModel } from './foreign-models';

const logistic = (logit: number) => 1 / (1 + Math.exp(-logit));
const linear = encodeLinearClassifier({ coefficients: Float32Array.of(1, 2), intercept: 0 });

describe('A loaded ONNX model', () => {
  it('describes its inputs and outputs', async () => {
    const model = await OnnxModel.load(linear);
    expect(model.width).toBe(2);
    expect(model.inputs).toEqual([{ name: 'features', type: 'float32', shape: ['N', 2] }]);
    expect(model.outputs).toEqual([
      { name: 'label', type: 'int64', shape: ['N'] },
      { name: 'probabilities', type: 'float32', shape: ['N', 2] },
    ]);
    await model.release();
  });

  it('loads from bytes in the middle of a greater buffer', async () => {
    const buffer = new Uint8Array(linear.length + 20);
    buffer.set(linear, 7);
    const model = await OnnxModel.load(buffer.subarray(7, 7 + linear.length));
    expect((await model.predictProbabilities(Float32Array.of(0, 0), 1))[0]).toBeCloseTo(0.5, 6);
    await model.release();
  });

  it('scores batches of any size alike, with turns of the event loop in between', async () => {
    const model = await OnnxModel.load(linear);
    const rows = 5000;
    const features = Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i));
    let turns = 0;
    const count = () => {
      turns++;
      turning = setImmediate(count);
    };
    let turning = setImmediate(count);
    const probabilities = await model.predictProbabilities(features, rows);
    clearImmediate(turning);

    expect(probabilities).toHaveLength(rows);
    for (let row = 0; row < rows; row++) {
      const logit = features[2 * row] + 2 * features[2 * row + 1];
      expect(Math.abs(probabilities[row] - logistic(logit))).toBeLessThan(1e-6);
    }
    expect(turns).toBeGreaterThanOrEqual(9);
    await model.release();
  });

  it('answers no rows with no scores', async () => {
    const model = await OnnxModel.load(linear);
    expect(await model.predictProbabilities(new Float32Array(0), 0)).toHaveLength(0);
    await model.release();
  });

  it.each([
    [3, 1, '1 rows × 2 columns = 2 values, got 3'],
    [4, 1, '1 rows × 2 columns = 2 values, got 4'],
    [2, 2, '2 rows × 2 columns = 4 values, got 2'],
    [2, -1, 'got 2'],
    [1, 0.5, 'got 1'],
  ])('refuses %d values for %d rows', async (length, rows, message) => {
    const model = await OnnxModel.load(linear);
    await expect(model.predictProbabilities(new Float32Array(length), rows)).rejects.toThrow(message);
    await model.release();
  });

  it('reads a single score per row, as a network with a sigmoid gives it', async () => {
    const oneColumn = tensor('features', DataType.FLOAT, ['N', 1]);
    const model = await OnnxModel.load(oneNodeModel('Sigmoid', tensor('score', DataType.FLOAT, ['N', 1]), oneColumn));
    const probabilities = await model.predictProbabilities(Float32Array.of(0, 1), 2);
    expect(probabilities[0]).toBeCloseTo(0.5, 6);
    expect(probabilities[1]).toBeCloseTo(logistic(1), 6);
    await model.release();
  });

  it('gives the scores of all classes, but no probability of the positive one where there are three', async () => {
    const threeColumns = tensor('features', DataType.FLOAT, ['N', 3]);
    const model = await OnnxModel.load(
      oneNodeModel('Softmax', tensor('probabilities', DataType.FLOAT, ['N', 3]), threeColumns),
    );
    const scores = await model.predictScores(Float32Array.of(0, 0, 0, 5, 0, 0), 2);
    expect(scores).toHaveLength(6);
    expect(scores[0]).toBeCloseTo(1 / 3, 6);
    await expect(model.predictProbabilities(new Float32Array(3), 1)).rejects.toThrow('It scores 3 classes');
    await model.release();
  });

  it('lets calls in progress end before it is released, and refuses later ones', async () => {
    const model = await OnnxModel.load(linear);
    const inProgress = model.predictProbabilities(new Float32Array(2 * 2000), 2000);
    const released = model.release();
    await expect(model.predictProbabilities(new Float32Array(2), 1)).rejects.toThrow('was released');
    expect(await inProgress).toHaveLength(2000);
    await released;
    await expect(model.release()).resolves.toBeUndefined();
  });
});

describe('A model that cannot be served', () => {
  const external = ['weights.bin', '../weights.bin', '/etc/hostname'];

  it.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), 'ONNX Runtime cannot load it'],
    ['other bytes', new TextEncoder().encode('a pickled model'), 'ONNX Runtime cannot load it'],
    ['a cut file', linear.subarray(0, linear.length / 2), 'ONNX Runtime cannot load it'],
    ['an unknown operator', oneNodeModel('Prophesy', tensor('p', DataType.FLOAT, ['N', 2])), 'Prophesy'],
    ['maps as output', zipMapModel(), 'Export it with zipmap=False'],
    ['integers as the only output', oneNodeModel('Shape', tensor('shape', DataType.INT64, [2])), 'one float32 output'],
    [
      'a fixed number of rows',
      oneNodeModel('Sigmoid', tensor('p', DataType.FLOAT, [1, 2]), tensor('X', DataType.FLOAT, [1, 2])),
      'exactly 1 rows',
    ],
    ...external.map(
      (location) =>
        [`weights in ${location}`, externalDataModel(location), 'cannot load it'] as [string, Uint8Array, string],
    ),
  ])('is refused with the reason: %s', async (_, bytes, reason) => {
    expect(await OnnxModel.whyNotServable(bytes)).toContain(reason);
    await expect(OnnxModel.load(bytes)).rejects.toThrow(InvalidInput);
    await expect(OnnxModel.load(bytes)).rejects.toThrow(reason);
  });

  it('is noticed when it loads but does not run', async () => {
    const reshape = foreignModel({
      input: [tensor('features', DataType.FLOAT, ['N', 2])],
      output: [tensor('probabilities', DataType.FLOAT, [7, 1])],
      initializer: [{ name: 'shape', dataType: DataType.INT64, dims: [2n], int64Data: [7n, 1n] }],
      node: [{ name: 'reshape', opType: 'Reshape', input: ['features', 'shape'], output: ['probabilities'] }],
    });
    expect(await OnnxModel.whyNotServable(reshape)).toContain('fails on a row of zeros');
  });

  it('has no reason when it can be served', async () => {
    expect(await OnnxModel.whyNotServable(linear)).toBeNull();
  });
});
