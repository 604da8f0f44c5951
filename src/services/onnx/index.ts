export { encodeLinearClassifier, type LinearModel } from './encode-linear-classifier';
export { encodeTreeEnsembleClassifier } from './encode-tree-ensemble-classifier';
export { OnnxModel } from './onnx-model';
export type { DecisionTree, TreeEnsemble } from './tree-ensemble';
