import { durbinCdf } from './kolmogorov-durbin';
import { pelzGoodCdf } from './kolmogorov-pelz-good';
import { pomeranzCdf } from './kolmogorov-pomeranz';
import { stirlingCorrection } from './log-gamma';
import { smirnovSurvival } from './smirnov-survival';

/**
 * P(Dₙ ≥ d): survival function of the two-sided one-sample Kolmogorov–Smirnov statistic, as scipy.stats.kstwo.sf.
 * No single formula is right everywhere; the regions are those of Simard & L'Ecuyer, Computing the Two-Sided Kolmogorov–Smirnov Distribution,
 * 2011, with scipy's cut-offs. All matter: n can be tiny where one of two samples is small.
 * @param n observations, a positive integer
 */
export function kolmogorovSurvival(n: number, d: number): number {
  const t = n * d;
  if (t <= 0.5) return 1;
  if (d >= 1) return 0;
  if (t <= 1) return complement(rubenGambinoCdf(n, t));
  if (t >= n - 1) return 2 * (1 - d) ** n;
  // Both tails cannot be exceeded at once from d = .5 on, and hardly below it where n·d² is large.
  if (d >= 0.5) return 2 * smirnovSurvival(n, d);
  const nSquared = t * d;
  if (n <= 140) {
    if (nSquared <= 0.754693) return complement(durbinCdf(n, d));
    if (nSquared <= 4) return complement(pomeranzCdf(n, d));
    return 2 * smirnovSurvival(n, d);
  }
  if (nSquared >= 370) return 0;
  if (nSquared >= 2.2) return 2 * smirnovSurvival(n, d);
  return complement(n <= 100_000 && n * d ** 1.5 <= 1.4 ? durbinCdf(n, d) : pelzGoodCdf(n, d));
}

/** Rounding takes the formulas past 0 and 1 by a few units in the last place. */
const complement = (cdf: number): number => Math.min(1, Math.max(0, 1 - cdf));

/** P(Dₙ ≤ d) = n! (2d − 1/n)ⁿ where 1/(2n) ≤ d ≤ 1/n. Source: Ruben & Gambino 1982. */
function rubenGambinoCdf(n: number, t: number): number {
  // n!/nⁿ = √(2πn) e^(−n + Stirling's correction).
  return Math.sqrt(2 * Math.PI * n) * Math.exp(stirlingCorrection(n) - n + n * Math.log(2 * t - 1));
}
