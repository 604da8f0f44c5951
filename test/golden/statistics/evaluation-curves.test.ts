import { evaluationCurves, precisionRecallCurve, rocCurve } from '../../../src/services/statistics';
import golden from './curves.json';
import { goldenUniforms } from './golden-sample';

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...actual.map((value, index) => Math.abs(value - expected[index])))).toBeLessThan(1e-12);
};

describe('evaluation curves against scikit-learn', () => {
  it.each(golden.curves)('agree on $n rows with $steps distinct scores', (test) => {
    const uniforms = goldenUniforms(test.seed, 2 * test.n);
    const probabilities = uniforms.slice(0, test.n).map((u) => Math.floor(u * (test.steps + 1)) / test.steps);
    const labels = uniforms.slice(test.n).map((u, row) => Number(u < 0.2 + 0.5 * probabilities[row]));
    const roc = rocCurve(probabilities, labels);
    expectClose(
      roc.map((point) => point.falsePositiveRate),
      test.falsePositiveRates,
    );
    expectClose(
      roc.map((point) => point.truePositiveRate),
      test.truePositiveRates,
    );
    const curve = precisionRecallCurve(probabilities, labels);
    expectClose(
      curve.map(({ precision }) => precision),
      test.precisions,
    );
    expectClose(
      curve.map(({ recall }) => recall),
      test.recalls,
    );
    const { auc, averagePrecision, calibration } = evaluationCurves(probabilities, labels);
    expect(auc).toBeCloseTo(test.auc, 12);
    expect(averagePrecision).toBeCloseTo(test.averagePrecision, 12);
    expectClose(
      calibration.map(({ observedRatio }) => observedRatio),
      test.observed,
    );
    expectClose(
      calibration.map(({ meanPredicted }) => meanPredicted),
      test.predicted,
    );
  });
});
