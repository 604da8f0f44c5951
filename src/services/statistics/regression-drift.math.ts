import { InvalidInput } from '../../errors';
import { normalSurvival } from './distributions';

/**
 * A model's numbers mapped to the mean that its reference window saw: E[y | prediction] = level + slope · (prediction − centre). Plain JSON.
 * About the centre, because far from it level and slope would be known only together, and their covariance would cancel.
 */
export interface LinearCalibration {
  /** Mean prediction of the reference. */
  readonly centre: number;
  readonly level: number;
  readonly slope: number;
  /** Of (level, slope), robust to residuals whose spread changes with the prediction. */
  readonly covariance: { readonly level: number; readonly slope: number; readonly both: number };
  /** Standard deviation of the residuals, the unit of an effect; above 0. */
  readonly residualStddev: number;
}

/**
 * Least squares of outcomes on predictions over held-out reference rows, with White's covariance. Where all predictions are equal the slope is 1.
 * @throws InvalidInput with fewer than three rows, arrays of different length, or values that are not finite.   Source: White 1980 (HC1).
 */
export function fitLinearCalibration(predictions: ArrayLike<number>, outcomes: ArrayLike<number>): LinearCalibration {
  requireNumbers(predictions, outcomes, 3);
  const rows = predictions.length;
  const centre = meanOf(predictions);
  const level = meanOf(outcomes);
  let spread = 0;
  let product = 0;
  for (let row = 0; row < rows; row++) {
    spread += (predictions[row] - centre) ** 2;
    product += (predictions[row] - centre) * (outcomes[row] - level);
  }
  const slope = spread > 0 ? product / spread : 1;
  let atMean = 0;
  let mixed = 0;
  let atSlope = 0;
  for (let row = 0; row < rows; row++) {
    const offset = predictions[row] - centre;
    const square = (outcomes[row] - level - slope * offset) ** 2;
    atMean += square;
    mixed += square * offset;
    atSlope += square * offset ** 2;
  }
  const factor = rows / (rows - 2);
  return {
    centre,
    level,
    slope,
    covariance: {
      level: (factor * atMean) / rows ** 2,
      slope: spread > 0 ? (factor * atSlope) / spread ** 2 : 0,
      both: spread > 0 ? (factor * mixed) / (rows * spread) : 0,
    },
    residualStddev: Math.max(Math.sqrt((factor * atMean) / rows), Number.MIN_VALUE),
  };
}

export interface ResidualZ {
  /** About standard normal while E[y | prediction] is what it was. Above 0: outcomes are higher than predicted. */
  readonly z: number;
  readonly pValue: number;
  /** Mean residual in standard deviations of the reference's residuals. */
  readonly shift: number;
}

/**
 * Whether the outcomes of a window still have the mean that their calibrated predictions promise: z = r̄ / √(s²/n + gᵀ·covariance·g) with the window's
 * own spread s and g = (1, mean prediction − centre). It takes no law of the residuals and no constant spread, and a change of the traffic alone does not move
 * it where the calibration holds. It sees the level only: the shape would take the model's predictive distribution, which a regression has not.
 * @throws InvalidInput with fewer than two rows, arrays of different length, or values that are not finite.   Source: delta method.
 */
export function residualZ(
  calibration: LinearCalibration,
  predictions: ArrayLike<number>,
  outcomes: ArrayLike<number>,
): ResidualZ {
  requireNumbers(predictions, outcomes, 2);
  const rows = predictions.length;
  const residuals = Float64Array.from(
    { length: rows },
    (_, row) => outcomes[row] - calibration.level - calibration.slope * (predictions[row] - calibration.centre),
  );
  const mean = meanOf(residuals);
  const variance = residuals.reduce((sum, residual) => sum + (residual - mean) ** 2, 0) / (rows - 1);
  const { level, slope, both } = calibration.covariance;
  const offset = meanOf(predictions) - calibration.centre;
  const fitVariance = Math.max(0, level + 2 * both * offset + slope * offset ** 2);
  // Outcomes that are all off by the same, to the last bit, have no spread: any spread at all then makes them significant.
  const z = mean === 0 ? 0 : mean / Math.max(Math.sqrt(variance / rows + fitVariance), Math.abs(mean) * 1e-9);
  return { z, pValue: 2 * normalSurvival(Math.abs(z)), shift: mean / calibration.residualStddev };
}

function requireNumbers(predictions: ArrayLike<number>, outcomes: ArrayLike<number>, minimum: number): void {
  if (predictions.length !== outcomes.length)
    throw new InvalidInput('outcomes', `there are ${outcomes.length} for ${predictions.length} predictions.`);
  if (predictions.length < minimum)
    throw new InvalidInput('predictions', `there are ${predictions.length}; it takes at least ${minimum}.`);
  for (let row = 0; row < predictions.length; row++)
    if (!Number.isFinite(predictions[row]) || !Number.isFinite(outcomes[row]))
      throw new InvalidInput('outcomes', `row ${row} is not a pair of finite numbers.`);
}

function meanOf(values: ArrayLike<number>): number {
  let mean = 0;
  for (let index = 0; index < values.length; index++) mean += (values[index] - mean) / (index + 1);
  return mean;
}
