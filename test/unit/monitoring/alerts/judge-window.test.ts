import fc from 'fast-check';
import type { DriftResult } from '../../../../src/entities';
import { judgeDriftReport } from '../../../../src/services/monitoring/alerts/drift-rule.policy';
import {
  judgeErrorRatio,
  judgePerformance,
  judgeVolume,
} from '../../../../src/services/monitoring/alerts/judge-window.policy';
import { figureOf } from '../../../../src/services/monitoring/alerts/performance-figures';
import { SeededRandom } from '../../../../src/services/statistics';

const served = (predictionCount: number, errorCount = 0) => ({ predictionCount, errorCount, latencyCounts: [] });

describe('A window of serving', () => {
  it('with as great a ratio as the threshold is clean, with a greater one it is not', () => {
    const outcomes = [10, 11].map(
      (errors) => judgeErrorRatio(served(100 - errors, errors), { threshold: 0.1, minimumRows: 1 }).outcome,
    );
    expect(outcomes).toEqual(['CLEAN', 'BREACHED']);
  });

  it('that is not whole can have had too many predictions, and not too few', () => {
    const judge = (count: number, isWhole: boolean) =>
      judgeVolume(served(count), { below: 5, above: 9 }, isWhole).outcome;
    expect([0, 5, 10].map((count) => judge(count, false))).toEqual(['NOT_EVALUABLE', 'NOT_EVALUABLE', 'BREACHED']);
    expect([0, 5, 10].map((count) => judge(count, true))).toEqual(['BREACHED', 'CLEAN', 'BREACHED']);
  });

  it('is never judged and unknown at once: a figure is there unless nothing can be said', () => {
    const counts = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(counts, counts, fc.double({ min: 0, max: 0.99, noNaN: true }), (predictions, errors, threshold) => {
        const { outcome, value, causes } = judgeErrorRatio(served(predictions, errors), { threshold, minimumRows: 10 });
        expect(outcome === 'NOT_EVALUABLE').toBe(predictions + errors < 10);
        expect(value === null).toBe(outcome === 'NOT_EVALUABLE');
        expect(causes.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('A rule on performance', () => {
  const rule = {
    metric: 'auc',
    comparison: 'AT_LEAST',
    threshold: 0.8,
    minimumLabels: 10,
    labelDelaySeconds: 0,
  } as const;
  const figure = { value: 0.75, lower: 0.7, upper: 0.81, rowCount: 100 };

  it('goes by the bound of the interval that is nearer to the threshold', () => {
    expect(judgePerformance(figure, rule).outcome).toBe('CLEAN');
    expect(judgePerformance({ ...figure, upper: 0.79 }, rule).outcome).toBe('BREACHED');
    const most = { ...rule, comparison: 'AT_MOST', threshold: 0.7 } as const;
    expect(judgePerformance(figure, most).outcome).toBe('CLEAN');
    expect(judgePerformance({ ...figure, lower: 0.71 }, most).outcome).toBe('BREACHED');
    expect(judgePerformance({ ...figure, rowCount: 9 }, rule).outcome).toBe('NOT_EVALUABLE');
    expect(judgePerformance(null, rule).outcome).toBe('NOT_EVALUABLE');
  });

  /** Outcomes that follow the probabilities: so many, by a seed. */
  function drawn(count: number, seed: string) {
    const random = new SeededRandom(seed);
    const probabilities = Array.from({ length: count }, () => random.uniform());
    return { probabilities, labels: probabilities.map((p) => Number(random.uniform() < p)), threshold: 0.5 };
  }

  it.each(['auc', 'accuracy', 'precision', 'recall', 'f1', 'logLoss', 'brier'])(
    'has an interval of %s that holds the figure of the whole population 19 times of 20',
    (metric) => {
      const truth = figureOf(metric, drawn(200_000, 'population'))?.value ?? NaN;
      let held = 0;
      for (let window = 0; window < 400; window++) {
        const { value, lower, upper } = figureOf(metric, drawn(200, `${metric} ${window}`)) ?? {
          value: 0,
          lower: 0,
          upper: 0,
        };
        expect(lower <= value && value <= upper).toBe(true);
        held += Number(lower <= truth && truth <= upper);
      }
      // Binomial(400, .95) lies in these bounds but for one time in 10,000; seeded, so it does or does not once and for all.
      expect(held / 400).toBeGreaterThan(0.91);
      expect(held / 400).toBeLessThan(0.99);
    },
  );

  it('has no figure where the metric is not defined', () => {
    expect(figureOf('auc', { probabilities: [0.1, 0.9], labels: [1, 1], threshold: 0.5 })).toBeNull();
    expect(figureOf('precision', { probabilities: [0.1], labels: [1], threshold: 0.5 })).toBeNull();
  });

  // Wilson's interval of 8 of 10: statsmodels proportion_confint(8, 10, method='wilson').
  it('has the interval of Wilson for proportions', () => {
    const labelled = {
      probabilities: new Array<number>(10).fill(0.9),
      labels: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
      threshold: 0.5,
    };
    const { lower, upper } = figureOf('accuracy', labelled) ?? { lower: 0, upper: 0 };
    expect(lower).toBeCloseTo(0.4901625, 5);
    expect(upper).toBeCloseTo(0.9433178, 5);
  });
});

describe('A rule on drift', () => {
  const feature = (name: string, verdict: string, klDivergence: number | null = 0.2) => ({
    feature: name,
    verdict,
    klDivergence,
    threshold: 0.1,
  });
  const report = (features: object[], prediction = 'NO_DRIFT', concept = 'NO_DRIFT') =>
    ({
      features,
      prediction: { verdict: prediction, jsDistance: 0.3, threshold: 0.1 },
      concept: { verdict: concept, ksStatistic: 0.4 },
    }) as unknown as DriftResult;
  const ALL = { parts: ['FEATURE', 'PREDICTION', 'CONCEPT'], feature: null } as const;

  it.each([
    ['drift among too little data', report([feature('a', 'INSUFFICIENT_DATA'), feature('b', 'DRIFT')]), 'BREACHED'],
    [
      'no drift, but too little data for one part',
      report([feature('a', 'NO_DRIFT')], 'NO_DRIFT', 'INSUFFICIENT_LABELS'),
      'NOT_EVALUABLE',
    ],
    ['columns without values beside others', report([feature('a', 'EMPTY', null), feature('b', 'NO_DRIFT')]), 'CLEAN'],
    [
      'nothing but columns without values',
      report([feature('a', 'EMPTY', null)], 'EMPTY', 'NOT_APPLICABLE'),
      'NOT_EVALUABLE',
    ],
  ])('that looks at everything sees %s', (_, result, outcome) => {
    expect(judgeDriftReport(result, ALL).outcome).toBe(outcome);
  });

  it('names the gravest part first, then the widest effect', () => {
    const result = report([feature('a', 'DRIFT', 0.2), feature('b', 'DRIFT', 0.9)], 'DRIFT', 'DRIFT');
    const { causes, value } = judgeDriftReport(result, ALL);
    expect(causes.map((cause) => cause.split(' ').slice(0, 4).join(' '))).toEqual([
      'Concept drift: outcomes no',
      'Prediction drift: Jensen–Shannon distance',
      'Data drift in b:',
      'Data drift in a:',
    ]);
    expect(value).toBe(0.4);
  });
});
