import fc from 'fast-check';
import { binFeatures, MAX_BINS, quantileThresholds } from '../../../src/services/training/feature-binning';

const allRows = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);
const float32 = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1, 1 + 2 ** -23, 16777216, 16777218),
  fc.constant(NaN),
);

describe('Quantile thresholds', () => {
  it('lie halfway between distinct values when these fit the bins', () => {
    expect([...quantileThresholds(Float32Array.of(3, 1, 1, 2, 8, 3))]).toEqual([1.5, 2.5, 5.5]);
  });

  it('ignore missing values, and need two present ones', () => {
    expect([...quantileThresholds(Float32Array.of(NaN, 1, NaN, 2))]).toEqual([1.5]);
    expect([...quantileThresholds(Float32Array.of(4, 4, NaN))]).toEqual([]);
    expect([...quantileThresholds(Float32Array.of(NaN))]).toEqual([]);
    expect([...quantileThresholds(new Float32Array(0))]).toEqual([]);
  });

  it('part distinct values into bins of the same number of rows', () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => i);
    expect([...quantileThresholds(values, 4)]).toEqual([24.5, 49.5, 74.5]);
  });

  it('keep bins for the other values where one fills most rows', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0 : i));
    expect(quantileThresholds(values, 10)).toHaveLength(9);
  });

  it('take the lower of two values that float32 has nothing between', () => {
    const lower = 1;
    const upper = 1 + 2 ** -23;
    expect([...quantileThresholds(Float32Array.of(upper, lower))]).toEqual([lower]);
  });

  it('do not overflow between the ends of float32', () => {
    const largest = 3.4028234663852886e38;
    expect([...quantileThresholds(Float32Array.of(-largest, 0.9 * largest, largest))].every(Number.isFinite)).toBe(
      true,
    );
  });
});

describe('Binned features', () => {
  it('put a value into the bin whose upper threshold is the first that is not below it', () => {
    fc.assert(
      fc.property(fc.array(float32, { minLength: 1, maxLength: 400 }), (values) => {
        const matrix = Float32Array.from(values);
        const { bins, thresholds, histogramOffsets } = binFeatures(matrix, 1, allRows(matrix.length));
        const limits = thresholds[0];
        expect(limits.length).toBeLessThan(MAX_BINS);
        expect(limits.every((limit, i) => i === 0 || limits[i - 1] < limit)).toBe(true);
        expect([...histogramOffsets]).toEqual([0, limits.length + 2]);
        const expected = values.map((value) =>
          Number.isNaN(value) ? limits.length + 1 : limits.filter((limit) => limit < value).length,
        );
        expect([...bins]).toEqual(expected);
      }),
    );
  });

  it('take the thresholds from the rows to fit on alone, and bin all rows by them', () => {
    const matrix = Float32Array.of(1, 10, 2, 20, 99, -5);
    const { bins, thresholds, width, rowCount } = binFeatures(matrix, 2, Uint32Array.of(0, 1));
    expect([width, rowCount]).toEqual([2, 3]);
    expect(thresholds.map((limits) => [...limits])).toEqual([[1.5], [15]]);
    expect([...bins]).toEqual([0, 0, 1, 1, 1, 0]);
  });

  it('never exceed a byte, missing values included', () => {
    const matrix = Float32Array.from({ length: 5000 }, (_, i) => (i === 0 ? NaN : Math.sin(i)));
    const { bins, thresholds } = binFeatures(matrix, 1, allRows(5000));
    expect(thresholds[0]).toHaveLength(MAX_BINS - 1);
    expect(bins[0]).toBe(255);
    expect(new Set(bins).size).toBe(256);
  });
});
