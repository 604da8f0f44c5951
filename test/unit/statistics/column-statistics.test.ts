import fc from 'fast-check';
import { describeColumn } from '../../../src/services/statistics';
import { categoricalColumn, numericColumn, repeated } from './columns';

const NOTHING = {
  min: null,
  max: null,
  mean: null,
  stddev: null,
  quantiles: [],
  histogram: null,
};

describe('describeColumn', () => {
  it('describes an empty column of either kind', () => {
    const empty = { name: 'x', count: 0, nullCount: 0, infiniteCount: 0, distinctCount: 0, topValues: [], ...NOTHING };
    expect(describeColumn(numericColumn([]))).toEqual({ kind: 'NUMERIC', ...empty });
    expect(describeColumn(categoricalColumn([]))).toEqual({ kind: 'CATEGORICAL', ...empty });
  });

  it('describes a column of nulls only', () => {
    const nulls = { count: 2, nullCount: 2, distinctCount: 0, topValues: [], ...NOTHING };
    expect(describeColumn(numericColumn([NaN, NaN]))).toMatchObject(nulls);
    expect(describeColumn(categoricalColumn([null, null]))).toMatchObject(nulls);
  });

  it('describes a single row, whose spread is unknown', () => {
    expect(describeColumn(numericColumn([7]))).toEqual({
      name: 'x',
      kind: 'NUMERIC',
      count: 1,
      nullCount: 0,
      infiniteCount: 0,
      distinctCount: 1,
      min: 7,
      max: 7,
      mean: 7,
      stddev: null,
      quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((probability) => ({ probability, value: 7 })),
      histogram: { edges: [7, 7], counts: [1] },
      topValues: [{ value: '7', count: 1 }],
    });
  });

  it('counts infinities and takes its figures from the finite values', () => {
    const statistics = describeColumn(numericColumn([Infinity, 1, -Infinity, 3, NaN, Infinity]));
    expect(statistics).toMatchObject({
      count: 6,
      nullCount: 1,
      infiniteCount: 3,
      distinctCount: 4,
      min: 1,
      max: 3,
      mean: 2,
    });
    expect(statistics.topValues[0]).toEqual({ value: 'Infinity', count: 2 });
    expect(describeColumn(numericColumn([Infinity]))).toMatchObject({ infiniteCount: 1, distinctCount: 1, ...NOTHING });
  });

  it('ranks the most frequent values, equal ones by value, and keeps ten', () => {
    const levels = Array.from({ length: 12 }, (_, i) => [String.fromCharCode(108 - i), i < 2 ? 5 : 1] as const);
    const { topValues, distinctCount } = describeColumn(categoricalColumn([...repeated(levels), null]));
    expect(distinctCount).toBe(12);
    expect(topValues.map(({ value }) => value).join('')).toBe('klabcdefgh');
    expect(topValues[0].count).toBe(5);
  });

  it('keeps a small spread beside a large mean', () => {
    const { stddev } = describeColumn(numericColumn([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]));
    expect(stddev).toBeCloseTo(Math.sqrt(30), 9);
  });

  it('gives finite, ordered, complete figures for any doubles', () => {
    const doubles = fc.array(fc.oneof(fc.double(), fc.constant(NaN), fc.integer({ min: -3, max: 3 })), {
      minLength: 1,
    });
    const someFinite = doubles.filter((values) => values.some(Number.isFinite));
    fc.assert(
      fc.property(someFinite, (values) => {
        const finite = values.filter((value) => Number.isFinite(value));
        const statistics = describeColumn(numericColumn(values));
        const [min, max, mean] = [statistics.min!, statistics.max!, statistics.mean!];
        const { stddev, quantiles } = statistics;
        const histogram = statistics.histogram!;
        expect(statistics.count - statistics.nullCount - statistics.infiniteCount).toBe(finite.length);
        const path = [min, ...quantiles.map(({ value }) => value), max];
        const slack = 1e-12 * Math.max(Math.abs(min), Math.abs(max));
        expect(path.every((value, i) => i === 0 || value >= path[i - 1] - slack)).toBe(true);
        expect(mean).toBeGreaterThanOrEqual(min - slack);
        expect(mean).toBeLessThanOrEqual(max + slack);
        expect(Number.isFinite(stddev ?? 0)).toBe(true);
        expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(finite.length);
        expect(histogram.edges).toHaveLength(histogram.counts.length + 1);
      }),
    );
  });
});
