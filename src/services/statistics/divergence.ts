import { InvalidInput } from '../../errors';

function requireSameBins(p: ArrayLike<number>, q: ArrayLike<number>): void {
  if (p.length === 0) throw new InvalidInput('p', 'has no bins. Give the proportions of at least one bin.');
  if (p.length !== q.length)
    throw new InvalidInput('q', `has ${q.length} bins where p has ${p.length}. Count both windows in the same bins.`);
}

/**
 * Proportions with half a count added to every bin, so that no bin is empty and every divergence is finite.
 * @param counts rows per bin, shape [k]
 * @returns proportions, shape [k], each above 0, summing to 1.   Source: Krichevsky & Trofimov 1981 (the Jeffreys prior).
 */
export function smoothedProportions(counts: ArrayLike<number>): number[] {
  const filled = Array.from(counts, (count) => count + 0.5);
  const total = filled.reduce((sum, count) => sum + count, 0);
  return filled.map((count) => count / total);
}

/**
 * Kullback–Leibler divergence KL(p‖q) = Σ p ln(p/q) in nats, ≥ 0; infinite where q is 0 and p is not.
 * @param p reference proportions, shape [k], sums to 1
 * @param q current proportions over the same bins
 * @throws InvalidInput when k = 0 or the lengths differ.   Source: Kullback & Leibler 1951; scipy.stats.entropy.
 */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  requireSameBins(p, q);
  let sum = 0;
  for (let bin = 0; bin < p.length; bin++) if (p[bin] > 0) sum += p[bin] * Math.log(p[bin] / q[bin]);
  // Rounding can leave −1e-17 for equal windows.
  return Math.max(0, sum);
}

/**
 * Jensen–Shannon divergence in nats: ½ KL(p‖m) + ½ KL(q‖m) with m = (p + q) / 2. Symmetric, 0 ≤ JS ≤ ln 2 = .6931.
 * TFDV reports this divided by ln 2 (base 2); Evidently and scipy report its square root, {@link jsDistance}.
 * @throws InvalidInput when k = 0 or the lengths differ.   Source: Lin 1991.
 */
export function jsDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  requireSameBins(p, q);
  const middle = Array.from(p, (share, bin) => (share + q[bin]) / 2);
  return (klDivergence(p, middle) + klDivergence(q, middle)) / 2;
}

/**
 * Jensen–Shannon distance √JS, natural logarithm: 0 ≤ d ≤ √ln 2 = .8326, a metric. What Evidently calls "Jensen-Shannon distance".
 * @throws InvalidInput when k = 0 or the lengths differ.   Source: Endres & Schindelin 2003; scipy.spatial.distance.jensenshannon.
 */
export function jsDistance(p: ArrayLike<number>, q: ArrayLike<number>): number {
  return Math.sqrt(jsDivergence(p, q));
}

/**
 * Population stability index Σ (p − q) ln(p/q) = KL(p‖q) + KL(q‖p), ≥ 0; infinite where one of the two is 0.
 * @throws InvalidInput when k = 0 or the lengths differ.   Source: Siddiqi, Credit Risk Scorecards, 2006.
 */
export function psi(p: ArrayLike<number>, q: ArrayLike<number>): number {
  requireSameBins(p, q);
  let sum = 0;
  for (let bin = 0; bin < p.length; bin++) if (p[bin] !== q[bin]) sum += (p[bin] - q[bin]) * Math.log(p[bin] / q[bin]);
  return sum;
}

/**
 * Hellinger distance √(1 − Σ √(p q)), 0 ≤ H ≤ 1, a metric: 0 for equal windows, 1 for windows that share no bin.
 * @throws InvalidInput when k = 0 or the lengths differ.   Source: Hellinger 1909; equal to ‖√p − √q‖₂ / √2.
 */
export function hellingerDistance(p: ArrayLike<number>, q: ArrayLike<number>): number {
  requireSameBins(p, q);
  // By differences: 1 − Σ √(p q) of nearly equal windows would keep half the digits.
  let sum = 0;
  for (let bin = 0; bin < p.length; bin++) sum += (Math.sqrt(p[bin]) - Math.sqrt(q[bin])) ** 2;
  return Math.min(1, Math.sqrt(sum / 2));
}
