import fc from 'fast-check';
import { InvalidInput } from '../../../src/errors';
import { evaluateBinary, evaluateMulticlass, multiclassEvaluation } from '../../../src/services/statistics';

const everyNumber = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(everyNumber)
      : [];

const predictions = fc
  .record({
    classCount: fc.integer({ min: 2, max: 5 }),
    rows: fc.array(fc.tuple(fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }), fc.nat()), {
      minLength: 1,
      maxLength: 40,
    }),
  })
  .map(({ classCount, rows }) => ({
    classCount,
    labels: rows.map(([, label]) => label % classCount),
    probabilities: rows.flatMap(([weights]) => {
      const own = weights.slice(0, classCount).map((weight, index) => weight + Number(index === 0));
      return own.map((weight) => weight / own.reduce((sum, other) => sum + other, 0));
    }),
  }));

describe('Multiclass metrics', () => {
  it('are those of the binary case where there are two classes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(10), fc.nat(1)), { minLength: 1 }), (rows) => {
        const positive = rows.map(([score]) => score / 10);
        const labels = rows.map(([, label]) => label);
        const probabilities = positive.flatMap((p) => [1 - p, p]);
        const { auc, accuracy, logLoss } = evaluateBinary(positive, labels, 0.5 + Number.EPSILON);
        const metrics = evaluateMulticlass({ probabilities, labels, classCount: 2 });
        expect(metrics.accuracy).toBe(accuracy);
        expect(metrics.logLoss).toBeCloseTo(logLoss, 10);
        expect(metrics.aucMacro === null).toBe(auc === null);
        expect(metrics.aucMacro ?? 0).toBeCloseTo(auc ?? 0, 12);
      }),
    );
  });

  it('are never NaN or infinite, in a report neither', () => {
    fc.assert(
      fc.property(predictions, ({ probabilities, labels, classCount }) => {
        const classes = Array.from({ length: classCount }, (_, index) => `c${index}`);
        const evaluation = multiclassEvaluation(probabilities, labels, classes);
        expect(everyNumber(evaluation).filter((value) => !Number.isFinite(value))).toEqual([]);
        const cells = evaluation.confusionMatrix.flat().reduce((sum, count) => sum + count, 0);
        expect([cells, evaluation.classes.reduce((sum, { rowCount }) => sum + rowCount, 0)]).toEqual([
          labels.length,
          labels.length,
        ]);
      }),
    );
  });

  it('leave out the AUC where one class alone occurs', () => {
    const evaluation = multiclassEvaluation([0.7, 0.2, 0.1], [0], ['a', 'b', 'c']);
    expect(evaluation.metrics).toEqual({
      accuracy: 1,
      balancedAccuracy: 1,
      f1Macro: 1,
      f1Weighted: 1,
      logLoss: -Math.log(0.7),
    });
    expect(evaluation.classes[2]).toMatchObject({
      name: 'c',
      rowCount: 0,
      precision: null,
      recall: null,
      f1: null,
      auc: null,
      roc: [],
    });
  });

  it('count a class that is absent among the labels, and predicted, as one that is never right', () => {
    const metrics = evaluateMulticlass({ probabilities: [0.6, 0.4, 0, 0.1, 0.2, 0.7], labels: [0, 1], classCount: 3 });
    expect(metrics).toMatchObject({ accuracy: 0.5, balancedAccuracy: 0.5, f1Macro: 1 / 3, f1Weighted: 0.5 });
  });

  it.each<[string, Parameters<typeof evaluateMulticlass>[0], string]>([
    ['no rows', { probabilities: [], labels: [], classCount: 2 }, 'labels: there are none'],
    ['one class', { probabilities: [1], labels: [0], classCount: 1 }, 'classCount: 1 are too few'],
    ['another length', { probabilities: [1], labels: [0], classCount: 2 }, 'probabilities: there are 1 for 1 rows'],
    ['a label that is no class', { probabilities: [1, 0], labels: [2], classCount: 2 }, 'labels.0: 2 is not the index'],
    ['NaN', { probabilities: [NaN, 0], labels: [0], classCount: 2 }, 'probabilities.0: NaN is not a probability'],
    ['a sum of 2', { probabilities: [1, 1], labels: [0], classCount: 2 }, 'probabilities.0: those of the row sum to 2'],
  ])('refuse %s', (_what, given, message) => {
    expect(() => evaluateMulticlass(given)).toThrow(message);
    expect(() => evaluateMulticlass(given)).toThrow(InvalidInput);
  });

  it('refuse more classes than a report can show', () => {
    const classes = Array.from({ length: 201 }, (_, index) => `c${index}`);
    expect(() => multiclassEvaluation([], [], classes)).toThrow('classes: 201 are too many');
  });
});
