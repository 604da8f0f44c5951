const HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;

// B₂ⱼ / (2j (2j−1)) for j = 8 … 1: the coefficients of Stirling's series.
const STIRLING_SERIES = [-3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12];

/** ln Γ(x + 1) minus Stirling's leading terms (x + ½) ln x − x + ½ ln 2π, for x > 0. Kept apart because it is small and has no cancellation. */
export function stirlingCorrection(x: number): number {
  // From 15 on, eight terms of the series are exact to the last bit.
  if (x < 15) return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;
  const inverseSquare = 1 / (x * x);
  let sum = 0;
  for (const coefficient of STIRLING_SERIES) sum = sum * inverseSquare + coefficient;
  return sum / x;
}

/** ln Γ(x) for x > 0. Source: Abramowitz & Stegun 6.1.40, after the recurrence has lifted x to 16 or more. */
export function logGamma(x: number): number {
  let lifted = x;
  let product = 1;
  while (lifted < 16) {
    product *= lifted;
    lifted += 1;
  }
  const base = lifted - 1;
  return (base + 0.5) * Math.log(base) - base + HALF_LOG_TWO_PI + stirlingCorrection(base) - Math.log(product);
}
