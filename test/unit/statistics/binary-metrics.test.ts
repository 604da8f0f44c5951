import fc from 'fast-check';
import { bestF1Threshold, confusion, evaluateBinary, f1, logLoss, rocAuc } from '../../../src/services/statistics';

const predictions = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 60 })
  .map((rows) => ({ probabilities: rows.map(([p]) => p / 10), labels: rows.map(([, label]) => label) }));

describe('binary metrics', () => {
  it('are null where one class makes them undefined', () => {
    const metrics = evaluateBinary([0.1, 0.2], [0, 0]);
    expect(metrics).toMatchObject({ auc: null, precision: null, recall: null, f1: null, accuracy: 1 });
    expect(evaluateBinary([0.9], [1])).toMatchObject({ auc: null, precision: 1, recall: 1, f1: 1, accuracy: 1 });
    expect(bestF1Threshold([0.1, 0.2], [0, 0])).toBeNull();
  });

  it('count every pair for AUC, ties as half', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels }) => {
        let won = 0;
        let pairs = 0;
        labels.forEach((label, i) =>
          labels.forEach((other, j) => {
            if (label !== 1 || other !== 0) return;
            pairs++;
            won += (Math.sign(probabilities[i] - probabilities[j]) + 1) / 2;
          }),
        );
        const auc = rocAuc(probabilities, labels);
        expect(auc === null).toBe(pairs === 0);
        expect((auc ?? 0) * pairs).toBeCloseTo(won, 9);
      }),
    );
  });

  it('find the threshold that no other beats', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels }) => {
        const best = bestF1Threshold(probabilities, labels);
        const atThreshold = (threshold: number): number | null => f1(confusion(probabilities, labels, threshold));
        expect(best === null).toBe(!labels.includes(1));
        if (best === null) return;
        expect(atThreshold(best.threshold)).toBe(best.f1);
        expect(Math.max(...probabilities.map((p) => atThreshold(p) ?? 0))).toBe(best.f1);
      }),
    );
  });

  it('stay finite for a certain prediction that was wrong', () => {
    expect(logLoss([1, 0], [0, 1])).toBeCloseTo(36.04, 2);
  });

  it('name the row of a value that is no probability or no label', () => {
    expect(() => evaluateBinary([], [])).toThrow('probabilities: there are none.');
    expect(() => evaluateBinary([0.5], [1, 0])).toThrow('labels: there are 2 for 1 probabilities.');
    expect(() => evaluateBinary([0.5, NaN], [1, 0])).toThrow('probabilities.1: NaN is not a probability');
    expect(() => evaluateBinary([0.5, 0.5], [1, 2])).toThrow('labels.1: 2 is not a label.');
  });
});
