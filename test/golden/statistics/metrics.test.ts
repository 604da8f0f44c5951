import { bestF1Threshold, confusion, evaluateBinary } from '../../../src/services/statistics';
import golden from './golden.json';
import { goldenUniforms } from './golden-sample';

describe('binary metrics against scikit-learn', () => {
  it.each(golden.metrics)('agree on $n rows with $steps distinct scores at threshold $threshold', (test) => {
    const uniforms = goldenUniforms(test.seed, 2 * test.n);
    const probabilities = uniforms.slice(0, test.n).map((u) => Math.floor(u * (test.steps + 1)) / test.steps);
    const labels = uniforms.slice(test.n).map((u, row) => Number(u < 0.2 + 0.5 * probabilities[row]));
    const metrics = evaluateBinary(probabilities, labels, test.threshold);
    expect(metrics.auc).toBeCloseTo(test.auc, 12);
    expect(metrics.logLoss).toBeCloseTo(test.logLoss, 12);
    expect(metrics.brier).toBeCloseTo(test.brier, 12);
    expect(metrics.accuracy).toBeCloseTo(test.accuracy, 12);
    expect(metrics.precision).toBeCloseTo(test.precision, 12);
    expect(metrics.recall).toBeCloseTo(test.recall, 12);
    expect(metrics.f1).toBeCloseTo(test.f1, 12);
    const { trueNegatives, falsePositives, falseNegatives, truePositives } = confusion(
      probabilities,
      labels,
      test.threshold,
    );
    expect([trueNegatives, falsePositives, falseNegatives, truePositives]).toEqual(test.confusion);
    expect(bestF1Threshold(probabilities, labels)?.f1).toBeCloseTo(test.bestF1, 12);
  });
});
