import fc from 'fast-check';
import { InvalidInput } from '../../../src/errors';
import { evaluateRegression, regressionEvaluation, SeededRandom } from '../../../src/services/statistics';

const everyNumber = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(everyNumber)
      : [];

const value = fc.double({ min: -1e150, max: 1e150, noNaN: true });
const pairs = fc.array(fc.tuple(fc.oneof(value, fc.integer({ min: -3, max: 3 })), fc.oneof(value, fc.nat(3))), {
  minLength: 1,
  maxLength: 60,
});
const evaluate = (rows: readonly (readonly [number, number])[]) =>
  regressionEvaluation(
    rows.map(([predicted]) => predicted),
    rows.map(([, actual]) => actual),
  );

describe('Regression metrics', () => {
  it('are as small as an error can be, and explain all, where every prediction is right', () => {
    expect(evaluateRegression([1, 2, 4], [1, 2, 4])).toEqual({
      rmse: 0,
      mae: 0,
      medianAbsoluteError: 0,
      r2: 1,
      mape: 0,
    });
  });

  it('have no r2 where the target is constant, one row included', () => {
    // The sum of three times .1 is not thrice .1: only by looking at the values it is seen that they are equal.
    expect(evaluateRegression([0.2, 0.1, 0], [0.1, 0.1, 0.1]).r2).toBeNull();
    expect(evaluateRegression([3], [2])).toEqual({ rmse: 1, mae: 1, medianAbsoluteError: 1, r2: null, mape: 0.5 });
    expect(evaluateRegression([0, 0], [0, Number.MIN_VALUE]).r2).toBeNull();
  });

  it('have no mape where an actual value is 0 or all but 0', () => {
    expect(evaluateRegression([1, 2], [0, 2]).mape).toBeNull();
    expect(evaluateRegression([1, 2], [-1e-300, 2]).mape).toBeNull();
    expect(evaluateRegression([1, 2], [-2, 4]).mape).toBe(1);
  });

  it.each<[string, number[], number[], string]>([
    ['no rows', [], [], 'predicted: there are none'],
    ['another length', [1], [1, 2], 'actual: there are 2 for 1 predictions'],
    ['NaN', [1, NaN], [1, 2], 'predicted.1: NaN is not a number from'],
    ['infinities', [1, 2], [1, -Infinity], 'actual.1: -Infinity is not a number from'],
    ['what is too large for squares', [1e151], [1], 'predicted.0: 1e+151 is not a number from'],
  ])('refuse %s', (_what, predicted, actual, message) => {
    expect(() => evaluateRegression(predicted, actual)).toThrow(message);
    expect(() => evaluateRegression(predicted, actual)).toThrow(InvalidInput);
  });
});

describe('A regression evaluation', () => {
  it('has no NaN and no infinity, and every row once in its histogram and in its deciles', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const evaluation = evaluate(rows);
        expect(everyNumber(evaluation).filter((number) => !Number.isFinite(number))).toEqual([]);
        for (const parts of [evaluation.residualHistogram, evaluation.calibration])
          expect(parts.reduce((sum: number, { rowCount }) => sum + rowCount, 0)).toBe(rows.length);
      }),
    );
  });

  it('does not depend on the order of its rows', () => {
    const small = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(small, (rows) => {
        const { metrics: _, ...shown } = evaluate(rows);
        const { metrics: __, ...reversed } = evaluate(rows.toReversed());
        expect(reversed).toEqual(shown);
      }),
    );
  });

  it('keeps equal predictions in one decile', () => {
    const { calibration } = evaluate(Array.from({ length: 30 }, (_, row) => [row < 25 ? 1 : 2, row] as const));
    expect(calibration).toEqual([
      { meanPredicted: 1, meanActual: 12, rowCount: 25 },
      { meanPredicted: 2, meanActual: 27, rowCount: 5 },
    ]);
  });

  it('thins its points to 400 of them, from the lowest to the highest prediction', () => {
    const random = new SeededRandom('points');
    const rows = Array.from({ length: 5000 }, () => [random.normal(), random.normal()] as const);
    const { points, rowCount } = evaluate(rows);
    const predicted = rows.map(([own]) => own).sort((a, b) => a - b);
    expect([points.length, rowCount]).toEqual([400, 5000]);
    expect([points[0].predicted, points[399].predicted]).toEqual([predicted[0], predicted[4999]]);
    expect(points.map((point) => point.predicted)).toEqual(
      points.map((point) => point.predicted).sort((a, b) => a - b),
    );
  });

  it('has one bin where all residuals are equal', () => {
    expect(
      evaluate([
        [1, 3],
        [2, 4],
      ]).residualHistogram,
    ).toEqual([{ lower: 2, upper: 2, rowCount: 2 }]);
  });
});
