import { churnProbability, MECHANISM, MECHANISM_AFTER_COMPETITOR } from '../../../examples/churn/mechanism';
import {
  FIRST_DRIFTED_MONTH,
  MONTH_COUNT,
  simulatePopulation,
  USAGE_FIELDS,
  type ContractChange,
  type PopulationMonth,
} from '../../../examples/churn/population';

const mean = (values: ArrayLike<number>): number => {
  const present = Array.from(values).filter((value) => !Number.isNaN(value));
  return present.reduce((sum, value) => sum + value, 0) / present.length;
};

/** AUC by ranks; ties do not occur among continuous probabilities. */
function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let rankSum = 0;
  let positives = 0;
  order.forEach((row, rank) => {
    if (labels[row] !== 1) return;
    rankSum += rank + 1;
    positives++;
  });
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (scores.length - positives));
}

const joined = (months: readonly PopulationMonth[], column: (month: PopulationMonth) => ArrayLike<number>): number[] =>
  months.flatMap((month) => Array.from(column(month)));

const months = [...simulatePopulation({ subscribers: 6_000, seed: 42 })];
const before = months.filter(({ month }) => month < FIRST_DRIFTED_MONTH);
const after = months.filter(({ month }) => month >= FIRST_DRIFTED_MONTH);

/** The contract of every subscriber as it stood at each snapshot. */
function contractsPerMonth(): Map<string, ContractChange>[] {
  const current = new Map<string, ContractChange>();
  return months.map(({ contractChanges }) => {
    for (const change of contractChanges) current.set(change.subscriberId, change);
    return new Map(current);
  });
}

