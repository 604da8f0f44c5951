import { InvalidInput } from '../../errors';
import { exactKsSurvival } from './exact-ks-survival';
import { kolmogorovSurvival } from './kolmogorov-survival';

/** scipy's limit for the exact distribution: its cost is the product of the sizes and the statistic. */
const EXACT_ROWS = 10_000;

export interface KsTest {
  /** D = sup |F − G| of the two empirical distribution functions, in [0, 1]. */
  readonly statistic: number;
  /** Of a D at least this large when both samples come from one distribution; two-sided. */
  readonly pValue: number;
  readonly method: 'exact' | 'asymptotic';
}

/**
 * Two-sample Kolmogorov–Smirnov test, two-sided, as scipy.stats.ks_2samp: exact while the larger sample has at most 10,000 values.
 * Infinities are ordinary values. With ties the p-value is an upper bound.
 * @param a values without nulls, not empty; not changed
 * @throws InvalidInput when a sample is empty or has NaN.   Source: Hodges 1958; Viehmann 2021 for the exact recursion.
 */
export function ksTwoSample(a: Float64Array, b: Float64Array): KsTest {
  const first = sortedSample(a, 'a');
  const second = sortedSample(b, 'b');
  const n1 = first.length;
  const n2 = second.length;
  const divisor = greatestCommonDivisor(n1, n2);
  // In units of 1 / lcm(n1, n2) both functions move by whole steps, so D is a whole number of them and no rounding can shift it.
  const gap = largestGap(first, second, n2 / divisor, n1 / divisor);
  const statistic = gap / ((n1 / divisor) * n2);
  if (Math.max(n1, n2) <= EXACT_ROWS) {
    const pValue = gap === 0 ? 1 : n1 === n2 ? equalSizesSurvival(n1, gap) : exactKsSurvival(n1, n2, divisor, gap);
    return { statistic, pValue: Math.min(1, Math.max(0, pValue)), method: 'exact' };
  }
  return {
    statistic,
    pValue: kolmogorovSurvival(roundHalfEven((n1 * n2) / (n1 + n2)), statistic),
    method: 'asymptotic',
  };
}

function sortedSample(values: Float64Array, field: string): Float64Array {
  if (values.length === 0)
    throw new InvalidInput(field, 'the sample is empty. A comparison needs at least one value on each side.');
  const sorted = values.slice().sort();
  if (Number.isNaN(sorted[sorted.length - 1]))
    throw new InvalidInput(field, 'the sample has nulls (NaN). Leave them out before the test.');
  return sorted;
}

/** Walks both samples and compares the functions after every distinct value: stepA per value of a against stepB per value of b. */
function largestGap(a: Float64Array, b: Float64Array, stepA: number, stepB: number): number {
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j]);
    while (i < a.length && a[i] <= value) i++;
    while (j < b.length && b[j] <= value) j++;
    largest = Math.max(largest, Math.abs(i * stepA - j * stepB));
  }
  return largest;
}

/**
 * P(D ≥ gap/n) for two samples of n: 2·[C(2n, n−h) − C(2n, n−2h) + …] / C(2n, n), factored as a Horner scheme so that nothing cancels.
 * Source: Gnedenko & Korolyuk 1951.
 */
function equalSizesSurvival(n: number, gap: number): number {
  let probability = 0;
  for (let k = Math.floor(n / gap); k >= 0; k--) {
    let ratio = 1;
    for (let j = 0; j < gap; j++) ratio *= (n - k * gap - j) / (n + k * gap + j + 1);
    probability = ratio * (1 - probability);
  }
  return 2 * probability;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** As numpy rounds. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
