import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema } from 'onnx-buf';
import { encodeLinearClassifier, encodeTreeEnsembleClassifier, OnnxModel } from '../../../src/services/onnx';
import { arbitraryEnsemble, arbitraryMatrix, treeOf, WIDTH } from './arbitrary-ensemble';

const logistic = (logit: number) => 1 / (1 + Math.exp(-logit));

async function score(bytes: Uint8Array, features: Float32Array, rows: number): Promise<Float32Array> {
  const model = await OnnxModel.load(bytes);
  try {
    return await model.predictProbabilities(features, rows);
  } finally {
    await model.release();
  }
}

describe('An encoded tree ensemble', () => {
  const stump = treeOf({
    feature: 1,
    threshold: 0.1,
    missingGoesLeft: true,
    left: { weight: -0.5 },
    right: { feature: 0, threshold: 2, missingGoesLeft: false, left: { weight: 0.25 }, right: { weight: 1 } },
  });

  it('sends a value on the threshold left, and missing values where the node says', async () => {
    const bytes = encodeTreeEnsembleClassifier({ width: 2, baseLogit: 0.5, trees: [stump, stump] });
    const rows = Float32Array.of(0, 0.1, 0, 0.2, 2, 0.2, 3, 0.2, NaN, 0.2, 3, NaN);
    const expected = [-0.5, 0.25, 0.25, 1, 1, -0.5].map((weight) => logistic(0.5 + 2 * weight));
    const actual = await score(bytes, rows, 6);
    expected.forEach((probability, row) => expect(actual[row]).toBeCloseTo(probability, 6));
  });

  it('declares the versions, names and shapes of the format', () => {
    const model = fromBinary(
      ModelProtoSchema,
      encodeTreeEnsembleClassifier({ width: 2, baseLogit: 0, trees: [stump] }),
    );
    expect(model.irVersion).toBe(8n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ['', 17n],
      ['ai.onnx.ml', 3n],
    ]);
    const [node] = model.graph!.node;
    expect([node.opType, node.input, node.output]).toEqual([
      'TreeEnsembleClassifier',
      ['features'],
      ['label', 'probabilities'],
    ]);
    const attribute = (name: string) => node.attribute.find((candidate) => candidate.name === name);
    expect(attribute('nodes_nodeids')!.ints).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(attribute('nodes_truenodeids')!.ints).toEqual([1n, 0n, 3n, 0n, 0n]);
    expect(attribute('nodes_falsenodeids')!.ints).toEqual([2n, 0n, 4n, 0n, 0n]);
    expect(attribute('class_nodeids')!.ints).toEqual([1n, 3n, 4n]);
    expect(attribute('class_weights')!.floats).toEqual([-0.5, 0.25, 1]);
  });

  it('gives right probabilities where all leaf weights are positive', async () => {
    const leaf = treeOf({ weight: 0.3 });
    const bytes = encodeTreeEnsembleClassifier({ width: 1, baseLogit: 0, trees: [leaf] });
    expect((await score(bytes, Float32Array.of(1), 1))[0]).toBeCloseTo(logistic(0.3), 6);
  });

  it('scores as its trees do, on boundary values and missing ones', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEnsemble, arbitraryMatrix, async (ensemble, matrix) => {
        const rows = matrix.length / WIDTH;
        const actual = await score(encodeTreeEnsembleClassifier(ensemble), matrix, rows);
        for (let row = 0; row < rows; row++) {
          let logit = ensemble.baseLogit;
          for (const tree of ensemble.trees) {
            let node = 0;
            while (tree.features[node] >= 0) {
              const value = matrix[row * WIDTH + tree.features[node]];
              const left = Number.isNaN(value) ? tree.missingGoesLeft[node] === 1 : value <= tree.thresholds[node];
              node = left ? tree.lefts[node] : tree.rights[node];
            }
            logit += tree.weights[node];
          }
          expect(Math.abs(actual[row] - logistic(logit))).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('needs a tree', () => {
    expect(() => encodeTreeEnsembleClassifier({ width: 1, baseLogit: 0, trees: [] })).toThrow('at least one tree');
  });
});

describe('An encoded linear classifier', () => {
  it('scores the logistic of intercept and weighted sum', async () => {
    const bytes = encodeLinearClassifier({ coefficients: Float32Array.of(1, -2), intercept: 0.5 });
    const actual = await score(bytes, Float32Array.of(1, 1, 2, 0, 0, 0), 3);
    [-0.5, 2.5, 0.5].forEach((logit, row) => expect(actual[row]).toBeCloseTo(logistic(logit), 6));
  });
});