describe('the generated population', () => {
  it('is the same for the same seed and another for another seed', () => {
    const [a, again, b] = [5, 5, 6].map((seed) => [...simulatePopulation({ subscribers: 300, seed })]);
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it('has every subscriber once a month, in twelve months, with every column as long', () => {
    expect(months.map(({ month }) => month)).toEqual(Array.from({ length: MONTH_COUNT }, (_, i) => i + 1));
    for (const month of months) {
      expect(new Set(month.subscriberIds).size).toBe(6_000);
      for (const column of [
        ...USAGE_FIELDS.map((field) => month.usage[field]),
        month.churned,
        month.outcomeKnownAt,
        month.trueProbability,
      ]) {
        expect(column).toHaveLength(6_000);
      }
    }
  });

  it('lets those who churned leave for good, and puts a new subscriber in place of each', () => {
    const gone = new Set<string>();
    for (const [i, month] of months.entries()) {
      expect(month.subscriberIds.filter((id) => gone.has(id))).toEqual([]);
      const leaving = month.subscriberIds.filter((_, row) => month.churned[row] === 1);
      leaving.forEach((id) => gone.add(id));
      const next = months[i + 1];
      if (!next) continue;
      const staying = new Set(month.subscriberIds);
      const joiners = next.subscriberIds.filter((id) => !staying.has(id));
      expect(joiners).toHaveLength(leaving.length);
      expect(next.subscriberIds.every((id, row) => staying.has(id) || next.usage.tenure_months[row] === 0)).toBe(true);
    }
  });

  it('knows an outcome no later than at the next snapshot, and of those who left on the day that they left', () => {
    for (const { month, snapshotAt, churned, outcomeKnownAt } of months) {
      const nextSnapshot = Date.UTC(2025, month, 1);
      const inTime = outcomeKnownAt.map((at, row) =>
        churned[row] === 1 ? at > snapshotAt && at.getTime() < nextSnapshot : at.getTime() === nextSnapshot,
      );
      expect(inTime).not.toContain(false);
    }
  });

  it('dates every change of a contract before the snapshot that shows it, and knows every subscriber’s contract', () => {
    const contracts = contractsPerMonth();
    for (const [i, { snapshotAt, subscriberIds, contractChanges }] of months.entries()) {
      expect(contractChanges.every(({ changedAt }) => changedAt < snapshotAt)).toBe(true);
      expect(subscriberIds.every((id) => contracts[i]?.has(id))).toBe(true);
    }
    const rows = months.reduce((sum, { contractChanges }) => sum + contractChanges.length, 0);
    // Slowly changing: two rows a subscriber at most, against twelve in the usage view.
    expect(rows).toBeLessThan(2 * 6_000);
  });

  it('draws the outcome from the mechanism that its docstring states, of the features alone', () => {
    const contracts = contractsPerMonth();
    for (const [i, month] of months.entries()) {
      const mechanism = month.month < FIRST_DRIFTED_MONTH ? MECHANISM : MECHANISM_AFTER_COMPETITOR;
      for (let row = 0; row < 6_000; row += 97) {
        const contract = contracts[i]?.get(month.subscriberIds[row]);
        const { usage } = month;
        const state = {
          ...contract!,
          tenureMonths: usage.tenure_months[row],
          monthlyCharge: usage.monthly_charge[row],
          chargeChange: usage.charge_change[row],
          supportCalls: usage.support_calls[row],
          droppedCalls: usage.dropped_calls[row],
          daysLate: usage.days_late[row],
          satisfaction: usage.satisfaction[row],
        };
        expect(month.trueProbability[row]).toBeCloseTo(churnProbability(state, mechanism), 12);
      }
    }
  });

  it('churns at 4 to 5 % a month with a best attainable AUC of about .86, before the drift', () => {
    expect(mean(joined(before, ({ churned }) => churned))).toBeGreaterThan(0.038);
    expect(mean(joined(before, ({ churned }) => churned))).toBeLessThan(0.055);
    const best = auc(
      joined(before, (month) => month.trueProbability),
      joined(before, (month) => month.churned),
    );
    expect(best).toBeGreaterThan(0.85);
    expect(best).toBeLessThan(0.88);
  });

  it('drifts from month 9 on in its covariates: dearer, more data used by joiners, more without a term', () => {
    const charge = (part: readonly PopulationMonth[]) => mean(joined(part, ({ usage }) => usage.monthly_charge));
    const data = (part: readonly PopulationMonth[]) => mean(joined(part, ({ usage }) => usage.data_gb));
    expect(charge(after) / charge(before)).toBeGreaterThan(1.12);
    expect(data(months.slice(-1)) / data(before)).toBeGreaterThan(1.25);
    const joinersWithoutTerm = (part: readonly PopulationMonth[]) => {
      const joiners = part.flatMap(({ contractChanges, subscriberIds, usage }) => {
        const fresh = new Set(subscriberIds.filter((_, row) => usage.tenure_months[row] === 0));
        return contractChanges.filter(({ subscriberId }) => fresh.has(subscriberId));
      });
      return mean(joiners.map(({ contract }) => (contract === 'month-to-month' ? 1 : 0)));
    };
    expect(joinersWithoutTerm(months.slice(-3))).toBeGreaterThan(joinersWithoutTerm(before.slice(1)) + 0.1);
  });

  it('drifts in its concept too: what the old mechanism expects is too low by a quarter and ranks worse', () => {
    expect(mean(joined(after, ({ churned }) => churned))).toBeGreaterThan(0.08);
    const contracts = contractsPerMonth();
    const last = months[MONTH_COUNT - 1];
    const old = last.subscriberIds.map((id, row) =>
      churnProbability(
        {
          ...contracts[MONTH_COUNT - 1].get(id)!,
          tenureMonths: last.usage.tenure_months[row],
          monthlyCharge: last.usage.monthly_charge[row],
          chargeChange: last.usage.charge_change[row],
          supportCalls: last.usage.support_calls[row],
          droppedCalls: last.usage.dropped_calls[row],
          daysLate: last.usage.days_late[row],
          satisfaction: last.usage.satisfaction[row],
        },
        MECHANISM,
      ),
    );
    expect(mean(old)).toBeLessThan(0.85 * mean(last.churned));
    expect(auc(last.trueProbability, last.churned) - auc(old, last.churned)).toBeGreaterThan(0.04);
  });

  it('stands still before the drift: charges and data stay within 6 % over the first eight months', () => {
    for (const field of ['monthly_charge', 'data_gb', 'call_minutes', 'support_calls'] as const) {
      const [first, last] = [before[0], before[before.length - 1]].map(({ usage }) => mean(usage[field]));
      expect(Math.abs(last / first - 1)).toBeLessThan(0.06);
    }
  });

  it('leaves some fields null, as sources do', () => {
    const nullRatio = (field: (typeof USAGE_FIELDS)[number]) =>
      mean(joined(months, ({ usage }) => Array.from(usage[field], (value) => (Number.isNaN(value) ? 1 : 0))));
    expect(nullRatio('satisfaction')).toBeCloseTo(0.35, 1);
    expect(nullRatio('dropped_calls')).toBeCloseTo(0.04, 1);
    expect(nullRatio('monthly_charge')).toBe(0);
  });
});
