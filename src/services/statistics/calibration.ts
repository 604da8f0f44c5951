import { normalSurvival } from './distributions';
import { requirePredictions } from './predictions-check';

/** Beyond odds of a million to one no sample of ours can tell a probability from its neighbour, and one such row would pull the whole line. */
const CLIP = 1e-6;
const MAX_STEPS = 50;
/** 1 / variance of the priors: a standard deviation of 10 on the scale of logits, so that a hundred rows already outweigh it. */
const PRIOR_PRECISION = 0.01;

/**
 * A model's probabilities mapped to the frequencies that its reference window saw: logit(p′) = intercept + slope · logit(p). Plain JSON; it is stored
 * with the version. `covariance` is that of (intercept, slope): how well the reference window knows them.
 */
export interface Calibration {
  readonly kind: 'PLATT';
  readonly intercept: number;
  readonly slope: number;
  readonly covariance: { readonly intercept: number; readonly slope: number; readonly both: number };
}

/**
 * Fits a calibration on held-out reference rows, never on training rows: on those a model looks better calibrated than it is, and the unchanged world
 * would alarm (.88 of windows against .05).
 *
 * Maximum a posteriori by Newton's method, with wide normal priors around the identity (0, 1): they keep the answer finite when all
 * labels are equal, when the classes are separable, and when all probabilities are the same.
 * @param probabilities the model's, in [0, 1], not empty
 * @param labels 0 or 1
 * @throws InvalidInput when the two differ in length, are empty or out of range.   Source: Platt 1999.
 */
export function fitCalibration(probabilities: Float64Array, labels: ArrayLike<number>): Calibration {
  requirePredictions(probabilities, labels);
  const scores = probabilities.map(logit);
  let intercept = 0;
  let slope = 1;
  let state = posterior(scores, labels, intercept, slope);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { covariance, gradient } = state;
    const interceptStep = covariance.intercept * gradient.intercept + covariance.both * gradient.slope;
    const slopeStep = covariance.both * gradient.intercept + covariance.slope * gradient.slope;
    if (Math.max(Math.abs(interceptStep), Math.abs(slopeStep)) < 1e-10) break;
    // The loss is convex, so a Newton step that overshoots needs only to be shortened.
    let share = 1;
    let next = posterior(scores, labels, intercept - interceptStep, slope - slopeStep);
    while (next.loss > state.loss && share > 1e-6) {
      share /= 2;
      next = posterior(scores, labels, intercept - share * interceptStep, slope - share * slopeStep);
    }
    if (next.loss >= state.loss) break;
    intercept -= share * interceptStep;
    slope -= share * slopeStep;
    state = next;
  }
  return { kind: 'PLATT', intercept, slope, covariance: state.covariance };
}

/** The calibrated probabilities, in [1e-6, 1 − 1e-6]: a certainty that is wrong once would have infinite weight. */
export function applyCalibration(calibration: Calibration, probabilities: Float64Array): Float64Array {
  const { intercept, slope } = calibration;
  return probabilities.map((probability) => clipped(sigmoid(intercept + slope * logit(probability))));
}

export interface CalibrationZ {
  /** About standard normal while P(Y|X) is what it was. Above 0: more positives than predicted. */
  readonly z: number;
  readonly pValue: number;
  /** Observed minus predicted share of positives. */
  readonly gap: number;
}

/**
 * z = Σ(y − p) / √(Σ p(1 − p) + v): whether a window has the number of positives that its probabilities promise. v is the variance that the fitted
 * calibration itself brings in, gᵀ·covariance·g with g = Σ p(1 − p)·(1, logit): without it a window ten times the reference would alarm in half of
 * all cases with nothing changed.
 * @param probabilities the model's, before calibration
 * @param calibration null: the probabilities are taken as they are and v is 0
 * @throws InvalidInput when the arrays differ in length, are empty or out of range.   Source: Spiegelhalter 1986; delta method.
 */
