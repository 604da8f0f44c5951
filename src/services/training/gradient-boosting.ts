import { Cancelled } from '../../errors';
import type { TreeEnsemble } from '../onnx';
import { SeededRandom } from '../statistics';
import { binFeatures } from './feature-binning';
import { leafWeight, logistic } from './predict-ensemble';
import { type GrownTree, TreeBuilder, type TreeParameters } from './tree-builder';

export interface GradientBoostingParameters extends TreeParameters {
  /** The most trees to grow; early stopping may keep fewer. */
  readonly iterations: number;
  /** Share of the training rows set aside to notice when more trees stop helping; 0 turns early stopping off. */
  readonly validationShare: number;
  /** Stop after this many trees without a lower validation loss. */
  readonly patience: number;
}

export interface TrainingProgress {
  readonly iteration: number;
  readonly total: number;
  /** Mean log loss in nats on the validation rows, null without early stopping. */
  readonly validationLoss: number | null;
}

export interface TrainingHooks {
  readonly onIteration?: (progress: TrainingProgress) => void;
  /** An AbortSignal, or any object whose `aborted` another thread can set; read before every tree. */
  readonly signal?: { readonly aborted: boolean };
}

export interface TrainedEnsemble {
  readonly ensemble: TreeEnsemble;
  /** Total gain of the splits on each column, [width]. */
  readonly columnGains: Float64Array;
}

/** With fewer validation rows than this, where their loss is lowest is chance; then every tree is kept and every row is trained on. */
const MIN_VALIDATION_ROWS = 50;

/**
 * Histogram gradient boosting on log loss (Friedman 2001; Chen & Guestrin 2016; Ke et al. 2017): starts at the prior logit and adds trees grown on
 * g = p − y and h = p(1 − p). The same input and seed give the same ensemble.
 * @param matrix row-major [rows, width] of the training rows, NaN for missing
 * @param labels 0 or 1 for each row, both present
 * @param seed decides which rows are set aside for validation
 * @throws Cancelled when the signal says so
 */
export function trainGradientBoosting(
  matrix: Float32Array,
  width: number,
  labels: Float64Array,
  parameters: GradientBoostingParameters,
  seed: number,
  { onIteration, signal }: TrainingHooks = {},
): TrainedEnsemble {
  const { fitRows, validationRows } = splitForValidation(labels, parameters.validationShare, seed);
  const builder = new TreeBuilder(binFeatures(matrix, width, fitRows), parameters);
  const baseLogit = priorLogit(labels, fitRows);
  const logits = new Float64Array(labels.length).fill(baseLogit);
  const gradients = new Float64Array(labels.length);
  const hessians = new Float64Array(labels.length);
  const grown: GrownTree[] = [];
  let bestLoss = Infinity;
  let bestCount = 0;

  for (let iteration = 1; iteration <= parameters.iterations; iteration++) {
    if (signal?.aborted) throw new Cancelled('The training');
    for (const row of fitRows) {
      const probability = logistic(logits[row]);
      gradients[row] = probability - labels[row];
      hessians[row] = probability * (1 - probability);
    }
    const next = builder.grow(fitRows, gradients, hessians);
    grown.push(next);
    for (const { node, rows } of next.leaves) {
      for (const row of rows) logits[row] += next.tree.weights[node];
    }
    for (const row of validationRows) logits[row] += leafWeight(next.tree, matrix, row * width);

    const validationLoss = validationRows.length > 0 ? meanLogLoss(logits, labels, validationRows) : null;
    onIteration?.({ iteration, total: parameters.iterations, validationLoss });
    if (validationLoss === null || validationLoss < bestLoss) {
      bestLoss = validationLoss ?? Infinity;
      bestCount = iteration;
    } else if (iteration - bestCount >= parameters.patience) break;
    // A tree that is one leaf moves the prior alone; no later tree would split either.
    if (next.leaves.length === 1) break;
  }
  const kept = grown.slice(0, bestCount);
  return { ensemble: { width, baseLogit, trees: kept.map(({ tree }) => tree) }, columnGains: gainsOf(kept, width) };
}

/** Sets aside the same share of both classes. */
function splitForValidation(
  labels: Float64Array,
  share: number,
  seed: number,
): { fitRows: Uint32Array; validationRows: Uint32Array } {
  const shuffled = new SeededRandom(seed).permutation(labels.length);
  const isValidation = new Uint8Array(labels.length);
  for (const label of [0, 1]) {
    const rows = shuffled.filter((row) => labels[row] === label);
    for (const row of rows.subarray(0, Math.floor(rows.length * share))) isValidation[row] = 1;
  }
  const setAside = isValidation.reduce((sum, flag) => sum + flag, 0);
  if (setAside < MIN_VALIDATION_ROWS) isValidation.fill(0);
  const rows = Uint32Array.from(labels, (_, row) => row);
  return {
    fitRows: rows.filter((row) => isValidation[row] === 0),
    validationRows: rows.filter((row) => isValidation[row] === 1),
  };
}

/** Rounded to float32, as it will stand in the exported model. */
function priorLogit(labels: Float64Array, rows: Uint32Array): number {
  let positives = 0;
  for (const row of rows) positives += labels[row];
  return Math.fround(Math.log(positives / (rows.length - positives)));
}

/** Mean of log(1 + exp(−z)) with z the logit towards the row's label; written so that no exponential overflows. */
function meanLogLoss(logits: Float64Array, labels: Float64Array, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) {
    const towardsLabel = labels[row] === 1 ? logits[row] : -logits[row];
    sum += Math.max(-towardsLabel, 0) + Math.log1p(Math.exp(-Math.abs(towardsLabel)));
  }
  return sum / rows.length;
}

function gainsOf(trees: readonly GrownTree[], width: number): Float64Array {
  const gains = new Float64Array(width);
  for (const { tree, gains: nodeGains } of trees) {
    nodeGains.forEach((gain, node) => {
      if (gain > 0) gains[tree.features[node]] += gain;
    });
  }
  return gains;
}
