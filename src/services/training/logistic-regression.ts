import { Cancelled } from '../../errors';
import type { LinearModel } from '../onnx';
import { logistic } from './predict-ensemble';

export interface LogisticRegressionParameters {
  /** Penalty λ: λ/2 ‖coefficients‖² is added to the summed log loss. The intercept is free. 1 is scikit-learn's C = 1. */
  readonly l2: number;
}

const MAX_NEWTON_STEPS = 50;
const MAX_CONJUGATE_STEPS = 200;
/** Of the mean gradient: coefficients are then exact to about six digits. */
const GRADIENT_TOLERANCE = 1e-8;

/**
 * L2-penalised logistic regression by Newton's method, each step solved by conjugate gradients (Nocedal & Wright 2006, algorithm 7.1). A step costs two
 * passes over the rows per conjugate step instead of width² per row, so that a wide one-hot table stays cheap.
 * @param matrix row-major [rows, width] of the training rows, imputed and standardised: nothing may be NaN
 * @param labels 0 or 1 for each row
 * @param signal read before every Newton step
 * @throws Cancelled when the signal says so
 */
export function trainLogisticRegression(
  matrix: Float32Array,
  width: number,
  labels: Float64Array,
  { l2 }: LogisticRegressionParameters,
  signal?: { readonly aborted: boolean },
): LinearModel {
  const problem = new LogisticProblem(matrix, width, labels, l2);
  // The last entry is the intercept.
  let weights: Float64Array = new Float64Array(width + 1);
  let loss = problem.evaluate(weights);

  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    if (signal?.aborted) throw new Cancelled('The training');
    if (norm(problem.gradient) <= GRADIENT_TOLERANCE * labels.length) break;
    const direction = conjugateGradients(problem);
    const slope = dot(problem.gradient, direction);
    // The full Newton step overshoots only far from the optimum; halving it there is enough (Armijo's rule).
    let size = 1;
    let next = stepped(weights, direction, size);
    let nextLoss = problem.evaluate(next);
    while (nextLoss > loss + 1e-4 * size * slope && size > 1e-10) {
      size /= 2;
      next = stepped(weights, direction, size);
      nextLoss = problem.evaluate(next);
    }
    // Also where the loss is NaN.
    if (!(nextLoss < loss)) break;
    weights = next;
    loss = nextLoss;
  }
  return { coefficients: Float32Array.from(weights.subarray(0, width)), intercept: Math.fround(weights[width]) };
}

/**
 * P(y = 1) for each row of a row-major matrix [rows, coefficients], by the trainer's own arithmetic (sums in float64).
 */
export function predictLinear(model: LinearModel, matrix: Float32Array): Float64Array {
  const { coefficients, intercept } = model;
  const width = coefficients.length;
  return Float64Array.from({ length: matrix.length / width }, (_, row) => {
    let logit = intercept;
    for (let column = 0; column < width; column++) logit += coefficients[column] * matrix[row * width + column];
    return logistic(logit);
  });
}

/** The penalised log loss, its gradient and its Hessian at the weights evaluated last. */
class LogisticProblem {
  readonly gradient: Float64Array;
  /** Diagonal of the Hessian. */
  readonly curvature: Float64Array;
  private readonly hessians: Float64Array;

  constructor(
    private readonly matrix: Float32Array,
    private readonly width: number,
    private readonly labels: Float64Array,
    private readonly l2: number,
  ) {
    this.gradient = new Float64Array(width + 1);
    this.curvature = new Float64Array(width + 1);
    this.hessians = new Float64Array(labels.length);
  }

  /** Returns the loss at these weights and sets gradient, curvature and Hessian. */
  evaluate(weights: Float64Array): number {
    const { matrix, width, labels, l2, gradient, curvature, hessians } = this;
    let loss = 0;
    gradient.fill(0);
    curvature.fill(0);
    for (let row = 0; row < labels.length; row++) {
      const start = row * width;
      let logit = weights[width];
      for (let column = 0; column < width; column++) logit += weights[column] * matrix[start + column];
      const probability = logistic(logit);
      const residual = probability - labels[row];
      const hessian = probability * (1 - probability);
      loss += Math.max(logit, 0) - labels[row] * logit + Math.log1p(Math.exp(-Math.abs(logit)));
      hessians[row] = hessian;
      for (let column = 0; column < width; column++) {
        const value = matrix[start + column];
        gradient[column] += residual * value;
        curvature[column] += hessian * value * value;
      }
      gradient[width] += residual;
      curvature[width] += hessian;
    }
    for (let column = 0; column < width; column++) {
      loss += (l2 / 2) * weights[column] * weights[column];
      gradient[column] += l2 * weights[column];
      curvature[column] += l2;
    }
    return loss;
  }

  /** Hessian times vector: Xᵀ(h ∘ Xv) + λv. */
  hessianTimes(vector: Float64Array): Float64Array {
    const { matrix, width, hessians, l2 } = this;
    const product = new Float64Array(width + 1);
    for (let row = 0; row < hessians.length; row++) {
      const start = row * width;
      let along = vector[width];
      for (let column = 0; column < width; column++) along += vector[column] * matrix[start + column];
      along *= hessians[row];
      for (let column = 0; column < width; column++) product[column] += along * matrix[start + column];
      product[width] += along;
    }
    for (let column = 0; column < width; column++) product[column] += l2 * vector[column];
    return product;
  }
}

/** Solves Hessian · direction = −gradient as exactly as the distance from the optimum deserves, preconditioned by the Hessian's diagonal. */
function conjugateGradients(problem: LogisticProblem): Float64Array {
  const { gradient, curvature } = problem;
  const tolerance = norm(gradient) * Math.min(0.5, Math.sqrt(norm(gradient) / norm(curvature)));
  const direction = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  let scaled = residual.map((value, i) => value / curvature[i]);
  let search = scaled;
  let energy = dot(residual, scaled);

  for (let step = 0; step < MAX_CONJUGATE_STEPS && norm(residual) > tolerance; step++) {
    const product = problem.hessianTimes(search);
    const size = energy / dot(search, product);
    for (let i = 0; i < direction.length; i++) {
      direction[i] += size * search[i];
      residual[i] -= size * product[i];
    }
    scaled = residual.map((value, i) => value / curvature[i]);
    const nextEnergy = dot(residual, scaled);
    const keep = nextEnergy / energy;
    search = scaled.map((value, i) => value + keep * search[i]);
    energy = nextEnergy;
  }
  return direction;
}

function stepped(weights: Float64Array, direction: Float64Array, size: number): Float64Array {
  return weights.map((weight, i) => weight + size * direction[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}
