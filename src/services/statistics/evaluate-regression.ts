import { InvalidInput } from '../../errors';
import { quantileOf } from './sorted-values';

/** Metrics of a regression by their names in the API, in the unit of the target where they have one; null where one is undefined for these rows. */
export interface RegressionMetrics {
  /** Root of the mean squared error. */
  readonly rmse: number;
  /** Mean absolute error. */
  readonly mae: number;
  readonly medianAbsoluteError: number;
  /** Share of the target's variance that is explained: 1 at best, below 0 for less than its mean would explain. null where the target is constant. */
  readonly r2: number | null;
  /** Mean of |error / actual|, as a ratio. null where an actual is 0, or closer to it than 2^−52: a share of nothing means nothing. */
  readonly mape: number | null;
}

/** Beyond this a squared error could be infinite. */
const MAX_MAGNITUDE = 1e150;

/**
 * All metrics of predictions whose actual values are known.
 * @throws InvalidInput when there are none, the lengths differ, or a value is not finite or beyond ±1e150.
 * Source: sklearn mean_squared_error, mean_absolute_error, median_absolute_error, r2_score, mean_absolute_percentage_error.
 */
export function evaluateRegression(predicted: ArrayLike<number>, actual: ArrayLike<number>): RegressionMetrics {
  requireValues(predicted, actual);
  const count = actual.length;
  const errors = new Float64Array(count);
  let squares = 0;
  let ratios: number | null = 0;
  let total = 0;
  let isConstant = true;
  for (let row = 0; row < count; row++) {
    const error = Math.abs(actual[row] - predicted[row]);
    const size = Math.abs(actual[row]);
    errors[row] = error;
    squares += error * error;
    ratios = ratios === null || size < Number.EPSILON ? null : ratios + error / size;
    total += actual[row];
    isConstant &&= actual[row] === actual[0];
  }
  const mean = total / count;
  let variance = 0;
  for (let row = 0; row < count; row++) variance += (actual[row] - mean) ** 2;
  const mae = errors.reduce((sum, error) => sum + error, 0) / count;
  return {
    rmse: Math.sqrt(squares / count),
    mae,
    medianAbsoluteError: quantileOf(errors.sort(), 0.5),
    // A mean that is off by its last bit gives a constant a variance.
    r2: isConstant ? null : finiteOrNull(1 - squares / variance),
    mape: ratios === null ? null : ratios / count,
  };
}

/** A spread so small that its square is 0 is no measure. */
const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** @throws InvalidInput as {@link evaluateRegression} */
function requireValues(predicted: ArrayLike<number>, actual: ArrayLike<number>): void {
  if (predicted.length === 0) throw new InvalidInput('predicted', 'there are none. Give at least one prediction.');
  if (actual.length !== predicted.length)
    throw new InvalidInput(
      'actual',
      `there are ${actual.length} for ${predicted.length} predictions. Give one value each.`,
    );
  for (const [name, values] of [
    ['predicted', predicted],
    ['actual', actual],
  ] as const)
    for (let row = 0; row < values.length; row++)
      if (!(Math.abs(values[row]) <= MAX_MAGNITUDE))
        throw new InvalidInput([name, String(row)], `${values[row]} is not a number from -1e150 to 1e150.`);
}
