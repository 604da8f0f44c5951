import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeTreeEnsembleClassifier, OnnxModel, type TreeEnsemble } from '../src/services/onnx';
import { SeededRandom } from '../src/services/statistics';
import { trainGradientBoosting } from '../src/services/training/gradient-boosting';
import { trainLogisticRegression } from '../src/services/training/logistic-regression';
import type { Bench } from './harness';

const ROWS = 20_000;
const WIDTH = 20;
const TREES = 100;
const PARAMETERS = {
  iterations: TREES,
  learningRate: 0.1,
  numLeaves: 15,
  l2: 1,
  minRowsPerLeaf: 20,
  minHessianPerLeaf: 1e-3,
  validationShare: 0,
  patience: 1,
};

/** Half numbers, half 0/1 columns, with interactions for the trees to find. */
function synthesize(): { matrix: Float32Array; labels: Float64Array } {
  const random = new SeededRandom('bench train');
  const matrix = Float32Array.from({ length: ROWS * WIDTH }, (_, i) =>
    i % 2 === 0 ? random.normal() : random.integer(2),
  );
  const labels = Float64Array.from({ length: ROWS }, (_, row) => {
    const [a, b, c, d, e] = matrix.subarray(row * WIDTH);
    const logit = -1 + a * b + (c > 0.5 ? 1 : 0) - d * e + Math.sin(3 * c);
    return random.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  return { matrix, labels };
}

const { matrix, labels } = synthesize();
const train = () => trainGradientBoosting(matrix, WIDTH, labels, PARAMETERS, 1).ensemble;

const state: { ensemble?: TreeEnsemble; visits: number; model?: OnnxModel; session?: InferenceSession } = { visits: 0 };

/** How many rows training adds to histograms: all for each root, and for each split but the last of a tree those of its smaller child. */
function countHistogramRows({ trees }: TreeEnsemble): number {
  let visits = 0;
  for (const { features, thresholds, lefts, rights } of trees) {
    const counts = new Uint32Array(features.length);
    for (let row = 0; row < ROWS; row++) {
      let node = 0;
      counts[node]++;
      while (features[node] >= 0) {
        node = matrix[row * WIDTH + features[node]] <= thresholds[node] ? lefts[node] : rights[node];
        counts[node]++;
      }
    }
    visits += ROWS;
    const lastNode = features.length - 1;
    features.forEach((feature, node) => {
      if (feature >= 0 && rights[node] !== lastNode) visits += Math.min(counts[lefts[node]], counts[rights[node]]);
    });
  }
  return visits;
}

/** Adds as many rows to one histogram, in storage order: the memory traffic that histogram boosting cannot do without. */
function accumulateOnly(visits: number): number {
  const bins = Uint8Array.from(matrix, (value) => Math.min(255, Math.max(0, Math.round(128 + 40 * value))));
  const gradients = Float64Array.from(labels, (label) => 0.5 - label);
  const histogram = new Float64Array(4 * 256 * WIDTH);
  return milliseconds(() => {
    for (let visit = 0; visit < visits; visit++) {
      const row = visit % ROWS;
      const gradient = gradients[row];
      for (let column = 0; column < WIDTH; column++) {
        const bin = 4 * (256 * column + bins[row * WIDTH + column]);
        histogram[bin] += gradient;
        histogram[bin + 1] += 0.25;
        histogram[bin + 2] += 1;
      }
    }
  });
}

/** One pass of XᵀX: what Newton's method with an explicit Hessian would do in every one of its steps. */
function gramMatrix(): number {
  const gram = new Float64Array(WIDTH * WIDTH);
  return milliseconds(() => {
    for (let start = 0; start < matrix.length; start += WIDTH) {
      for (let i = 0; i < WIDTH; i++) {
        const value = matrix[start + i];
        for (let j = 0; j <= i; j++) gram[i * WIDTH + j] += value * matrix[start + j];
      }
    }
  });
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

async function rowsPerSecond(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return ROWS / ((performance.now() - start) / 1000);
}

export const bench: Bench = {
  name: 'train',
  description: `the built-in trainer on ${ROWS} rows × ${WIDTH} columns, and scoring what it exports`,
  async setup() {
    state.ensemble = train();
    state.visits = countHistogramRows(state.ensemble);
    const onnx = encodeTreeEnsembleClassifier(state.ensemble);
    state.model = await OnnxModel.load(onnx);
    state.session = await InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  },
  async teardown() {
    await state.model?.release();
    await state.session?.release();
  },
  cases: [
    {
      name: `gradient boosting, ${TREES} trees of 15 leaves, against bare histogram sums`,
      unit: 'ms',
      higherIsBetter: false,
      run: () => milliseconds(train),
      baseline: () => accumulateOnly(state.visits),
    },
    {
      name: 'logistic regression to convergence, against one Gram matrix',
      unit: 'ms',
      higherIsBetter: false,
      run: () => milliseconds(() => trainLogisticRegression(matrix, WIDTH, labels, { l2: 1 })),
      baseline: gramMatrix,
    },
    {
      name: 'batch scoring in chunks, against one bare run',
      unit: 'rows/s',
      higherIsBetter: true,
      run: () => rowsPerSecond(async () => state.model?.predictProbabilities(matrix, ROWS)),
      baseline: () =>
        rowsPerSecond(async () =>
          state.session?.run({ features: new Tensor('float32', matrix, [ROWS, WIDTH]) }, ['probabilities']),
        ),
    },
  ],
};
