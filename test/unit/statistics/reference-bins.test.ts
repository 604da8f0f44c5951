import fc from 'fast-check';
import { binLabels, countBins, mergeBinCounts, referenceBins, SeededRandom } from '../../../src/services/statistics';
import { categoricalColumn, numericColumn, repeated } from './columns';

const normals = (seed: string, count: number): number[] => {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => random.normal());
};

describe('referenceBins', () => {
  it('spreads continuous numbers evenly over twenty bins', () => {
    const column = numericColumn(normals('even', 1000));
    const { bins, nullCount } = countBins(referenceBins(column), column);
    expect(bins).toEqual([0, ...new Array<number>(20).fill(50), 0]);
    expect(nullCount).toBe(0);
  });

  it('gives each value of a 0/1 column its own bin', () => {
    const spec = referenceBins(
      numericColumn(
        repeated([
          [0, 990],
          [1, 10],
        ]),
      ),
    );
    expect(spec).toEqual({ kind: 'NUMERIC', edges: [0, 1, 1] });
    expect(countBins(spec, numericColumn([0, 1, 1, 2, -1, NaN]))).toEqual({ bins: [1, 1, 2, 1], nullCount: 1 });
  });

  it('gives a value that fills a bin by itself its own bin and spreads the rest', () => {
    const column = numericColumn([...new Array<number>(600).fill(0), ...normals('spike', 400).map((x) => Math.exp(x))]);
    const { bins } = countBins(referenceBins(column), column);
    expect(bins[1]).toBe(600);
    expect(bins).toHaveLength(22);
    expect(Math.max(...bins.slice(2, -1))).toBeLessThanOrEqual(22);
    expect(Math.min(...bins.slice(2, -1))).toBeGreaterThanOrEqual(20);
  });

  it('is not disturbed by one outlier of 1e9', () => {
    const values = normals('outlier', 1000);
    const spec = referenceBins(numericColumn([...values.slice(1), 1e9]));
    const { bins } = countBins(spec, numericColumn(values));
    expect(Math.max(...bins)).toBeLessThanOrEqual(52);
  });

  it('has no edge at -0, which JSON would not keep', () => {
    expect(referenceBins(numericColumn([-0, 0, 1, 1]))).toEqual({ kind: 'NUMERIC', edges: [0, 1, 1] });
    expect(referenceBins(numericColumn([-1, -0]))).toEqual({ kind: 'NUMERIC', edges: [-1, 0, 0] });
  });

  it('has one bin for a constant, and none where no finite value is', () => {
    const constant = referenceBins(numericColumn([5, 5, NaN]));
    expect(constant).toEqual({ kind: 'NUMERIC', edges: [5, 5] });
    expect(countBins(constant, numericColumn([4, 5, 5, 6, 6, 6]))).toEqual({ bins: [1, 2, 3], nullCount: 0 });
    const empty = referenceBins(numericColumn([NaN, Infinity]));
    expect(empty).toEqual({ kind: 'NUMERIC', edges: [] });
    expect(countBins(empty, numericColumn([-Infinity, 1, Infinity, NaN]))).toEqual({ bins: [3, 0], nullCount: 1 });
  });

  it('keeps the levels of categories, most frequent first, and at most two hundred', () => {
    expect(referenceBins(categoricalColumn(['b', 'a', null, 'a']))).toEqual({
      kind: 'CATEGORICAL',
      levels: ['a', 'b'],
    });
    const ids = categoricalColumn(Array.from({ length: 500 }, (_, i) => `id ${i}`));
    const spec = referenceBins(ids);
    expect(countBins(spec, ids).bins[200]).toBe(300);
  });

  it('refuses numbers of bins that the search table does not hold', () => {
    expect(() => referenceBins(numericColumn([1]), 31)).toThrow('maxBins: 31 is not an integer from 1 to 30.');
    expect(() => referenceBins(numericColumn([1]), 0)).toThrow(/maxBins/);
  });

  it('never makes more bins than asked for, and leaves no reference value outside', () => {
    const values = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
      {
        minLength: 1,
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 30 }), (reference, maxBins) => {
        const column = numericColumn(reference);
        const spec = referenceBins(column, maxBins);
        const { bins } = countBins(JSON.parse(JSON.stringify(spec)) as typeof spec, column);
        expect(bins.length - 2).toBeLessThanOrEqual(maxBins);
        expect([bins[0], bins.at(-1)]).toEqual([0, 0]);
        expect(bins.slice(1, -1).every((count) => count > 0)).toBe(true);
      }),
    );
  });
});

describe('countBins', () => {
  it('agrees with the definition, bin by bin', () => {
    const value = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ min: -5, max: 5 }),
      fc.constantFrom(NaN, Infinity, -Infinity),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.array(value),
        fc.integer({ min: 1, max: 30 }),
        (a, b, maxBins) => {
          const spec = referenceBins(numericColumn(a), maxBins);
          fc.pre(spec.kind === 'NUMERIC' && spec.edges.length > 0);
          const edges = spec.kind === 'NUMERIC' ? spec.edges : [];
          const [min, max] = [edges[0], edges[edges.length - 1]];
          const present = b.filter((x) => !Number.isNaN(x));
          const inner = edges.slice(0, -1).map((edge, bin) => {
            const last = bin === edges.length - 2;
            return present.filter((x) => x >= edge && (last ? x <= max : x < edges[bin + 1])).length;
          });
          expect(countBins(spec, numericColumn(b))).toEqual({
            bins: [present.filter((x) => x < min).length, ...inner, present.filter((x) => x > max).length],
            nullCount: b.length - present.length,
          });
        },
      ),
    );
  });

  it('puts an unseen category into "other" and counts nulls', () => {
    const spec = referenceBins(categoricalColumn(['a', 'a', 'b']));
    expect(countBins(spec, categoricalColumn(['b', 'c', null, 'd']))).toEqual({ bins: [0, 1, 2], nullCount: 1 });
  });

  it('counts two windows to the sum of each', () => {
    const a = numericColumn(normals('a', 200));
    const b = numericColumn([...normals('b', 100), NaN]);
    const spec = referenceBins(a);
    const both = countBins(spec, numericColumn([...a.values, ...b.values]));
    expect(mergeBinCounts(countBins(spec, a), countBins(spec, b))).toEqual(both);
    expect(() => mergeBinCounts(both, { bins: [1], nullCount: 0 })).toThrow(/other specs/);
  });

  it('refuses a column of another kind', () => {
    expect(() => countBins(referenceBins(numericColumn([1])), categoricalColumn(['1']))).toThrow(
      'x: is CATEGORICAL, but its bins were made from a NUMERIC reference.',
    );
  });
});

describe('binLabels', () => {
  it('names every count in order', () => {
    const columns = [
      numericColumn([0, 1, 1]),
      numericColumn([1, 2, 3, 4]),
      numericColumn([NaN]),
      categoricalColumn(['a']),
    ];
    const labels = columns.map((column) => binLabels(referenceBins(column, 2)));
    expect(labels).toEqual([
      ['< 0', '[0, 1)', '1', '> 1', '(null)'],
      ['< 1', '[1, 3)', '[3, 4]', '> 4', '(null)'],
      ['any', 'above', '(null)'],
      ['a', '(other)', '(null)'],
    ]);
    columns.forEach((column, i) => {
      const { bins } = countBins(referenceBins(column, 2), column);
      expect(labels[i]).toHaveLength(bins.length + 1);
    });
  });
});
