import {
  chiSquareHomogeneity,
  evidentlyWasserstein,
  hellingerDistance,
  jsDistance,
  klDivergence,
  psi,
  shareIncreasePValue,
} from '../../../src/services/statistics';
import { numericColumn } from '../../unit/statistics/columns';
import golden from './golden.json';
import { goldenSample, relativeError } from './golden-sample';

describe('divergences against scipy', () => {
  it.each(golden.divergences.map((test) => ({ ...test, bins: test.p.length })))('agree over $bins bins', (test) => {
    const { p, q } = test;
    expect(klDivergence(p, q)).toBeCloseTo(test.kl, 12);
    expect(jsDistance(p, q)).toBeCloseTo(test.jsDistance, 9);
    expect(hellingerDistance(p, q)).toBeCloseTo(test.hellinger, 12);
    expect(psi(p, q)).toBeCloseTo(test.psi ?? Infinity, 12);
  });
});

describe('Wasserstein distance against scipy', () => {
  it.each(golden.wasserstein)('agrees on seeds $a.seed and $b.seed', ({ a, b, distance }) => {
    const reference = goldenSample(a);
    const mean = reference.reduce((sum, value) => sum + value, 0) / reference.length;
    const variance = reference.reduce((sum, value) => sum + (value - mean) ** 2, 0) / reference.length;
    const { score } = evidentlyWasserstein(numericColumn(reference), numericColumn(goldenSample(b)));
    expect(relativeError((score ?? 0) * Math.max(Math.sqrt(variance), 0.001), distance)).toBeLessThan(1e-9);
  });
});

describe('χ² test of two windows against scipy', () => {
  it.each(golden.chiSquareTables)('%j against %j', (reference, current, p) => {
    expect(
      relativeError(chiSquareHomogeneity(reference as number[], current as number[]) ?? 0, Number(p)),
    ).toBeLessThan(1e-9);
  });
});

describe('Fisher’s exact test of a risen share against scipy', () => {
  it.each(golden.shareIncreases)('%d of %d, then %d of %d: p = %d', (count, rows, currentCount, currentRows, p) => {
    const found = shareIncreasePValue({ count, rows }, { count: currentCount, rows: currentRows });
    expect(relativeError(found, p)).toBeLessThan(1e-9);
  });
});
