import { requirePredictions } from './predictions-check';

interface ScoresByClass {
  /** Ascending. */
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

function scoresByClass(probabilities: ArrayLike<number>, labels: ArrayLike<number>): ScoresByClass {
  let positiveCount = 0;
  for (let row = 0; row < labels.length; row++) positiveCount += labels[row];
  const positives = new Float64Array(positiveCount);
  const negatives = new Float64Array(labels.length - positiveCount);
  let p = 0;
  let n = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) positives[p++] = probabilities[row];
    else negatives[n++] = probabilities[row];
  }
  return { positives: positives.sort(), negatives: negatives.sort() };
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, a tie counting half. null where only one class occurs.
 * @throws InvalidInput when the arrays differ in length, are empty or out of range.   Source: Mann & Whitney 1947; sklearn roc_auc_score.
 */
export function rocAuc(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  requirePredictions(probabilities, labels);
  const { positives, negatives } = scoresByClass(probabilities, labels);
  if (positives.length === 0 || negatives.length === 0) return null;
  let below = 0;
  let notAbove = 0;
  let pairs = 0;
  for (const score of positives) {
    while (below < negatives.length && negatives[below] < score) below++;
    while (notAbove < negatives.length && negatives[notAbove] <= score) notAbove++;
    // Twice the pairs won, so that the sum stays a whole number and exact.
    pairs += below + notAbove;
  }
  return pairs / (2 * positives.length * negatives.length);
}

/**
 * The threshold with the best F1 among the probabilities that occur (a prediction is positive from the threshold on); of equal ones the highest.
 * null where no positive occurs. Choose it on validation rows, never on those that the F1 is then reported for.
 * @throws InvalidInput as {@link rocAuc}.
 */
export function bestF1Threshold(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): { threshold: number; f1: number } | null {
  requirePredictions(probabilities, labels);
  const { positives, negatives } = scoresByClass(probabilities, labels);
  let best: { threshold: number; f1: number } | null = null;
  let p = positives.length;
  let n = negatives.length;
  while (p > 0) {
    const threshold = Math.max(positives[p - 1], negatives[n - 1] ?? -Infinity);
    while (p > 0 && positives[p - 1] === threshold) p--;
    while (n > 0 && negatives[n - 1] === threshold) n--;
    const hits = positives.length - p;
    const f1 = (2 * hits) / (hits + (negatives.length - n) + positives.length);
    if (best === null || f1 > best.f1) best = { threshold, f1 };
  }
  return best;
}
