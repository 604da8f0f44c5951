import { ksTwoSample } from '../../../src/services/statistics';
import { numericColumn, repeated } from '../../unit/statistics/columns';
import golden from './golden.json';
import { goldenSample, relativeError } from './golden-sample';

const cases = golden.ksTwoSample.map((test) => ({ ...test, title: `${test.a.n} against ${test.b.n} rows` }));

describe('two-sample Kolmogorov–Smirnov test against scipy.stats.ks_2samp', () => {
  it.each(cases)('agrees on $title, seed $a.seed', ({ a, b, statistic, pValue, method }) => {
    const result = ksTwoSample(goldenSample(a), goldenSample(b));
    expect(result.method).toBe(method);
    expect(result.statistic).toBeCloseTo(statistic, 14);
    expect(relativeError(result.pValue, pValue)).toBeLessThan(1e-9);
  });

  it('finds .1 between 0..99 and 10..109', () => {
    const a = Float64Array.from({ length: 100 }, (_, i) => i);
    const result = ksTwoSample(
      a,
      a.map((value) => value + 10),
    );
    expect(result.statistic).toBeCloseTo(0.1, 14);
    expect(relativeError(result.pValue, 0.7020569828664881)).toBeLessThan(1e-10);
  });

  it('handles ties', () => {
    const { values } = numericColumn(
      repeated([
        [2, 3],
        [3, 4],
        [4, 0],
        [5, 5],
        [6, 4],
      ]),
    );
    const result = ksTwoSample(
      values,
      values.map((value) => value + 1),
    );
    expect(result.statistic).toBe(5 / 16);
    expect(relativeError(result.pValue, 0.4262934613454952)).toBeLessThan(1e-10);
  });

  it('handles samples of sizes without a common divisor of use', () => {
    const linspace = (count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, i) => 1 + (i * 99) / (count - 1));
    const result = ksTwoSample(
      linspace(100),
      linspace(110).map((value) => value + 20.1),
    );
    expect(relativeError(result.pValue, 0.015739183865607353)).toBeLessThan(1e-10);
  });
});
