/** As generate-golden.py describes a sample: levels = 0 means sums of three uniforms, else whole numbers below `levels`. */
export interface SampleSpec {
  readonly seed: number;
  readonly n: number;
  readonly levels: number;
  readonly scale: number;
  readonly shift: number;
}

/** Lehmer's generator: every product stays below 2^53, so Python and JavaScript make the same doubles. */
export function goldenUniforms(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  });
}

export function goldenSample({ seed, n, levels, scale, shift }: SampleSpec): Float64Array {
  if (levels > 0) return Float64Array.from(goldenUniforms(seed, n), (u) => Math.floor(u * u * levels) * scale + shift);
  const u = goldenUniforms(seed, 3 * n);
  return Float64Array.from({ length: n }, (_, i) => (u[3 * i] + u[3 * i + 1] + u[3 * i + 2]) * scale + shift);
}

/** |actual − expected| as a share of the expected size: what small p-values are judged by. */
export function relativeError(actual: number, expected: number): number {
  return actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
}
