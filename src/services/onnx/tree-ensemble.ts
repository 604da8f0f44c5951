/**
 * One binary decision tree as parallel arrays, node 0 the root. An inner node sends a row left when its value is ≤ threshold, or when it is NaN and
 * `missingGoesLeft`; both in float32, as ONNX Runtime compares them.
 */
export interface DecisionTree {
  /** Column tested by the node, −1 for a leaf. */
  readonly features: Int32Array;
  readonly thresholds: Float32Array;
  readonly missingGoesLeft: Uint8Array;
  /** Index of the child; unused for a leaf. */
  readonly lefts: Int32Array;
  readonly rights: Int32Array;
  /** What a leaf adds to the logit; unused for an inner node. */
  readonly weights: Float32Array;
}

/** A boosted binary classifier: P(y = 1) = 1 / (1 + exp(−(baseLogit + Σ leaf weights))). */
export interface TreeEnsemble {
  /** Columns of the input. */
  readonly width: number;
  readonly baseLogit: number;
  readonly trees: readonly DecisionTree[];
}
