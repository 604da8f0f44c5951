import { describeColumn } from '../../../src/services/statistics';
import { numericColumn } from '../../unit/statistics/columns';
import golden from './golden.json';
import { goldenSample, relativeError } from './golden-sample';

describe('column statistics against numpy', () => {
  it.each(golden.descriptions)('agree on $sample.n rows, seed $sample.seed', (test) => {
    const statistics = describeColumn(numericColumn(goldenSample(test.sample)));
    expect(relativeError(statistics.mean!, test.mean)).toBeLessThan(1e-12);
    expect(statistics.stddev === null).toBe(test.stddev === null);
    expect(relativeError(statistics.stddev ?? 0, test.stddev ?? 0)).toBeLessThan(1e-12);
    expect(statistics.distinctCount).toBe(test.distinct);
    expect(statistics.histogram?.counts).toEqual(test.histogram);
    const errors = statistics.quantiles.map(({ value }, i) => relativeError(value, test.quantiles[i]));
    expect(Math.max(...errors)).toBeLessThan(1e-12);
  });
});
