import { Cancelled } from '../../../src/errors';
import { logLoss, rocAuc } from '../../../src/services/statistics';
import {
  type GradientBoostingParameters,
  trainGradientBoosting,
  type TrainingProgress,
} from '../../../src/services/training/gradient-boosting';
import { predictEnsemble } from '../../../src/services/training/predict-ensemble';
import { syntheticMatrix } from './synthetic';

const PARAMETERS: GradientBoostingParameters = {
  iterations: 40,
  learningRate: 0.1,
  numLeaves: 8,
  l2: 1,
  minRowsPerLeaf: 20,
  minHessianPerLeaf: 1e-3,
  validationShare: 0,
  patience: 5,
};
const { matrix, width, labels } = syntheticMatrix(2000, 4, 1);
const train = (parameters: Partial<GradientBoostingParameters> = {}, seed = 1) =>
  trainGradientBoosting(matrix, width, labels, { ...PARAMETERS, ...parameters }, seed);

describe('Gradient boosting', () => {
  it('starts at the prior logit and takes one Newton step per leaf, computed by hand', () => {
    // Two positives of four: prior logit 0, g = ±.5, h = .25; leaf weight = −.1 · G / (H + 1).
    const { ensemble } = trainGradientBoosting(
      Float32Array.of(1, 2, 3, 4),
      1,
      Float64Array.of(0, 0, 1, 1),
      { ...PARAMETERS, iterations: 1, minRowsPerLeaf: 1 },
      1,
    );
    expect(ensemble.baseLogit).toBe(0);
    expect(ensemble.trees).toHaveLength(1);
    const [tree] = ensemble.trees;
    expect(tree.thresholds[0]).toBe(2.5);
    expect(tree.weights[tree.lefts[0]]).toBeCloseTo(-0.1 / 1.5, 7);
    expect(tree.weights[tree.rights[0]]).toBeCloseTo(0.1 / 1.5, 7);
  });

  it('has the prior of its rows as base logit, in float32', () => {
    const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
    expect(train().ensemble.baseLogit).toBe(Math.fround(Math.log(rate / (1 - rate))));
  });

  it('learns a step and an interaction that no linear model sees, on rows it has not seen', () => {
    const fresh = syntheticMatrix(2000, 4, 2);
    const auc = rocAuc(predictEnsemble(train().ensemble, fresh.matrix), fresh.labels);
    expect(auc).toBeGreaterThan(0.77);
  });

  it('lowers the loss on its own rows with every tree', () => {
    const lossOf = (iterations: number) => logLoss(predictEnsemble(train({ iterations }).ensemble, matrix), labels);
    const losses = [1, 2, 5, 10, 20, 40].map(lossOf);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  });

  it('credits the gain to the columns that the label depends on', () => {
    const { columnGains } = train();
    const total = columnGains.reduce((sum, gain) => sum + gain, 0);
    expect((columnGains[0] + columnGains[1]) / total).toBeGreaterThan(0.8);
  });

  it('gives the same ensemble for the same seed, and another for another validation split', () => {
    const stopping = { validationShare: 0.2 };
    expect(train(stopping, 7)).toEqual(train(stopping, 7));
    expect(train(stopping, 8)).not.toEqual(train(stopping, 7));
  });

  it('uses the seed for nothing but the validation split', () => {
    expect(train({}, 8)).toEqual(train({}, 7));
  });

  it('keeps the trees up to the lowest validation loss, and stops after the patience', () => {
    const seen: TrainingProgress[] = [];
    const parameters = { ...PARAMETERS, iterations: 500, learningRate: 0.3, validationShare: 0.2 };
    const { ensemble } = trainGradientBoosting(matrix, width, labels, parameters, 1, {
      onIteration: (progress) => seen.push(progress),
    });
    const losses = seen.map(({ validationLoss }) => validationLoss ?? Infinity);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(ensemble.trees).toHaveLength(best);
    expect(seen).toHaveLength(best + parameters.patience);
    expect(seen.at(-1)).toMatchObject({ iteration: seen.length, total: 500 });
  });

  it('trains on every row, to the last tree, where too few rows are left to validate on', () => {
    const few = syntheticMatrix(200, 4, 3);
    const losses: (number | null)[] = [];
    const run = (validationShare: number) =>
      trainGradientBoosting(few.matrix, 4, few.labels, { ...PARAMETERS, validationShare }, 1, {
        onIteration: ({ validationLoss }) => losses.push(validationLoss),
      });
    expect(run(0.2)).toEqual(run(0));
    expect(new Set(losses)).toEqual(new Set([null]));
  });

  it('stops at one tree without a split where nothing can be learned', () => {
    const { ensemble, columnGains } = trainGradientBoosting(
      new Float32Array(100).fill(NaN),
      1,
      Float64Array.from({ length: 100 }, (_, row) => (row < 30 ? 1 : 0)),
      PARAMETERS,
      1,
    );
    expect(ensemble.trees).toHaveLength(1);
    expect([...columnGains]).toEqual([0]);
    expect(predictEnsemble(ensemble, Float32Array.of(5))[0]).toBeCloseTo(0.3, 6);
  });

  it('ends with Cancelled before the next tree once the signal says so', () => {
    const signal = { aborted: false };
    let iterations = 0;
    const run = () =>
      trainGradientBoosting(matrix, width, labels, PARAMETERS, 1, {
        signal,
        onIteration: () => {
          iterations++;
          signal.aborted = iterations === 3;
        },
      });
    expect(run).toThrow(Cancelled);
    expect(iterations).toBe(3);
  });
});
