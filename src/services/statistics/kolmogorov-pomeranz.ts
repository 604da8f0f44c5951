const SCALE_EXPONENT = 128;
const SCALE = 2 ** SCALE_EXPONENT;

/** (rate^m / m!) for m < length: Poisson probabilities without their common factor. */
function poissonWeights(rate: number, length: number): Float64Array {
  const weights = new Float64Array(length).fill(1);
  for (let m = 1; m < length; m++) weights[m] = (weights[m - 1] * rate) / m;
  return weights;
}

/**
 * P(Dₙ ≤ d) of the two-sided Kolmogorov–Smirnov statistic by Pomeranz's recursion, exact up to rounding; time O(n (n d)²), meant for n ≤ 140.
 *
 * The empirical distribution can leave the band F ± d only where one of the lines n·F ± n·d crosses an integer: at 2n + 2 points whose gaps take
 * three sizes. From one point to the next a Poisson number of observations arrives; row i holds the weight of every count that is still inside.
 * Source: Pomeranz 1974 (CACM Algorithm 487), as given by Simard & L'Ecuyer 2011.
 */
export function pomeranzCdf(n: number, d: number): number {
  const t = n * d;
  const whole = Math.floor(t);
  const fraction = t - whole;
  const gap = Math.min(fraction, 1 - fraction);
  const length = 2 * (whole + 1);
  const endGap = poissonWeights(gap / n, length);
  const evenGap = poissonWeights((1 - 2 * gap) / n, length);
  const oddGap = poissonWeights((2 * gap) / n, length);

  let previous = new Float64Array(n + 1);
  let current = new Float64Array(n + 1);
  current[0] = 1;
  let lowBefore = 0;
  let highBefore = 0;
  let exponent = 0;
  for (let row = 1; row <= 2 * n + 1; row++) {
    [previous, current] = [current, previous];
    current.fill(0);
    const [low, high] = countsInside(row, n, whole, fraction);
    const weights = row === 1 || row === 2 * n + 1 ? endGap : row % 2 === 1 ? oddGap : evenGap;
    let largest = 0;
    for (let count = low; count <= high; count++) {
      let sum = 0;
      for (let before = lowBefore; before <= Math.min(count, highBefore); before++)
        sum += previous[before] * weights[count - before];
      current[count] = sum;
      largest = Math.max(largest, sum);
    }
    if (largest > 0 && largest < 1 / SCALE) {
      for (let count = low; count <= high; count++) current[count] *= SCALE;
      exponent -= SCALE_EXPONENT;
    }
    lowBefore = low;
    highBefore = high;
  }
  let probability = current[n];
  for (let m = 1; m <= n; m++) {
    if (probability > SCALE) {
      probability /= SCALE;
      exponent += SCALE_EXPONENT;
    }
    probability *= m;
  }
  return probability * 2 ** exponent;
}

/** The least and the greatest number of observations at crossing point `row` with which the empirical distribution is still in the band. */
function countsInside(row: number, n: number, whole: number, fraction: number): [low: number, high: number] {
  const ceil = fraction > 0 ? 1 : 0;
  const round = fraction > 0.5 ? 1 : 0;
  const half = Math.floor((row + 1) / 2);
  let low: number;
  let high: number;
  if (row % 2 === 0) {
    low = half - whole;
    high = half - 1 + whole + round;
  } else if (half === n + 1) {
    low = n - whole - ceil + 1;
    high = n + whole + ceil - 1;
  } else {
    low = half - whole - round;
    high = half + whole + ceil - 2;
  }
  return [Math.max(low, 0), Math.min(high, n)];
}
