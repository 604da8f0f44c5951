import { InvalidInput } from '../../errors';
import { type Calibration, applyCalibration } from './calibration';
import { requirePredictions } from './predictions-check';
import { uniformFromText } from './seeded-random';

/** Predictions whose outcome is known. */
export interface LabelledPredictions {
  /** The model's, before calibration, in [0, 1]. */
  readonly probabilities: Float64Array;
  /** 1 for the positive class, 0 for the other. */
  readonly labels: ArrayLike<number>;
  /** The predictions' own ids. */
  readonly ids: readonly string[];
}

/**
 * Randomised probability integral transform of one labelled prediction: uniform on [0, 1] while the outcome follows its probability, wherever in
 * feature space it lies. That is why it sees a change of P(Y|X) and not one of P(X), which losses, residuals and scores confound with it.
 * The random part is a hash of the id, so that the same prediction always gives the same value.
 * @param probability of the positive class, calibrated on the reference
 * @returns 1 − p + p·U for a positive, (1 − p)·U for a negative.   Source: Smith 1985; Czado, Gneiting & Held 2009.
 */
export function probabilityIntegralTransform(probability: number, label: number, id: string): number {
  const uniform = uniformFromText(id);
  return label === 1 ? 1 - probability + probability * uniform : (1 - probability) * uniform;
}

/**
 * The transforms of a whole window. For the reference window keep the result with the version: an exact Kolmogorov–Smirnov test cannot be made
 * from bins. @throws InvalidInput when the arrays differ in length, are empty or out of range.
 */
export function pitSample(calibration: Calibration, { probabilities, labels, ids }: LabelledPredictions): Float64Array {
  requirePredictions(probabilities, labels);
  if (ids.length !== probabilities.length)
    throw new InvalidInput('ids', `there are ${ids.length} for ${probabilities.length} predictions. Give one id each.`);
  return applyCalibration(calibration, probabilities).map((probability, row) =>
    probabilityIntegralTransform(probability, labels[row], ids[row]),
  );
}
