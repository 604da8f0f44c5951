import { InvalidInput } from '../../errors';

/**
 * Refuses what no figure about labelled predictions can be computed from.
 * @throws InvalidInput when there are none, the lengths differ, a probability is not in [0, 1] or a label is neither 0 nor 1.
 */
export function requirePredictions(probabilities: ArrayLike<number>, labels: ArrayLike<number>): void {
  if (probabilities.length === 0)
    throw new InvalidInput('probabilities', 'there are none. Give at least one prediction.');
  if (labels.length !== probabilities.length)
    throw new InvalidInput(
      'labels',
      `there are ${labels.length} for ${probabilities.length} probabilities. Give one label each.`,
    );
  for (let row = 0; row < probabilities.length; row++) {
    const probability = probabilities[row];
    if (!(probability >= 0 && probability <= 1))
      throw new InvalidInput(['probabilities', String(row)], `${probability} is not a probability from 0 to 1.`);
    const label = labels[row];
    if (label !== 0 && label !== 1)
      throw new InvalidInput(
        ['labels', String(row)],
        `${label} is not a label. Give 1 for the positive class and 0 for the other.`,
      );
  }
}
