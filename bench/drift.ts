import type { CategoricalColumn, Column, NumericColumn } from '../src/columns';
import {
  type BinCounts,
  countBins,
  ksTwoSample,
  mergeBinCounts,
  referenceBins,
  SeededRandom,
  testKlDrift,
} from '../src/services/statistics';
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

/** Things per second of one call. */
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

const TABLE_COLUMNS = 50;
/** Of the columns of the table, every fifth holds categories. */
const isCategorical = (column: number): boolean => column % 5 === 4;

/** A window of 50 columns, made once: columns of one kind share their values, which are too many to be in a cache, but not their bins. */
function wideTable(rows: number): { readonly columns: readonly Column[]; readonly doubles: readonly Float64Array[] } {
  const doubles = Array.from({ length: 8 }, () => normals(rows).values);
  const levels = Array.from({ length: 12 }, (_, level) => `level ${level}`);
  const categories = Array.from({ length: 2 }, () =>
    Array.from({ length: rows }, () => levels[random.integer(levels.length)]),
  );
  const columns = Array.from({ length: TABLE_COLUMNS }, (_, index): Column =>
    isCategorical(index)
      ? { name: `c${index}`, kind: 'CATEGORICAL', values: categories[index % 2] }
      : { name: `x${index}`, kind: 'NUMERIC', values: doubles[index % 8] },
  );
  return { columns, doubles: columns.map((_, index) => doubles[index % 8]) };
}

/** The whole of a data drift report: a window of 50 columns counted and tested, against a loop that sums as many doubles. */
function wideReport(rowsWanted: () => number): BenchCase {
  const data = once(() => {
    const { columns, doubles } = wideTable(rowsWanted());
    const small = wideTable(FEATURE_ROWS / 10).columns;
    const references = small.map((column) => {
      const spec = referenceBins(column);
      return { spec, referenceCounts: countBins(spec, column) };
    });
    return { columns, doubles, references };
  });
  const report = (): unknown =>
    data().references.map(({ spec, referenceCounts }, index) => {
      const currentCounts = countBins(spec, data().columns[index]);
      return testKlDrift({ referenceCounts, currentCounts, threshold: 0.1, alpha: 0.05, comparisons: TABLE_COLUMNS });
    });
  const sumAll = (): number => {
    let total = 0;
    for (const values of data().doubles) for (let row = 0; row < values.length; row++) total += values[row];
    return total;
  };
  const cells = (work: () => unknown) => () => {
    data();
    return rate(rowsWanted() * TABLE_COLUMNS, work);
  };
  return {
    name: 'KL drift of 1M rows × 50 columns, a fifth categories, against summing as many doubles',
    unit: 'cells/s',
    higherIsBetter: true,
    rounds: 7,
    run: cells(report),
    baseline: cells(sumAll),
  };
}

const MINUTE_ROWS = 10_000;
const PROFILE_COLUMNS = 10;

/**
 * 100M predictions, minute by minute: each minute's profile merged into the hour's, each hour's into the day's. What grows is measured as resident
 * memory from after the first tenth, when the compiler has settled, to the end; a profile that kept its rows would grow by 7 GB.
 */
function profilesOfManyPredictions(predictionsWanted: () => number): BenchCase {
  const LIMIT_MB = 64;
  const run = (): number => {
    const columns = wideTable(MINUTE_ROWS).columns.slice(0, PROFILE_COLUMNS);
    const specs = columns.map((column) => referenceBins(column));
    const minute = (): BinCounts[] => columns.map((column, index) => countBins(specs[index], column));
    const merged = (a: BinCounts[], b: BinCounts[]): BinCounts[] =>
      a.map((counts, index) => mergeBinCounts(counts, b[index]));
    const minutes = predictionsWanted() / MINUTE_ROWS;
    let day: BinCounts[] | null = null;
    let hour: BinCounts[] | null = null;
    let before = 0;
    for (let index = 1; index <= minutes; index++) {
      hour = hour === null ? minute() : merged(hour, minute());
      if (index % 60 === 0 || index === minutes) {
        day = day === null ? hour : merged(day, hour);
        hour = null;
      }
      if (index === Math.ceil(minutes / 10)) before = process.memoryUsage().rss;
    }
    const counted = day?.[0].bins.reduce((sum, count) => sum + count, day[0].nullCount);
    if (counted !== predictionsWanted())
      throw new Error(`${counted} of ${predictionsWanted()} predictions are counted.`);
    return Math.max(1, (process.memoryUsage().rss - before) / 2 ** 20);
  };
  const name = 'memory that 100M predictions of 10 columns add to their merged profile, against a limit of 64 MB';
  return { name, unit: 'MB', higherIsBetter: false, rounds: 1, run, baseline: () => LIMIT_MB };
}

/** What holds the event loop: the exact p of the largest reference sample against 1,003 and 10,000 labels, at a D where it takes longest. */
function exactKs(labels: number): BenchCase {
  const samples = once(() => [normals(5000).values, normals(labels).values.map((value) => value + 0.4)] as const);
  const run = (): number => {
    samples();
    const start = performance.now();
    if (ksTwoSample(...samples()).method !== 'exact') throw new Error('The p-value is not the exact one.');
    return performance.now() - start;
  };
  const name = `exact KS test of 5,000 against ${labels.toLocaleString('en')} rows, against a limit of 50 ms`;
  return { name, unit: 'ms', higherIsBetter: false, rounds: 9, run, baseline: () => 50 };
}

let scale = 1;

export const bench: Bench = {
  name: 'drift',
  description: 'counting into bins and testing for drift',
  setup: ({ small }) => {
    scale = small ? 0.1 : 1;
  },
  cases: [
    countDoubles(),
    countCategories(),
    driftOfTwentyFeatures(),
    wideReport(() => scale * ROWS),
    profilesOfManyPredictions(() => scale * 100 * ROWS),
    ksOfTwoWindows(),
    exactKs(1003),
    exactKs(10_000),
  ],
};
