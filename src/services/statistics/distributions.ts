import { logGamma, stirlingCorrection } from './log-gamma';

// Twice the count that df = 10^6 needs near its mean; the loops leave long before.
const MAX_TERMS = 20_000;

/** x^a e^−x / Γ(a + 1), without the cancellation of its three large logarithms. */
function gammaFactor(a: number, x: number): number {
  if (a < 1) return Math.exp(a * Math.log(x) - x - logGamma(a + 1));
  const deviance = a * Math.log(a / x) + x - a;
  return Math.exp(-deviance - stirlingCorrection(a)) / Math.sqrt(2 * Math.PI * a);
}

/** P(a, x) by its power series; converges fast for x < a + 1. */
function lowerGammaSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let index = 1; index < MAX_TERMS && term > sum * 1e-17; index++) {
    term *= x / (a + index);
    sum += term;
  }
  return sum * gammaFactor(a, x);
}

/** Q(a, x) by its continued fraction (Lentz); converges fast for x ≥ a + 1, and keeps the relative error of tiny tails. */
function upperGammaFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let index = 1; index < MAX_TERMS; index++) {
    const numerator = -index * (index - a);
    b += 2;
    d = numerator * d + b;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = b + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return fraction * a * gammaFactor(a, x);
}

/** Upper regularised incomplete gamma function Q(a, x), a > 0, x ≥ 0. Source: Press et al., Numerical Recipes 6.2. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - lowerGammaSeries(a, x) : upperGammaFraction(a, x);
}

/**
 * P(X > x) for X ~ χ² with the given degrees of freedom. Zero degrees of freedom are the constant 0: nothing can vary, so nothing above 0 occurs
 * and x ≤ 0 has probability 1. Source: χ²(k) is Γ(k/2, 2).
 */
export function chiSquareSurvival(x: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom === 0) return x > 0 ? 0 : 1;
  return upperGamma(degreesOfFreedom / 2, x / 2);
}

/** The x that χ² with these degrees of freedom (≥ 1) exceeds with the given probability, 0 < probability < 1. */
export function chiSquareQuantile(upperProbability: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = degreesOfFreedom + 10;
  while (chiSquareSurvival(high, degreesOfFreedom) > upperProbability) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (chiSquareSurvival(middle, degreesOfFreedom) > upperProbability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(Z > z) for a standard normal Z, to full relative precision in the tail. Source: Z² is χ²(1). */
export function normalSurvival(z: number): number {
  const tail = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? tail : 1 - tail;
}
