import fc from 'fast-check';
import type { DecisionTree, TreeEnsemble } from '../../../src/services/onnx';

interface Leaf {
  readonly weight: number;
}
interface Branch {
  readonly feature: number;
  readonly threshold: number;
  readonly missingGoesLeft: boolean;
  readonly left: Branch | Leaf;
  readonly right: Branch | Leaf;
}

/** Arrays of a nested tree, parents before children. */
export function treeOf(root: Branch | Leaf): DecisionTree {
  const nodes: { own: Branch | Leaf; left: number; right: number }[] = [];
  const add = (own: Branch | Leaf): number => {
    const node = { own, left: 0, right: 0 };
    const id = nodes.push(node) - 1;
    if ('left' in own) {
      node.left = add(own.left);
      node.right = add(own.right);
    }
    return id;
  };
  add(root);
  return {
    features: Int32Array.from(nodes, ({ own }) => ('left' in own ? own.feature : -1)),
    thresholds: Float32Array.from(nodes, ({ own }) => ('left' in own ? own.threshold : 0)),
    missingGoesLeft: Uint8Array.from(nodes, ({ own }) => ('left' in own && own.missingGoesLeft ? 1 : 0)),
    lefts: Int32Array.from(nodes, ({ left }) => left),
    rights: Int32Array.from(nodes, ({ right }) => right),
    weights: Float32Array.from(nodes, ({ own }) => ('left' in own ? 0 : own.weight)),
  };
}

/** Few values, so that rows often lie exactly on a threshold; neighbours in float32 among them. */
const boundaryValue = fc.constantFrom(-1, 0, 0.1, 0.2, 1, 16777216, 1 + 2 ** -23, -(2 ** -149)).map(Math.fround);
export const WIDTH = 3;

const { tree } = fc.letrec<{ tree: Branch | Leaf; leaf: Leaf; branch: Branch }>((tie) => ({
  leaf: fc.record({ weight: fc.double({ min: -0.5, max: 0.5, noNaN: true }) }),
  branch: fc.record({
    feature: fc.integer({ min: 0, max: WIDTH - 1 }),
    threshold: boundaryValue,
    missingGoesLeft: fc.boolean(),
    left: tie('tree'),
    right: tie('tree'),
  }),
  tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('branch')),
}));

export const arbitraryEnsemble: fc.Arbitrary<TreeEnsemble> = fc.record({
  width: fc.constant(WIDTH),
  baseLogit: fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround),
  trees: fc.array(tree.map(treeOf), { minLength: 1, maxLength: 10 }),
});

export const arbitraryMatrix: fc.Arbitrary<Float32Array> = fc
  .array(fc.oneof(boundaryValue, fc.constant(NaN), fc.float({ noDefaultInfinity: true })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((values) => Float32Array.from(values.slice(0, Math.max(1, Math.floor(values.length / WIDTH)) * WIDTH)))
  .filter((values) => values.length % WIDTH === 0);
