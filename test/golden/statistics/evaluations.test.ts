import {
  evaluateMulticlass,
  evaluateRegression,
  multiclassEvaluation,
  regressionEvaluation,
} from '../../../src/services/statistics';
import golden from './evaluations.json';
import { goldenUniforms } from './golden-sample';

const expectClose = (actual: readonly (number | null)[], expected: readonly (number | null)[]): void => {
  expect(actual.map((value) => value === null)).toEqual(expected.map((value) => value === null));
  const distances = actual.map((value, index) => Math.abs((value ?? 0) - (expected[index] ?? 0)));
  expect(Math.max(...distances)).toBeLessThan(1e-12);
};

describe('multiclass evaluations against scikit-learn', () => {
  it.each(golden.multiclass)('agree on $n rows, $occurring of $classes classes, $steps steps', (test) => {
    const { seed, n, classes, occurring, steps } = test;
    const u = goldenUniforms(seed, n * classes + 2 * n);
    const probabilities: number[] = [];
    const labels: number[] = [];
    for (let row = 0; row < n; row++) {
      const weights = u.slice(row * classes, (row + 1) * classes).map((x) => Math.floor(x * steps) + 1);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      probabilities.push(...weights.map((weight) => weight / sum));
      const [follows, drawn] = u.slice(n * classes + 2 * row);
      const best = weights.indexOf(Math.max(...weights));
      labels.push(follows < 0.5 && best < occurring ? best : Math.floor(drawn * occurring));
    }
    const metrics = evaluateMulticlass({ probabilities, labels, classCount: classes });
    const { accuracy, balancedAccuracy, f1Macro, f1Weighted, logLoss, aucMacro } = test;
    const expected = { accuracy, balancedAccuracy, f1Macro, f1Weighted, logLoss, aucMacro };
    expect(Object.keys(metrics)).toEqual(Object.keys(expected));
    expectClose(Object.values(metrics) as number[], Object.values(expected));

    const names = Array.from({ length: classes }, (_, index) => `class ${index}`);
    const evaluation = multiclassEvaluation(probabilities, labels, names);
    expect(evaluation.confusionMatrix).toEqual(test.confusionMatrix);
    expectClose(
      evaluation.classes.map(({ precision }) => precision),
      test.precisions,
    );
    expectClose(
      evaluation.classes.map(({ recall }) => recall),
      test.recalls,
    );
    expectClose(
      evaluation.classes.map(({ f1 }) => f1),
      test.f1s,
    );
    expectClose(
      evaluation.classes.map(({ averagePrecision }) => averagePrecision),
      test.averagePrecisions,
    );
  });
});

describe('regression evaluations against scikit-learn and numpy', () => {
  it.each(golden.regression)('agree on $n rows with $steps steps', (test) => {
    const { seed, n, steps } = test;
    const u = goldenUniforms(seed, 2 * n);
    const actual = u.slice(0, n).map((x) => 10 * x + 1);
    const predicted = actual.map((_, row) => Math.floor((10 * u[row] + 3 * u[n + row]) * steps) / steps);
    const metrics = evaluateRegression(predicted, actual);
    const { rmse, mae, medianAbsoluteError, r2, mape } = test;
    const expected = { rmse, mae, medianAbsoluteError, r2, mape };
    expect(Object.keys(metrics)).toEqual(Object.keys(expected));
    expectClose(Object.values(metrics) as number[], Object.values(expected));

    const { residualHistogram, residualQuantiles, calibration } = regressionEvaluation(predicted, actual);
    expectClose([...residualHistogram.map(({ lower }) => lower), residualHistogram[29].upper], test.histogramEdges);
    expect(residualHistogram.map(({ rowCount }) => rowCount)).toEqual(test.histogramCounts);
    expectClose(
      residualQuantiles.map(({ value }) => value),
      test.quantiles,
    );
    expect(calibration.map(({ rowCount }) => rowCount)).toEqual(test.decileRows);
    expectClose(
      calibration.map(({ meanPredicted }) => meanPredicted),
      test.decilePredicted,
    );
    expectClose(
      calibration.map(({ meanActual }) => meanActual),
      test.decileActual,
    );
  });
});
