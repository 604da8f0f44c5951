import { Cancelled } from '../../../src/errors';
import { SeededRandom } from '../../../src/services/statistics';
import { predictLinear, trainLogisticRegression } from '../../../src/services/training/logistic-regression';

const random = new SeededRandom(1);
const matrix = Float32Array.from({ length: 900 }, () => random.normal());
const labels = Float64Array.from({ length: 300 }, (_, row) => {
  const logit = -0.5 + 2 * matrix[3 * row] - matrix[3 * row + 1];
  return random.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
});

describe('Logistic regression', () => {
  it('agrees with the closed form of one 0/1 column without much penalty', () => {
    // 1 of 4 positive where x = 0, 3 of 4 where x = 1: intercept ln(1/3), coefficient ln 3 − ln(1/3).
    const model = trainLogisticRegression(
      Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1),
      1,
      Float64Array.of(1, 0, 0, 0, 1, 1, 1, 0),
      { l2: 1e-6 },
    );
    expect(model.intercept).toBeCloseTo(Math.log(1 / 3), 4);
    expect(model.coefficients[0]).toBeCloseTo(2 * Math.log(3), 4);
  });

  it('has no gradient left: residuals are orthogonal to the intercept and balanced by the penalty elsewhere', () => {
    const l2 = 2;
    const model = trainLogisticRegression(matrix, 3, labels, { l2 });
    const residuals = predictLinear(model, matrix).map((probability, row) => probability - labels[row]);
    expect(Math.abs(residuals.reduce((sum, residual) => sum + residual, 0))).toBeLessThan(1e-4);
    for (let column = 0; column < 3; column++) {
      const slope = residuals.reduce((sum, residual, row) => sum + residual * matrix[3 * row + column], 0);
      expect(Math.abs(slope + l2 * model.coefficients[column])).toBeLessThan(1e-4);
    }
  });

  it('finds the signs and sizes that made the labels', () => {
    const { coefficients } = trainLogisticRegression(matrix, 3, labels, { l2: 1 });
    expect(coefficients[0]).toBeGreaterThan(1.4);
    expect(coefficients[1]).toBeLessThan(-0.6);
    expect(Math.abs(coefficients[2])).toBeLessThan(0.4);
  });

  it('shrinks coefficients under a strong penalty and leaves the intercept at the prior', () => {
    const model = trainLogisticRegression(matrix, 3, labels, { l2: 1e6 });
    const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
    expect(model.coefficients.every((coefficient) => Math.abs(coefficient) < 1e-3)).toBe(true);
    expect(model.intercept).toBeCloseTo(Math.log(rate / (1 - rate)), 3);
  });

  it('stays finite on separable rows, equal columns and constant ones', () => {
    const separable = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? 1 : Math.floor(i / 3) - 50));
    const model = trainLogisticRegression(
      separable,
      3,
      Float64Array.from({ length: 100 }, (_, row) => (row < 50 ? 0 : 1)),
      { l2: 1e-6 },
    );
    expect([...model.coefficients, model.intercept].every(Number.isFinite)).toBe(true);
    expect(model.coefficients[0]).toBeCloseTo(model.coefficients[1], 3);
    expect(predictLinear(model, Float32Array.of(-10, -10, 1, 10, 10, 1))[0]).toBeLessThan(0.01);
  });

  it('ends with Cancelled when the signal says so', () => {
    expect(() => trainLogisticRegression(matrix, 3, labels, { l2: 1 }, { aborted: true })).toThrow(Cancelled);
  });
});
