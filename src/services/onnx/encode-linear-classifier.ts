import { encodeClassifierGraph, floats, ints } from './classifier-graph';

/** A linear binary classifier: P(y = 1) = 1 / (1 + exp(−(intercept + Σ coefficient · value))). */
export interface LinearModel {
  /** One per column of the input. */
  readonly coefficients: Float32Array;
  readonly intercept: number;
}

/** The model as an ONNX LinearClassifier: one row of coefficients, which with two class labels is the score of the positive one. */
export function encodeLinearClassifier(model: LinearModel): Uint8Array {
  return encodeClassifierGraph('LinearClassifier', model.coefficients.length, [
    floats('coefficients', [...model.coefficients]),
    floats('intercepts', [model.intercept]),
    ints('classlabels_ints', [0, 1]),
  ]);
}
