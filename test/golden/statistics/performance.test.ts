import {
  calibrateScores,
  estimatedPerformance,
  type Figure,
  normalQuantile,
  type PerformanceFigures,
  realisedPerformance,
  scoreSample,
} from '../../../src/services/statistics';
import { goldenUniforms, relativeError } from './golden-sample';
import golden from './performance.json';

const Z = normalQuantile(0.95);

type Golden = (typeof golden.cases)[number];

function sampleOf({ seed, n, steps }: Golden) {
  const uniforms = goldenUniforms(seed, 2 * n);
  const scores = uniforms.slice(0, n).map((u) => (Math.floor(u * steps) + 0.5) / steps);
  const outcomes = uniforms.slice(n).map((u, row) => u < 0.2 + 0.5 * scores[row]);
  return { scores: Float64Array.from(scores).sort(), sample: scoreSample(scores, outcomes) };
}

/** @param tolerances of the value and of the two bounds, relative */
function expectFigures(
  figures: PerformanceFigures,
  expected: Readonly<Record<string, readonly number[]>>,
  tolerances: (name: string) => readonly [number, number],
): void {
  for (const [name, [value, lower, upper]] of Object.entries(expected)) {
    const figure = figures[name as 'auc'];
    const [ofValue, ofBounds] = tolerances(name);
    const errors = [
      relativeError(figure.value ?? NaN, value),
      relativeError(figure.lower ?? NaN, lower),
      relativeError(figure.upper ?? NaN, upper),
    ];
    expect({
      name,
      isClose: errors[0] < ofValue && errors[1] < ofBounds && errors[2] < ofBounds,
      errors,
    }).toMatchObject({
      name,
      isClose: true,
    });
  }
}

describe('performance against scikit-learn, scipy and definitions', () => {
  it.each(golden.cases)('realised, on $n rows with $steps possible scores', (test) => {
    const { sample } = sampleOf(test);
    const figures = realisedPerformance(sample, test.threshold, Z);
    // Student's quantile is a series of 1e-6 at 29 degrees of freedom; the golden jackknife takes its derivatives numerically.
    expectFigures(figures, test.realised, (name) =>
      name === 'averagePrecision' ? [1e-12, 1e-6] : ['logLoss', 'brier'].includes(name) ? [1e-12, 1e-5] : [1e-12, 1e-9],
    );
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = figures.confusionMatrix;
    const count = ({ value }: Figure) => value;
    expect([truePositives, falsePositives, trueNegatives, falseNegatives].map(count)).toEqual(test.confusion);
    expect(relativeError(figures.calibrationError.value ?? NaN, test.calibrationError)).toBeLessThan(1e-12);
  });

  it.each(golden.cases)('estimated, on $n rows with $steps possible scores', (test) => {
    const { intercept, slope, matrix } = test.calibration;
    const covariance = { intercept: matrix[0][0], slope: matrix[1][1], both: matrix[0][1] };
    const rows = calibrateScores({ kind: 'PLATT', intercept, slope, covariance }, sampleOf(test).scores);
    // The golden errors take their derivatives numerically.
    expectFigures(estimatedPerformance(rows, test.threshold, Z), test.estimated, () => [1e-12, 1e-6]);
  });
});
