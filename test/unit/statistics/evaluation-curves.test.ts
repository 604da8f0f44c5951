import fc from 'fast-check';
import { evaluationCurves, precisionRecallCurve, rocAuc, rocCurve } from '../../../src/services/statistics';
import { areaUnder } from '../../../src/services/statistics/evaluation-curves.math';
import { SeededRandom } from '../../../src/services/statistics';

/** Labelled predictions, with ties where there are few levels. */
const predictions = fc
  .record({
    levels: fc.integer({ min: 1, max: 50 }),
    rows: fc.array(fc.tuple(fc.nat(50), fc.boolean()), { minLength: 1 }),
  })
  .map(({ levels, rows }) => ({
    probabilities: rows.map(([score]) => (score % (levels + 1)) / levels),
    labels: rows.map(([, label]) => Number(label)),
  }));

/** So many rows whose labels follow their probabilities. */
function sample(count: number, seed: string) {
  const random = new SeededRandom(seed);
  const probabilities = Float64Array.from({ length: count }, () => random.uniform() ** 2);
  return { probabilities, labels: probabilities.map((probability) => Number(random.uniform() < probability)) };
}

describe('A ROC', () => {
  it('goes from (0, 0) to (1, 1), never back, over falling thresholds', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels }) => {
        const points = rocCurve(probabilities, labels);
        fc.pre(points.length > 0);
        expect(points[0]).toMatchObject({ falsePositiveRate: 0, truePositiveRate: 0, threshold: null });
        expect(points.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
        const isStep = points.slice(1).map((point, index) => {
          const before = points[index];
          return (
            point.falsePositiveRate >= before.falsePositiveRate &&
            point.truePositiveRate >= before.truePositiveRate &&
            (point.threshold ?? 0) < (before.threshold ?? Infinity)
          );
        });
        expect(isStep).not.toContain(false);
      }),
    );
  });

  it('has the area that the rank formula gives', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels }) => {
        const points = rocCurve(probabilities, labels);
        const auc = rocAuc(probabilities, labels);
        expect(points.length === 0).toBe(auc === null);
        expect(areaUnder(points)).toBeCloseTo(auc ?? 0, 10);
      }),
    );
  });

  it('is thinned to a few hundred of its points, and keeps its ends and its area', () => {
    for (const count of [10, 300, 2_000, 50_000]) {
      const { probabilities, labels } = sample(count, `roc ${count}`);
      const whole = rocCurve(probabilities, labels);
      const { roc, auc } = evaluationCurves(probabilities, labels);
      expect(roc.length).toBeLessThanOrEqual(401);
      expect([roc[0], roc.at(-1)]).toEqual([whole[0], whole.at(-1)]);
      const thresholds = new Set(whole.map(({ threshold }) => threshold));
      expect(roc.filter(({ threshold }) => !thresholds.has(threshold))).toEqual([]);
      expect(Math.abs(areaUnder(roc) - (auc ?? 0))).toBeLessThanOrEqual(1e-3);
    }
  });

  it('keeps its area also where every step is a corner', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 30 }), (runs) => {
        // Runs of one class alone, one score a row: the worst that a chord can cut off.
        const labels = runs.flatMap((length, run) => Array.from({ length }, () => run % 2));
        const probabilities = labels.map((_, row) => 1 - (row + 1) / (labels.length + 1));
        const { roc, auc } = evaluationCurves(probabilities, labels);
        expect(Math.abs(areaUnder(roc) - (auc ?? 0))).toBeLessThanOrEqual(1e-3);
      }),
      { numRuns: 50 },
    );
  });

  it('is empty where only one class occurs', () => {
    expect(evaluationCurves([0.1, 0.9], [1, 1])).toMatchObject({ auc: null, roc: [], averagePrecision: 1 });
    expect(evaluationCurves([0.1, 0.9], [0, 0])).toMatchObject({ averagePrecision: null, precisionRecall: [] });
  });
});

describe('A precision-recall curve', () => {
  it('never goes back in recall, and ends with all positives found among all rows', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels }) => {
        const points = precisionRecallCurve(probabilities, labels);
        fc.pre(points.length > 0);
        const positives = labels.filter((label) => label === 1).length;
        expect(points.at(-1)).toMatchObject({ recall: 1, precision: positives / labels.length });
        const recalls = points.map(({ recall }) => recall);
        expect(recalls).toEqual(recalls.toSorted((a, b) => a - b));
      }),
    );
  });

  it('has the average precision of the mean precision at each positive, where scores differ', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (ranked) => {
        fc.pre(ranked.includes(true));
        const labels = ranked.map(Number);
        const probabilities = labels.map((_, row) => 1 - (row + 1) / (labels.length + 1));
        const found = labels.map((_, row) => labels.slice(0, row + 1).reduce((sum, label) => sum + label, 0));
        const precisions = found.map((hits, row) => hits / (row + 1)).filter((_, row) => labels[row] === 1);
        const mean = precisions.reduce((sum, value) => sum + value, 0) / precisions.length;
        expect(evaluationCurves(probabilities, labels).averagePrecision).toBeCloseTo(mean, 12);
      }),
    );
  });
});

describe('A calibration curve', () => {
  it('counts every row once, and has the shares that were observed and predicted over all bins', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels }) => {
        const { calibration, rowCount, positiveCount } = evaluationCurves(probabilities, labels);
        const total = (valueOf: (point: (typeof calibration)[number]) => number) =>
          calibration.reduce((sum, point) => sum + valueOf(point) * point.rowCount, 0);
        expect(total(() => 1)).toBe(rowCount);
        expect(total(({ observedRatio }) => observedRatio)).toBeCloseTo(positiveCount, 8);
        expect(total(({ meanPredicted }) => meanPredicted)).toBeCloseTo(
          probabilities.reduce((sum, value) => sum + value, 0),
          8,
        );
      }),
    );
  });
});
