import type { Column } from '../../../src/columns';
import {
  countBins,
  type DriftTestResult,
  referenceBins,
  SeededRandom,
  testJsDrift,
  testKlDrift,
  testPsiDrift,
} from '../../../src/services/statistics';
import { categoricalColumn, numericColumn, repeated } from './columns';

const POLICY = { threshold: 0.1, alpha: 0.05, comparisons: 20 };

function klOf(reference: Column, current: Column, policy = POLICY): DriftTestResult {
  const spec = referenceBins(reference);
  return testKlDrift({
    referenceCounts: countBins(spec, reference),
    currentCounts: countBins(spec, current),
    ...policy,
  });
}

function jsOf(reference: Column, current: Column, policy = POLICY): DriftTestResult {
  const spec = referenceBins(reference);
  return testJsDrift({
    referenceCounts: countBins(spec, reference),
    currentCounts: countBins(spec, current),
    ...policy,
  });
}

function psiOf(reference: Column, current: Column, policy = POLICY): DriftTestResult {
  const spec = referenceBins(reference);
  return testPsiDrift({
    referenceCounts: countBins(spec, reference),
    currentCounts: countBins(spec, current),
    ...policy,
  });
}

const normals = (seed: string, count: number, shift = 0): Column => {
  const random = new SeededRandom(seed);
  return numericColumn(Array.from({ length: count }, () => random.normal() + shift));
};

