const SCALE_EXPONENT = 128;
const SCALE = 2 ** SCALE_EXPONENT;

/** Square matrix, row after row. */
interface Matrix {
  readonly size: number;
  readonly cells: Float64Array;
}

function multiply(a: Matrix, b: Matrix): Matrix {
  const { size } = a;
  const cells = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = a.cells[row * size + inner];
      if (factor === 0) continue;
      for (let column = 0; column < size; column++)
        cells[row * size + column] += factor * b.cells[inner * size + column];
    }
  }
  return { size, cells };
}

/** H of Durbin's formula for n·d = k − h: its powers count the ways in which the empirical distribution stays within d. */
function durbinMatrix(k: number, h: number): Matrix {
  const size = 2 * k - 1;
  const inverseFactorials = new Float64Array(size + 1).fill(1);
  for (let index = 1; index <= size; index++) inverseFactorials[index] = inverseFactorials[index - 1] / index;
  const border = Float64Array.from({ length: size }, (_, i) => (1 - h ** (i + 1)) * inverseFactorials[i + 1]);
  border[size - 1] = (1 - 2 * h ** size + Math.max(2 * h - 1, 0) ** size) * inverseFactorials[size];
  const cells = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 1; column <= Math.min(row + 1, size - 1); column++)
      cells[row * size + column] = inverseFactorials[row - column + 1];
  for (let index = 0; index < size; index++) {
    cells[index * size] = border[index];
    cells[(size - 1) * size + index] = border[size - 1 - index];
  }
  return { size, cells };
}

/**
 * P(Dₙ ≤ d) of the two-sided Kolmogorov–Smirnov statistic by Durbin's matrix, exact up to rounding; time O((n d)³ log n).
 * Source: Durbin 1968; Marsaglia, Tsang & Wang, Evaluating Kolmogorov's Distribution, 2003.
 */
export function durbinCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  let base = durbinMatrix(k, k - n * d);
  const { size } = base;
  const centre = (k - 1) * size + (k - 1);
  let power: Matrix = {
    size,
    cells: Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  };
  let baseExponent = 0;
  let exponent = 0;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      power = multiply(power, base);
      exponent += baseExponent;
    }
    base = multiply(base, base);
    baseExponent *= 2;
    // The powers of H leave the range of doubles long before the division by nⁿ brings them back.
    if (base.cells[centre] > SCALE) {
      base = { size, cells: base.cells.map((cell) => cell / SCALE) };
      baseExponent += SCALE_EXPONENT;
    }
  }
  let probability = power.cells[centre];
  for (let index = 1; index <= n; index++) {
    probability *= index / n;
    if (probability < 1 / SCALE) {
      probability *= SCALE;
      exponent -= SCALE_EXPONENT;
    }
  }
  return probability * 2 ** exponent;
}
