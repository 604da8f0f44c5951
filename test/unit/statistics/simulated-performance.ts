import {
  type Figure,
  normalQuantile,
  type PerformanceFigures,
  type ScoreSample,
  scoreSample,
  SeededRandom,
} from '../../../src/services/statistics';

export const Z = normalQuantile(0.95);
export const THRESHOLD = 0.5;

/** A world of one feature: P(Y|X) is logistic in it, and the model scores by the law −.5 + 1.5x, miscalibrated if told so. */
export interface World {
  readonly mean?: number;
  readonly intercept?: number;
  readonly slope?: number;
  readonly miscalibration?: { readonly intercept: number; readonly slope: number };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function observe(
  rows: number,
  seed: string,
  world: World = {},
): ScoreSample & { scores: Float64Array; outcomes: boolean[] } {
  const { mean = 0, intercept = -0.5, slope = 1.5, miscalibration = { intercept: 0, slope: 1 } } = world;
  const random = new SeededRandom(seed);
  const features = Float64Array.from({ length: rows }, () => mean + random.normal());
  const scores = features.map((x) => sigmoid(miscalibration.intercept + miscalibration.slope * (-0.5 + 1.5 * x)));
  const outcomes = Array.from(features, (x) => random.uniform() < sigmoid(intercept + slope * x));
  return { ...scoreSample(scores, outcomes), scores, outcomes };
}

export type MetricName = Exclude<keyof PerformanceFigures, 'confusionMatrix'>;
export const METRICS: readonly MetricName[] = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'auc',
  'averagePrecision',
  'logLoss',
  'brier',
  'calibrationError',
];

/** The values of the metrics without their intervals. */
export const valuesOf = (figures: PerformanceFigures): Record<string, number | null> =>
  Object.fromEntries(METRICS.map((name) => [name, figures[name].value]));

const holds = ({ lower, upper }: Figure, value: number): boolean =>
  lower !== null && upper !== null && lower <= value && value <= upper;

/** Shares of the runs in which the interval of each metric holds the truth; runs in which it is undefined do not count. */
export function coverage(
  names: readonly MetricName[],
  runs: number,
  run: (index: number) => { figures: PerformanceFigures; truth: Record<string, number | null> },
): Record<string, number> {
  const held = names.map((name) => ({ name, hits: 0, trials: 0 }));
  for (let index = 0; index < runs; index++) {
    const { figures, truth } = run(index);
    for (const count of held) {
      const value = truth[count.name] ?? null;
      if (figures[count.name].value === null || value === null) continue;
      count.trials += 1;
      count.hits += Number(holds(figures[count.name], value));
    }
  }
  return Object.fromEntries(held.map(({ name, hits, trials }) => [name, hits / trials]));
}

/** Every rate lies in a range; the message of a failure names the metric. */
export function expectRates(rates: Record<string, number>, from: number, to: number): void {
  const outside = Object.entries(rates).filter(([, rate]) => !(rate >= from && rate <= to));
  expect(outside).toEqual([]);
}