export function calibrationZ(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  calibration: Calibration | null,
): CalibrationZ {
  requirePredictions(probabilities, labels);
  const expected = calibration ? applyCalibration(calibration, probabilities) : probabilities;
  let surplus = 0;
  let variance = 0;
  let slopeGradient = 0;
  for (let row = 0; row < expected.length; row++) {
    const certain = clipped(expected[row]);
    const weight = certain * (1 - certain);
    surplus += labels[row] - expected[row];
    variance += weight;
    slopeGradient += weight * logit(probabilities[row]);
  }
  const { intercept, slope, both } = calibration?.covariance ?? { intercept: 0, slope: 0, both: 0 };
  const fitVariance = intercept * variance ** 2 + 2 * both * variance * slopeGradient + slope * slopeGradient ** 2;
  const z = surplus === 0 ? 0 : surplus / Math.sqrt(variance + fitVariance);
  return { z, pValue: 2 * normalSurvival(Math.abs(z)), gap: surplus / expected.length };
}

/** Labelled predictions of one segment. */
export interface SegmentRows {
  /** The model's, before calibration. */
  readonly probabilities: Float64Array;
  readonly labels: ArrayLike<number>;
}

/**
 * The calibration z of a segment against the same segment of the reference: its surplus of positives now, less the one that it had then. A line
 * fitted over all rows is off in most segments; the difference is not, nor has the line's own error a part in it, because both windows carry it.
 * @throws InvalidInput when a window is empty or out of range.   Source: two-sample form of Spiegelhalter 1986.
 */
export function segmentCalibrationZ(
  reference: SegmentRows,
  current: SegmentRows,
  calibration: Calibration,
): CalibrationZ {
  const then = surplusOf(reference, calibration);
  const now = surplusOf(current, calibration);
  const gap = now.mean - then.mean;
  const z = gap === 0 ? 0 : gap / Math.sqrt(then.variance + now.variance);
  return { z, pValue: 2 * normalSurvival(Math.abs(z)), gap };
}

/** Mean of y − p, and the variance of that mean. */
function surplusOf(rows: SegmentRows, calibration: Calibration): { mean: number; variance: number } {
  requirePredictions(rows.probabilities, rows.labels);
  const expected = applyCalibration(calibration, rows.probabilities);
  let surplus = 0;
  let variance = 0;
  for (let row = 0; row < expected.length; row++) {
    surplus += rows.labels[row] - expected[row];
    variance += expected[row] * (1 - expected[row]);
  }
  return { mean: surplus / expected.length, variance: variance / expected.length ** 2 };
}

interface Posterior {
  readonly loss: number;
  readonly gradient: { readonly intercept: number; readonly slope: number };
  /** Inverse of the Hessian. */
  readonly covariance: Calibration['covariance'];
}

function posterior(scores: Float64Array, labels: ArrayLike<number>, intercept: number, slope: number): Posterior {
  let loss = (PRIOR_PRECISION * (intercept ** 2 + (slope - 1) ** 2)) / 2;
  let gradientIntercept = PRIOR_PRECISION * intercept;
  let gradientSlope = PRIOR_PRECISION * (slope - 1);
  let curvatureIntercept = PRIOR_PRECISION;
  let curvatureSlope = PRIOR_PRECISION;
  let curvatureBoth = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row];
    const linear = intercept + slope * score;
    const probability = sigmoid(linear);
    const weight = probability * (1 - probability);
    // ln(1 + e^x) − y·x, without overflow.
    loss += Math.max(linear, 0) + Math.log1p(Math.exp(-Math.abs(linear))) - labels[row] * linear;
    gradientIntercept += probability - labels[row];
    gradientSlope += (probability - labels[row]) * score;
    curvatureIntercept += weight;
    curvatureSlope += weight * score * score;
    curvatureBoth += weight * score;
  }
  const determinant = curvatureIntercept * curvatureSlope - curvatureBoth ** 2;
  return {
    loss,
    gradient: { intercept: gradientIntercept, slope: gradientSlope },
    covariance: {
      intercept: curvatureSlope / determinant,
      slope: curvatureIntercept / determinant,
      both: -curvatureBoth / determinant,
    },
  };
}

/** ln(p / (1 − p)), p clipped to [1e-6, 1 − 1e-6]: the scale on which calibrations are lines. */
export function logit(probability: number): number {
  const certain = clipped(probability);
  return Math.log(certain / (1 - certain));
}

function clipped(probability: number): number {
  return Math.min(1 - CLIP, Math.max(CLIP, probability));
}

/** The inverse of {@link logit}. */
export function sigmoid(linear: number): number {
  return 1 / (1 + Math.exp(-linear));
}
