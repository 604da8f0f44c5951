import type { CategoricalColumn, NumericColumn } from '../src/columns';
import { countBins, ksTwoSample, referenceBins, SeededRandom, testKlDrift } from '../src/services/statistics';
import type { Bench, BenchCase } from './harness';

const ROWS = 1_000_000;
const FEATURES = 20;
const FEATURE_ROWS = 100_000;
const random = new SeededRandom('bench drift');

function normals(rows: number): NumericColumn {
  return { name: 'x', kind: 'NUMERIC', values: Float64Array.from({ length: rows }, () => random.normal()) };
}

/** Made when first needed: the list of benches loads this module too. */
function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Rows per second of one call. */
function rate(rows: number, work: () => unknown): number {
  const start = performance.now();
  // Looked at, so that the compiler cannot leave the work out.
  if (work() === undefined) throw new Error('The work has no result.');
  return rows / ((performance.now() - start) / 1000);
}

function rowsCase(name: string, rows: number, run: () => unknown, baseline: () => unknown): BenchCase {
  const sides = { run: () => rate(rows, run), baseline: () => rate(rows, baseline) };
  return { name, unit: 'rows/s', higherIsBetter: true, rounds: 15, ...sides };
}

function countDoubles(): BenchCase {
  const data = once(() => {
    const column = normals(ROWS);
    return { column, spec: referenceBins(column) };
  });
  const sum = (): number => {
    const { values } = data().column;
    let total = 0;
    for (let row = 0; row < values.length; row++) total += values[row];
    return total;
  };
  const name = 'count 1M doubles in 20 quantile bins, against summing them';
  return rowsCase(name, ROWS, () => countBins(data().spec, data().column), sum);
}

function countCategories(): BenchCase {
  const data = once(() => {
    const levels = Array.from({ length: 12 }, (_, level) => `level ${level}`);
    const values = Array.from({ length: ROWS }, () => levels[random.integer(levels.length)]);
    const column: CategoricalColumn = { name: 'x', kind: 'CATEGORICAL', values };
    return { column, spec: referenceBins(column) };
  });
  const countInMap = (): Map<string | null, number> => {
    const counts = new Map<string | null, number>();
    for (const value of data().column.values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  };
  const name = 'count 1M categories, against a Map';
  return rowsCase(name, ROWS, () => countBins(data().spec, data().column), countInMap);
}

function driftOfTwentyFeatures(): BenchCase {
  const features = once(() =>
    Array.from({ length: FEATURES }, () => {
      const reference = normals(FEATURE_ROWS);
      const spec = referenceBins(reference);
      return { spec, referenceCounts: countBins(spec, reference), current: normals(FEATURE_ROWS) };
    }),
  );
  const testAll = (): unknown =>
    features().map(({ spec, referenceCounts, current }) => {
      const currentCounts = countBins(spec, current);
      return testKlDrift({ referenceCounts, currentCounts, threshold: 0.1, alpha: 0.05, comparisons: FEATURES });
    });
  const bareHistograms = (): unknown =>
    features().map(({ current: { values } }) => {
      const counts = new Uint32Array(20);
      // Equal widths over −5 … 5, without a look at nulls or outliers.
      for (let row = 0; row < values.length; row++) counts[((values[row] + 5) * 2) | 0]++;
      return counts;
    });
  const name = 'KL drift of 20 features of 100k rows, against bare equal-width histograms';
  return rowsCase(name, FEATURES * FEATURE_ROWS, testAll, bareHistograms);
}

function ksOfTwoWindows(): BenchCase {
  const samples = once(() => [normals(FEATURE_ROWS).values, normals(FEATURE_ROWS).values] as const);
  const sortBoth = (): unknown => samples().map((values) => values.slice().sort());
  const name = 'KS test of 100k against 100k rows, against sorting them';
  return rowsCase(name, 2 * FEATURE_ROWS, () => ksTwoSample(...samples()), sortBoth);
}

export const bench: Bench = {
  name: 'drift',
  description: 'counting into bins and testing for drift',
  cases: [countDoubles(), countCategories(), driftOfTwentyFeatures(), ksOfTwoWindows()],
};
