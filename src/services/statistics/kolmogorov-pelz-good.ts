const PI2 = Math.PI ** 2;
const PI4 = Math.PI ** 4;
const PI6 = Math.PI ** 6;

/**
 * P(Dₙ ≤ d) of the two-sided Kolmogorov–Smirnov statistic by Pelz and Good's expansion K₀(z) + K₁(z)/√n + K₂(z)/n + K₃(z)/n^1.5 with z = d√n,
 * for n > 140. Each Kⱼ is a sum over theta functions; in q^(odd²) it converges in a handful of terms for every z of interest.
 * Source: Pelz & Good 1976, in the form of Simard & L'Ecuyer 2011.
 */
export function pelzGoodCdf(n: number, d: number): number {
  const z = d * Math.sqrt(n);
  const z2 = z ** 2;
  const z4 = z ** 4;
  const z6 = z ** 6;
  const logQ = -PI2 / (8 * z2);
  // e^−708 is the last number before doubles become subnormal: z < .042 has no probability.
  if (logQ < -708) return 0;
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let odd = 2 * Math.ceil((16 * z) / Math.PI) - 1; odd > 0; odd -= 2) {
    const m2 = odd ** 2;
    const m4 = odd ** 4;
    const m6 = odd ** 6;
    const weight = Math.exp(logQ * m2);
    k0 += weight;
    k1 += weight * (-z2 + (PI2 / 4) * m2);
    k2 += weight * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * PI2 * m2) / 4 + (PI4 * (1 - 2 * z2) * m4) / 16);
    k3 +=
      weight *
      (-30 * z6 -
        90 * z ** 8 +
        (PI2 * (135 * z4 - 96 * z6) * m2) / 4 +
        (PI4 * (-60 * z2 + 212 * z4) * m4) / 16 +
        (PI6 * (5 - 30 * z2) * m6) / 64);
  }
  let evenK2 = 0;
  let evenK3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k > 0; k--) {
    const weight = k ** 2 * Math.exp((-PI2 * k ** 2) / (2 * z2));
    evenK2 += weight;
    evenK3 += weight * (3 * z2 - PI2 * k ** 2);
  }
  const root = Math.sqrt(2 * Math.PI);
  const sum0 = (root * k0) / z;
  const sum1 = (root * k1) / (6 * z4);
  const sum2 = (root * k2) / (72 * z ** 7) - (root * PI2 * evenK2) / (36 * z ** 3);
  const sum3 = (root * k3) / (6480 * z ** 10) + (root * PI2 * evenK3) / (216 * z6);
  return sum0 + sum1 / Math.sqrt(n) + sum2 / n + sum3 / n ** 1.5;
}
