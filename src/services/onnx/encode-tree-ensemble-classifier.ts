import { encodeClassifierGraph, floats, ints, strings } from './classifier-graph';
import type { TreeEnsemble } from './tree-ensemble';

/**
 * The ensemble as an ONNX TreeEnsembleClassifier (ai.onnx.ml opset 3): one weight per leaf for class id 0, which with two class labels ONNX Runtime
 * takes for the score of the positive one.
 *
 * Its `label` output must not be read: where all leaf weights are positive, ONNX Runtime compares the logit, not the probability, with .5.
 * @throws RangeError for an ensemble without trees, for which ONNX Runtime answers 0 whatever the base logit
 */
export function encodeTreeEnsembleClassifier(ensemble: TreeEnsemble): Uint8Array {
  if (ensemble.trees.length === 0) throw new RangeError('An ensemble needs at least one tree.');
  const node = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    modes: [] as string[],
    values: [] as number[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[],
    missing: [] as number[],
  };
  const leaf = { treeids: [] as number[], nodeids: [] as number[], weights: [] as number[] };

  ensemble.trees.forEach((tree, treeId) => {
    for (let id = 0; id < tree.features.length; id++) {
      const isLeaf = tree.features[id] < 0;
      node.treeids.push(treeId);
      node.nodeids.push(id);
      node.modes.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ');
      node.featureids.push(isLeaf ? 0 : tree.features[id]);
      node.values.push(isLeaf ? 0 : tree.thresholds[id]);
      node.truenodeids.push(isLeaf ? 0 : tree.lefts[id]);
      node.falsenodeids.push(isLeaf ? 0 : tree.rights[id]);
      node.missing.push(isLeaf ? 0 : tree.missingGoesLeft[id]);
      if (isLeaf) {
        leaf.treeids.push(treeId);
        leaf.nodeids.push(id);
        leaf.weights.push(tree.weights[id]);
      }
    }
  });

  return encodeClassifierGraph('TreeEnsembleClassifier', ensemble.width, [
    ints('nodes_treeids', node.treeids),
    ints('nodes_nodeids', node.nodeids),
    ints('nodes_featureids', node.featureids),
    strings('nodes_modes', node.modes),
    floats('nodes_values', node.values),
    ints('nodes_truenodeids', node.truenodeids),
    ints('nodes_falsenodeids', node.falsenodeids),
    ints('nodes_missing_value_tracks_true', node.missing),
    ints('class_treeids', leaf.treeids),
    ints('class_nodeids', leaf.nodeids),
    ints('class_ids', Array<number>(leaf.treeids.length).fill(0)),
    floats('class_weights', leaf.weights),
    floats('base_values', [ensemble.baseLogit]),
    ints('classlabels_int64s', [0, 1]),
  ]);
}
