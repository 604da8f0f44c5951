import fc from 'fast-check';
import type { Column } from '../../../src/columns';
import {
  binaryEvaluation,
  evaluateBinary,
  MAX_SEGMENTS,
  NULL_SEGMENT,
  segmentMetrics,
} from '../../../src/services/statistics';

const count = (rows: Uint32Array) => ({ rows: rows.length });
const numbers = (name: string, values: readonly number[]): Column => ({
  name,
  kind: 'NUMERIC',
  values: Float64Array.from(values),
});

describe('Segments', () => {
  it('are the values of a feature in order, those without one last', () => {
    const plan: Column = { name: 'plan', kind: 'CATEGORICAL', values: ['b', null, 'a', 'b', '(null)', ''] };
    const { segments } = segmentMetrics([plan, numbers('paid', [1, 0, Number.NaN, 1, 0, 1])], count, (_, value) =>
      String(value === 1),
    );
    expect(segments.map(({ feature, value, rowCount }) => [feature, value, rowCount])).toEqual([
      ['plan', '', 1],
      ['plan', 'a', 1],
      ['plan', 'b', 2],
      ['plan', NULL_SEGMENT, 2],
      ['paid', 'false', 2],
      ['paid', 'true', 3],
      ['paid', NULL_SEGMENT, 1],
    ]);
  });

  it('order numbers as numbers', () => {
    const { segments } = segmentMetrics([numbers('months', [10, 9, -1, Number.NaN])], count);
    expect(segments.map(({ value }) => value)).toEqual(['-1', '9', '10', NULL_SEGMENT]);
  });

  it('have the figures of exactly their rows, and every row once', () => {
    const rows = fc.array(fc.tuple(fc.option(fc.constantFrom('a', 'b', 'c')), fc.nat(10), fc.nat(1)), { minLength: 1 });
    fc.assert(
      fc.property(rows, (given) => {
        const figuresOf = (some: readonly (typeof given)[number][]) =>
          evaluateBinary(
            some.map(([, score]) => score / 10),
            some.map(([, , label]) => label),
          ).logLoss;
        const column: Column = { name: 'plan', kind: 'CATEGORICAL', values: given.map(([value]) => value) };
        const { segments } = segmentMetrics([column], (indices) => ({
          logLoss: figuresOf(Array.from(indices, (row) => given[row])),
        }));
        const expected = segments.map(({ value }) => {
          const some = given.filter(([own]) => (own ?? NULL_SEGMENT) === value);
          return { feature: 'plan', value, rowCount: some.length, metrics: { logLoss: figuresOf(some) } };
        });
        expect(segments).toEqual(expected);
        expect(segments.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(given.length);
      }),
    );
  });

  it.each([
    ['50 values', 50, 0, 50],
    ['51 values', 51, 0, 0],
    ['49 values and none', 49, 1, 50],
    ['50 values and none', 50, 1, 0],
  ])('of a feature with %s: %#', (_what, values, nulls, expected) => {
    const column = numbers('n', [...Array.from({ length: values }, (_, i) => i), ...Array<number>(nulls).fill(NaN)]);
    expect(segmentMetrics([column], count).segments).toHaveLength(expected);
  });

  it('are at most so many, whole features of them, and the others are named', () => {
    const values = Array.from({ length: 48 }, (_, value) => value);
    const columns = Array.from({ length: 300 }, (_, index) => numbers(`f${index}`, values));
    const { segments, unsegmentedFeatures } = segmentMetrics(columns, count);
    const whole = Math.floor(MAX_SEGMENTS / 48);
    expect(segments).toHaveLength(whole * 48);
    expect(unsegmentedFeatures).toEqual(columns.slice(whole).map(({ name }) => name));
  });
});

describe('A binary evaluation', () => {
  it('has the curves, the metrics that are defined, and the confusion matrix at the threshold', () => {
    expect(binaryEvaluation([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0], 0.5)).toMatchObject({
      taskType: 'BINARY_CLASSIFICATION',
      rowCount: 4,
      positiveCount: 2,
      auc: 0.75,
      decisionThreshold: 0.5,
      confusionMatrix: { truePositives: 1, falsePositives: 1, trueNegatives: 1, falseNegatives: 1 },
      metrics: { auc: 0.75, accuracy: 0.5, precision: 0.5, recall: 0.5, f1: 0.5 },
    });
    const { metrics } = binaryEvaluation([0.9], [0], 0.5);
    expect(Object.keys(metrics).sort()).toEqual(['accuracy', 'brier', 'f1', 'logLoss', 'precision']);
  });
});
