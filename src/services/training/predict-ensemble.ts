import type { DecisionTree, TreeEnsemble } from '../onnx';

/** Weight of the leaf that a row falls into. `offset` is where the row starts in the row-major matrix. */
export function leafWeight(tree: DecisionTree, matrix: Float32Array, offset: number): number {
  const { features, thresholds, missingGoesLeft, lefts, rights } = tree;
  let node = 0;
  while (features[node] >= 0) {
    const value = matrix[offset + features[node]];
    const threshold = thresholds[node];
    // Neither ≤ nor > holds for a missing value.
    const goesLeft = value <= threshold || (!(value > threshold) && missingGoesLeft[node] === 1);
    node = goesLeft ? lefts[node] : rights[node];
  }
  return tree.weights[node];
}

/**
 * P(y = 1) by the trainer's own arithmetic (sums in float64), against which the exported model is checked.
 * @param matrix row-major [rows, ensemble.width]
 */
export function predictEnsemble(ensemble: TreeEnsemble, matrix: Float32Array): Float64Array {
  const logits = new Float64Array(matrix.length / ensemble.width).fill(ensemble.baseLogit);
  for (const tree of ensemble.trees) {
    for (let row = 0; row < logits.length; row++) logits[row] += leafWeight(tree, matrix, row * ensemble.width);
  }
  return logits.map(logistic);
}

/** 1 / (1 + exp(−logit)). */
export function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
