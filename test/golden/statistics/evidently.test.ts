import {
  evidentlyChiSquare,
  evidentlyHellinger,
  evidentlyJs,
  evidentlyKl,
  evidentlyKs,
  evidentlyPsi,
  evidentlyWasserstein,
} from '../../../src/services/statistics';
import { categoricalColumn, numericColumn, repeated } from '../../unit/statistics/columns';
import golden from './golden.json';
import { goldenSample, type SampleSpec } from './golden-sample';

const categories = (counts: readonly (readonly [string, number])[]) => categoricalColumn(repeated(counts));
const integers = (from: number, until: number) =>
  numericColumn(Array.from({ length: until - from }, (_, i) => from + i));
const levels = (spec: SampleSpec) => categoricalColumn(Array.from(goldenSample(spec), (value) => `level ${value}`));

describe('Evidently 0.7.23 on generated columns', () => {
  const numeric = golden.evidently.filter((test) => test.kind === 'NUMERIC');
  const categorical = golden.evidently.filter((test) => test.kind === 'CATEGORICAL');

  it.each(numeric)('numbers, seeds $reference.seed and $current.seed', (test) => {
    const reference = numericColumn(goldenSample(test.reference));
    const current = numericColumn(goldenSample(test.current));
    expect(evidentlyKl(reference, current).score).toBeCloseTo(test.kl, 9);
    expect(evidentlyPsi(reference, current).score).toBeCloseTo(test.psi, 9);
    expect(evidentlyJs(reference, current).score).toBeCloseTo(test.js, 9);
    expect(evidentlyHellinger(reference, current).score).toBeCloseTo(test.hellinger, 9);
    expect(evidentlyWasserstein(reference, current).score).toBeCloseTo(test.wasserstein!, 9);
    expect(evidentlyKs(reference, current).score).toBeCloseTo(test.ks!, 9);
  });

  it.each(categorical)('categories, seeds $reference.seed and $current.seed', (test) => {
    const reference = levels(test.reference);
    const current = levels(test.current);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(test.kl, 9);
    expect(evidentlyPsi(reference, current).score).toBeCloseTo(test.psi, 9);
    expect(evidentlyJs(reference, current).score).toBeCloseTo(test.js, 9);
    expect(evidentlyHellinger(reference, current).score).toBeCloseTo(test.hellinger, 9);
    expect(evidentlyChiSquare(reference, current).score).toBeCloseTo(test.chiSquare!, 9);
  });
});

describe('Evidently on the cases of the reference page', () => {
  it('six categories of about equal size', () => {
    const count = (counts: number[]) => categories(counts.map((n, i) => [String(i + 1), n]));
    const reference = count([16, 18, 16, 14, 12, 12]);
    const current = count([16, 16, 16, 16, 16, 8]);
    expect(evidentlyChiSquare(reference, current).score).toBeCloseTo(0.6730876006966301, 12);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(0.01890967696532045, 12);
    expect(evidentlyPsi(reference, current).score).toBeCloseTo(0.037218381577290835, 12);
    expect(evidentlyJs(reference, current).score).toBeCloseTo(0.06804819617703867, 12);
  });

  it('a shift by a tenth', () => {
    const reference = integers(0, 100);
    const current = integers(10, 110);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(0.1466337068793427, 12);
    expect(evidentlyPsi(reference, current).score).toBeCloseTo(0.2932674137586854, 12);
    expect(evidentlyJs(reference, current).score).toBeCloseTo(0.18355145998130695, 12);
    expect(evidentlyWasserstein(reference, current).score).toBeCloseTo(0.3464274833209975, 12);
    expect(evidentlyKs(reference, current)).toEqual({
      score: expect.closeTo(0.7020569828664881, 12),
      threshold: 0.05,
      verdict: 'NO_DRIFT',
    });
  });

  it('windows that do not overlap', () => {
    const reference = integers(0, 100);
    const current = integers(200, 300);
    expect(evidentlyKl(reference, current)).toEqual({
      score: expect.closeTo(8.104531547376487, 10),
      threshold: 0.1,
      verdict: 'DRIFT',
    });
    expect(evidentlyJs(reference, current).score).toBeCloseTo(0.8325546111576978, 12);
  });

  it('a new category', () => {
    const reference = categories([
      ['a', 50],
      ['b', 50],
    ]);
    const current = categories([
      ['a', 40],
      ['b', 40],
      ['c', 20],
    ]);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(0.22226122994542763, 12);
    expect(evidentlyPsi(reference, current).score).toBeCloseTo(1.5640491119253044, 12);
    expect(evidentlyJs(reference, current).score).toBeCloseTo(0.27364532084863846, 12);
    expect(evidentlyChiSquare(reference, current)).toEqual({ score: 0, threshold: 0.05, verdict: 'DRIFT' });
  });

  it('a lost category', () => {
    const reference = categories([
      ['a', 50],
      ['b', 50],
    ]);
    const current = categories([['a', 100]]);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(3.9121230004284797, 12);
    expect(evidentlyJs(reference, current).score).toBeCloseTo(0.464501404022459, 12);
  });

  it('a rare category that is lost', () => {
    const reference = categories([
      ['a', 99995],
      ['b', 5],
    ]);
    const current = categories([['a', 100]]);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(1.53388913e-5, 12);
  });

  it('one outlier of 1e9 blinds it, which is why it is not the default', () => {
    const reference = integers(0, 1000);
    const current = integers(500, 1500);
    const withOutlier = numericColumn([...reference.values.slice(1), 1e9]);
    expect(evidentlyKl(reference, current).verdict).toBe('DRIFT');
    expect(evidentlyKl(withOutlier, current).verdict).toBe('NO_DRIFT');
  });
});

describe('Evidently mode where Evidently itself fails', () => {
  it('finds no drift between identical constants of unequal length', () => {
    const result = evidentlyChiSquare(categories([['a', 10]]), categories([['a', 7]]));
    expect(result).toEqual({ score: 1, threshold: 0.05, verdict: 'NO_DRIFT' });
  });

  it('leaves infinities out instead of crashing', () => {
    const reference = integers(0, 100);
    const current = numericColumn([...integers(10, 110).values, Infinity, -Infinity, NaN]);
    expect(evidentlyKl(reference, current).score).toBeCloseTo(0.1466337068793427, 12);
    expect(evidentlyKs(reference, current).score).toBeCloseTo(0.7020569828664881, 12);
  });

  it('calls an all-null column EMPTY in every statistic', () => {
    const reference = integers(0, 100);
    const empty = numericColumn([NaN, NaN]);
    const results = [
      evidentlyKl,
      evidentlyPsi,
      evidentlyJs,
      evidentlyHellinger,
      evidentlyWasserstein,
      evidentlyKs,
      evidentlyChiSquare,
    ].map((test) => test(reference, empty));
    expect(results.map(({ score, verdict }) => [score, verdict])).toEqual(results.map(() => [null, 'EMPTY']));
  });

  it('bins 20 distinct reference values by value and 21 by histogram', () => {
    const current = numericColumn([...integers(0, 20).values, 19.5]);
    // By value, 19.5 is a bin that the reference lacks; in a histogram it falls in with its neighbours.
    expect(evidentlyPsi(integers(0, 20), current).score).toBeGreaterThan(0.2);
    expect(evidentlyPsi(integers(0, 21), current).score).toBeLessThan(0.1);
  });

  it('refuses to compare numbers with categories', () => {
    expect(() => evidentlyKl(integers(0, 9), categories([['a', 1]]))).toThrow(/x: is CATEGORICAL/);
  });
});
