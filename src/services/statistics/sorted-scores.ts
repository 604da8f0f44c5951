import { InvalidInput } from '../../errors';

/**
 * Scores of binary predictions by what is known of their outcomes, each list ascending. All that performance is computed from; samples of parts of the
 * rows merge into that of the whole.
 */
export interface ScoreSample {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  /** Of predictions whose outcome is not known. */
  readonly unlabelled: Float64Array;
}

export const EMPTY_SAMPLE: ScoreSample = {
  positives: new Float64Array(),
  negatives: new Float64Array(),
  unlabelled: new Float64Array(),
};

/**
 * @param scores probabilities of the positive class, in [0, 1]
 * @param outcomes null where it is not known
 * @throws InvalidInput for a score that is out of range
 */
export function scoreSample(scores: ArrayLike<number>, outcomes: ArrayLike<boolean | null>): ScoreSample {
  const lists: Record<keyof ScoreSample, number[]> = { positives: [], negatives: [], unlabelled: [] };
  for (let row = 0; row < scores.length; row++) {
    if (!(scores[row] >= 0 && scores[row] <= 1))
      throw new InvalidInput(['scores', String(row)], `${scores[row]} is not a probability from 0 to 1.`);
    const outcome = outcomes[row];
    lists[outcome === null ? 'unlabelled' : outcome ? 'positives' : 'negatives'].push(scores[row]);
  }
  return {
    positives: Float64Array.from(lists.positives).sort(),
    negatives: Float64Array.from(lists.negatives).sort(),
    unlabelled: Float64Array.from(lists.unlabelled).sort(),
  };
}

export const mergeSamples = (a: ScoreSample, b: ScoreSample): ScoreSample => ({
  positives: mergeSorted(a.positives, b.positives),
  negatives: mergeSorted(a.negatives, b.negatives),
  unlabelled: mergeSorted(a.unlabelled, b.unlabelled),
});

export const sampleSize = ({ positives, negatives, unlabelled }: ScoreSample): number =>
  positives.length + negatives.length + unlabelled.length;

/** Two ascending lists as one. */
export function mergeSorted(a: Float64Array, b: Float64Array): Float64Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged = new Float64Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let index = 0; index < merged.length; index++) {
    merged[index] = j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
  }
  return merged;
}
