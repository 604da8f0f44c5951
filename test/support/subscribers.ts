import type { ColumnTable } from '../../src/columns';
import { SeededRandom } from '../../src/services/statistics';
import { buildReferenceProfile, type ReferenceProfile } from '../../src/services/training/reference-profile';

/** A subscriber of a month with the features of FeaturesFixture, and what the model of the test says about him. */
export interface Subscriber {
  readonly id: string;
  readonly features: { readonly minutes: number | null; readonly plan: string | null; readonly calls: string };
  /** What the model says: the law of the unchanged world. */
  readonly probability: number;
  /** What happens: drawn from the law of the world as it is. */
  readonly churned: boolean;
}

/** How the world differs from that of the reference. */
export interface Change {
  /** Added to everybody's minutes: a shift of the features, which the model follows. */
  readonly minutes?: number;
  /** Added to the logit of what happens: a change of the concept, which the model does not see. */
  readonly logit?: number;
}

export const SIGNATURE = {
  inputs: [
    { name: 'minutes', dtype: 'DOUBLE' },
    { name: 'plan', dtype: 'STRING' },
    { name: 'calls', dtype: 'INT64' },
  ],
} as const;

/** Subscribers drawn from one law: the same seed gives the same ones. */
export function subscribers(count: number, seed: string, { minutes = 0, logit = 0 }: Change = {}): Subscriber[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const used = random.uniform() < 0.05 ? null : 100 + 20 * random.normal() + minutes;
    const plan = random.uniform() < 0.4 ? 'flat' : 'meter';
    const calls = random.integer(5);
    const score = -0.5 + ((used ?? 100) - 100) / 20 + (plan === 'flat' ? -1 : 0.5) + 0.2 * calls;
    return {
      id: `${seed}-${index}`,
      features: { minutes: used, plan, calls: String(calls) },
      probability: sigmoid(score),
      churned: random.uniform() < sigmoid(score + logit),
    };
  });
}

/** What held-out rows of the unchanged world look like. */
export function referenceOf(rows: readonly Subscriber[]): ReferenceProfile {
  return buildReferenceProfile(
    tableOf(rows),
    Float64Array.from(rows, ({ probability }) => probability),
    rows.map(({ churned }) => Number(churned)),
    rows.map(({ id }) => id),
  );
}

export function tableOf(rows: readonly Subscriber[]): ColumnTable {
  const numbers = (value: (row: Subscriber) => string | number | null) =>
    Float64Array.from(rows, (row) => Number(value(row) ?? NaN));
  return {
    rowCount: rows.length,
    columns: [
      { name: 'minutes', kind: 'NUMERIC', values: numbers(({ features }) => features.minutes) },
      { name: 'plan', kind: 'CATEGORICAL', values: rows.map(({ features }) => features.plan) },
      { name: 'calls', kind: 'NUMERIC', values: numbers(({ features }) => features.calls) },
    ],
  };
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
