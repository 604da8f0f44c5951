/** Upper bounds in ms: from a quarter of a millisecond to about a minute, four to an octave, each 19 % above the one before. */
const FIRST_MS = 0.25;
const PER_OCTAVE = 4;
const BOUND_COUNT = 18 * PER_OCTAVE + 1;

/** One for each bound, and one for what is above the last. */
export const LATENCY_BUCKET_COUNT = BOUND_COUNT + 1;

const boundMs = (index: number): number => FIRST_MS * 2 ** (index / PER_OCTAVE);

/** The bucket of a latency: the first whose bound it does not exceed. */
export function latencyBucket(ms: number): number {
  if (ms <= FIRST_MS) return 0;
  const index = Math.ceil(Math.log2(ms / FIRST_MS) * PER_OCTAVE);
  // Rounding may put a latency that lies on a bound into the bucket above.
  const exact = index > 0 && ms <= boundMs(index - 1) ? index - 1 : index;
  return Math.min(exact, BOUND_COUNT);
}

/**
 * A quantile of counted latencies in ms, interpolated within its bucket, as Prometheus' histogram_quantile does: it is off by less than a bucket, which
 * is 19 % of it. null where nothing was counted; above the last bound that bound.
 * @param counts one per bucket
 * @param quantile in (0, 1]
 */
export function latencyQuantile(counts: readonly number[], quantile: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = quantile * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      if (index >= BOUND_COUNT) return boundMs(BOUND_COUNT - 1);
      const low = index === 0 ? 0 : boundMs(index - 1);
      return low + ((boundMs(index) - low) * (rank - below)) / count;
    }
    below += count;
  }
  return boundMs(BOUND_COUNT - 1);
}
