/** From this AUC on, a column by itself tells the label, which no honest feature of churn does (Telco's best, the contract, reaches .74). */
export const TELLTALE_AUC = 0.985;
/** Numbers are cut into this many groups of equal count. */
const GROUPS = 50;

/**
 * How well one column alone ranks the label: the AUC of the churn rate of its groups (levels, or quantiles of numbers; null is a group of its
 * own; of long text only whether there is any). A column filled in after the fact, a churn reason or a score, comes out near 1.
 * Measured on the rows themselves, so groups must be few against the rows: with 50 groups and 500 rows, noise reaches about .65.
 * Half where one of the classes is missing.
 */
export function singleColumnAuc(
  values: readonly (string | number | boolean | null)[],
  labels: readonly boolean[],
): number {
  const groups = groupsOf(values);
  const positives = new Map<unknown, number>();
  const totals = new Map<unknown, number>();
  for (const [i, group] of groups.entries()) {
    totals.set(group, (totals.get(group) ?? 0) + 1);
    if (labels[i]) positives.set(group, (positives.get(group) ?? 0) + 1);
  }
  const byRate = [...totals]
    .map(([group, total]) => ({
      positive: positives.get(group) ?? 0,
      negative: total - (positives.get(group) ?? 0),
      total,
    }))
    .sort((a, b) => a.positive / a.total - b.positive / b.total);
  // Pairs ranked right, a tie counting half: the definition of AUC.
  let pairs = 0;
  let negativesBelow = 0;
  let positiveCount = 0;
  for (const { positive, negative } of byRate) {
    pairs += positive * (negativesBelow + negative / 2);
    negativesBelow += negative;
    positiveCount += positive;
  }
  return positiveCount === 0 || negativesBelow === 0 ? 0.5 : pairs / (positiveCount * negativesBelow);
}

function groupsOf(values: readonly (string | number | boolean | null)[]): readonly unknown[] {
  if (new Set(values).size <= GROUPS) return values;
  const numbers = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (numbers.length === 0) return values.map((value) => value !== null);
  const edges = Array.from({ length: GROUPS - 1 }, (_, i) => numbers[Math.floor(((i + 1) * numbers.length) / GROUPS)]);
  return values.map((value) => (typeof value === 'number' ? edges.filter((edge) => edge <= value).length : null));
}
