/**
 * Holm's step-down adjustment: comparing every adjusted p with α keeps the chance of any false alarm among all the tests at most α, whatever
 * their dependence, and rejects whatever Bonferroni rejects.
 * @param pValues one per test, in [0, 1]
 * @returns adjusted p-values in the order given, in [0, 1].   Source: Holm 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const ascending = pValues.map((_, index) => index).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  ascending.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, pValues[index] * (pValues.length - rank)));
    adjusted[index] = running;
  });
  return adjusted;
}