describe('drift tests', () => {
  const reference = normals('reference', 5000);

  it('find a shift of one standard deviation', () => {
    const kl = klOf(reference, normals('shifted', 1000, 1));
    const js = jsOf(reference, normals('shifted', 1000, 1));
    const psi = psiOf(reference, normals('shifted', 1000, 1));
    expect([kl.verdict, js.verdict, psi.verdict]).toEqual(['DRIFT', 'DRIFT', 'DRIFT']);
    // PSI is KL(p‖q) + KL(q‖p), of which the first is the one above.
    expect(psi.figures?.effect).toBe(psi.figures?.psi);
    expect(psi.figures?.psi).toBeGreaterThan(2 * 0.4);
    expect(psi.figures?.psi).toBeLessThan(2 * 0.6);
    // KL between normals that lie one standard deviation apart is ½; bins lose a little of it.
    expect(kl.figures?.klDivergence).toBeGreaterThan(0.4);
    expect(kl.figures?.klDivergence).toBeLessThan(0.6);
    expect(js.figures?.jsDistance).toBeCloseTo(Math.sqrt(js.figures?.jsDivergence ?? 0), 15);
    expect(kl.figures?.effect).toBe(kl.figures?.klDivergence);
    expect(js.figures?.effect).toBe(js.figures?.jsDistance);
  });

  it('find no drift where enough data is unchanged', () => {
    const current = normals('unchanged', 1000);
    expect(klOf(reference, current).verdict).toBe('NO_DRIFT');
    expect(jsOf(reference, current).verdict).toBe('NO_DRIFT');
    expect(psiOf(reference, current, { ...POLICY, threshold: 0.2 }).verdict).toBe('NO_DRIFT');
  });

  it('need an effect, not only significance', () => {
    const result = klOf(normals('large', 200_000), normals('slightly shifted', 200_000, 0.05));
    expect(result.figures?.correctedPValue).toBeLessThan(1e-6);
    expect(result.verdict).toBe('NO_DRIFT');
  });

  it('answer INSUFFICIENT_DATA where chance alone can reach the threshold, and say how many rows it takes', () => {
    const few = klOf(reference, normals('few', 100));
    expect(few.verdict).toBe('INSUFFICIENT_DATA');
    expect(few.figures?.noiseQuantile).toBeGreaterThan(POLICY.threshold);
    const needed = few.figures?.currentRowsNeeded ?? 0;
    expect(needed).toBeGreaterThan(100);
    const enough = klOf(reference, normals('enough', needed));
    expect(enough.verdict).toBe('NO_DRIFT');
    const almost = klOf(reference, normals('almost', Math.floor(needed * 0.9)));
    expect(almost.verdict).toBe('INSUFFICIENT_DATA');
  });

  it('still see a feature that broke altogether in few rows', () => {
    expect(klOf(reference, numericColumn(new Array<number>(50).fill(0))).verdict).toBe('DRIFT');
    expect(jsOf(reference, numericColumn(new Array<number>(50).fill(1e6))).verdict).toBe('DRIFT');
  });

  it('say so where the reference itself is too small for a verdict', () => {
    const result = jsOf(normals('tiny', 30), normals('many', 5000));
    expect(result.verdict).toBe('INSUFFICIENT_DATA');
    expect(result.figures?.currentRowsNeeded).toBeNull();
  });

  it('see nulls that appear', () => {
    const current = numericColumn(
      [...normals('with nulls', 500).values, ...new Array<number>(500).fill(NaN)].map(Number),
    );
    expect(klOf(reference, current).verdict).toBe('DRIFT');
  });

  it('see an unseen category', () => {
    const before = categoricalColumn(
      repeated([
        ['a', 500],
        ['b', 500],
      ]),
    );
    const after = categoricalColumn(
      repeated([
        ['a', 400],
        ['b', 400],
        ['c', 200],
      ]),
    );
    expect(klOf(before, after).verdict).toBe('DRIFT');
    expect(klOf(before, before).verdict).toBe('NO_DRIFT');
  });

  it('are not blinded by one outlier in the reference', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const clean = klOf(numericColumn(values), numericColumn(values.map((x) => x + 500)));
    const dirty = klOf(numericColumn([...values.slice(1), 1e9]), numericColumn(values.map((x) => x + 500)));
    expect([clean.verdict, dirty.verdict]).toEqual(['DRIFT', 'DRIFT']);
    expect(dirty.figures?.klDivergence).toBeGreaterThan(0.9 * (clean.figures?.klDivergence ?? Infinity));
  });

  it('find p = 1 and no drift between identical constants of unequal length', () => {
    for (const [before, after] of [
      [numericColumn(new Array<number>(900).fill(3)), numericColumn(new Array<number>(700).fill(3))],
      [categoricalColumn(new Array<string>(900).fill('a')), categoricalColumn(new Array<string>(700).fill('a'))],
    ]) {
      const { verdict, figures } = klOf(before, after);
      expect({ verdict, p: figures?.pValue, effect: figures?.effect }).toEqual({
        verdict: 'NO_DRIFT',
        p: 1,
        effect: 0,
      });
    }
    expect(klOf(numericColumn([3, 3, 3, 3]), numericColumn([3])).verdict).toBe('INSUFFICIENT_DATA');
  });

  it('call an empty or all-null current window EMPTY, and one without a reference INSUFFICIENT_DATA', () => {
    expect(klOf(reference, numericColumn([]))).toMatchObject({ verdict: 'EMPTY', currentRows: 0, figures: null });
    expect(klOf(reference, numericColumn([NaN, NaN]))).toMatchObject({ verdict: 'EMPTY', currentRows: 2 });
    expect(klOf(numericColumn([]), reference)).toMatchObject({ verdict: 'INSUFFICIENT_DATA', figures: null });
  });

  it('count infinities in the outer bins', () => {
    const current = numericColumn(
      [...new Array<number>(300).fill(Infinity), ...normals('rest', 700).values].map(Number),
    );
    expect(klOf(reference, current).verdict).toBe('DRIFT');
  });

  it('refuse thresholds and counts that make no sense', () => {
    const counts = { bins: [1, 2], nullCount: 0 };
    const input = { referenceCounts: counts, currentCounts: counts, ...POLICY };
    expect(() => testKlDrift({ ...input, currentCounts: { bins: [1], nullCount: 0 } })).toThrow(
      /currentCounts: has 1 bins/,
    );
    expect(() => testKlDrift({ ...input, threshold: 0 })).toThrow('threshold: 0 is not above 0.');
    expect(() => testJsDrift({ ...input, alpha: 1 })).toThrow('alpha: 1 is not between 0 and 1.');
    expect(() => testJsDrift({ ...input, comparisons: 0 })).toThrow(/comparisons: 0/);
  });
});
