import { holm } from './holm';
import { type KsTest, ksTwoSample } from './ks-two-sample';
import { requirePredictions } from './predictions-check';

/** Labelled rows: probabilities of the positive class and what came, 1 or 0. */
export interface ScoredRows {
  readonly probabilities: Float64Array;
  readonly labels: ArrayLike<number>;
}

export type ConfoundedMeasureName = 'LOG_LOSS' | 'RESIDUAL' | 'SCORE_OF_POSITIVES' | 'SCORE_OF_NEGATIVES';

export interface ConfoundedKsTest extends KsTest {
  readonly measure: ConfoundedMeasureName;
  /** Adjusted by Holm over the tests that could be made. */
  readonly correctedPValue: number;
}

/** A loss of 13.8 at most: one certain and wrong prediction is no more than very wrong. */
const CLIP = 1e-6;

/**
 * Two-sample Kolmogorov–Smirnov tests on log-loss, residual y − p, and the scores of either class. They are what many tools call concept drift, and
 * CONFOUNDED: where only the traffic moves and P(Y|X) stays, all of them alarm (.98 of windows, where testConceptDrift stays at .05). Figures to
 * compare with those tools, never a verdict. A class that a window lacks has no test.
 * @param reference held-out rows
 * @throws InvalidInput when a window is empty, or probabilities or labels are out of range
 */
export function confoundedTests(reference: ScoredRows, current: ScoredRows): ConfoundedKsTest[] {
  requirePredictions(reference.probabilities, reference.labels);
  requirePredictions(current.probabilities, current.labels);
  const measures: readonly (readonly [ConfoundedMeasureName, (rows: ScoredRows) => Float64Array])[] = [
    ['LOG_LOSS', logLosses],
    ['RESIDUAL', ({ probabilities, labels }) => probabilities.map((probability, row) => labels[row] - probability)],
    ['SCORE_OF_POSITIVES', (rows) => scoresOf(rows, 1)],
    ['SCORE_OF_NEGATIVES', (rows) => scoresOf(rows, 0)],
  ];
  const tests = measures.flatMap(([measure, valuesOf]) => {
    const [then, now] = [valuesOf(reference), valuesOf(current)];
    return then.length === 0 || now.length === 0 ? [] : [{ measure, ...ksTwoSample(then, now) }];
  });
  const corrected = holm(tests.map(({ pValue }) => pValue));
  return tests.map((test, index) => ({ ...test, correctedPValue: corrected[index] }));
}

function logLosses({ probabilities, labels }: ScoredRows): Float64Array {
  return probabilities.map((probability, row) => {
    const ofOutcome = labels[row] === 1 ? probability : 1 - probability;
    return -Math.log(Math.max(CLIP, ofOutcome));
  });
}

function scoresOf({ probabilities, labels }: ScoredRows, label: number): Float64Array {
  return probabilities.filter((_, row) => labels[row] === label);
}
