import fc from 'fast-check';
import type { ColumnTable } from '../../../src/columns';
import { InvalidInput } from '../../../src/errors';
import { fitPipeline } from '../../../src/services/preprocessing';
import { allRows, arbitraryTable, categorical, numeric, tableOf } from './arbitrary-table';

const FOR_LINEAR = { impute: true, scale: true };
const FOR_TREES = { impute: false, scale: false };

describe('Fitting preprocessing', () => {
  it('imputes the median, and standardises by the moments of the column so filled', () => {
    const table = tableOf(numeric('tenure', [1, 2, 9, NaN]));
    // Filled with the median 2: 1, 2, 9, 2 → mean 3.5, variance (6.25 + 2.25 + 30.25 + 2.25) / 4.
    expect(fitPipeline(table, allRows(table), FOR_LINEAR).features).toEqual([
      {
        feature: 'tenure',
        kind: 'NUMERIC',
        steps: [
          { step: 'IMPUTE_MEDIAN', median: 2 },
          { step: 'STANDARDISE', mean: 3.5, standardDeviation: Math.sqrt(41 / 4) },
        ],
      },
    ]);
  });

  it('takes the mean of the two middle values as the median of an even number of them', () => {
    const table = tableOf(numeric('tenure', [10, 1, 4, 3]));
    const [feature] = fitPipeline(table, allRows(table), { impute: true, scale: false }).features;
    expect(feature.steps).toEqual([{ step: 'IMPUTE_MEDIAN', median: 3.5 }]);
  });

  it('leaves numbers as they are when neither step is asked for', () => {
    const table = tableOf(numeric('tenure', [1, 2]));
    expect(fitPipeline(table, allRows(table), FOR_TREES).features[0].steps).toEqual([]);
  });

  it('treats infinities as missing', () => {
    const table = tableOf(numeric('ratio', [1, Infinity, 3, -Infinity]));
    const [feature] = fitPipeline(table, allRows(table), { impute: true, scale: false }).features;
    expect(feature.steps).toEqual([{ step: 'IMPUTE_MEDIAN', median: 2 }]);
  });

  it('divides a constant column by 1, exactly', () => {
    const table = tableOf(numeric('rate', Array<number>(7).fill(0.1)));
    expect(fitPipeline(table, allRows(table), FOR_LINEAR).features[0].steps[1]).toEqual({
      step: 'STANDARDISE',
      mean: 0.1,
      standardDeviation: 1,
    });
  });

  it('imputes 0 in a column that has no value in any training row', () => {
    const table = tableOf(numeric('empty', [NaN, NaN, 7]), numeric('full', [1, 2, 3]));
    expect(fitPipeline(table, Uint32Array.of(0, 1), FOR_LINEAR).features[0].steps).toEqual([
      { step: 'IMPUTE_MEDIAN', median: 0 },
      { step: 'STANDARDISE', mean: 0, standardDeviation: 1 },
    ]);
  });

  it('lists the levels of the training rows in code unit order, without null', () => {
    const table = tableOf(categorical('contract', ['year', null, 'Month', 'month', 'year']));
    expect(fitPipeline(table, allRows(table), FOR_TREES).features[0].steps).toEqual([
      { step: 'ONE_HOT', levels: ['Month', 'month', 'year'], hasOther: false },
    ]);
  });

  it('keeps the most frequent levels and puts the rest into other', () => {
    const table = tableOf(categorical('city', ['c', 'b', 'b', 'a', 'd', 'd', 'd']));
    const options = { ...FOR_TREES, maxLevels: 2 };
    expect(fitPipeline(table, allRows(table), options).features[0].steps).toEqual([
      { step: 'ONE_HOT', levels: ['b', 'd'], hasOther: true },
    ]);
  });

  it('keeps 32 levels unless told otherwise, of equally frequent ones the first by name', () => {
    const levels = Array.from({ length: 40 }, (_, i) => `level${String(i).padStart(2, '0')}`);
    const table = tableOf(categorical('city', levels.toReversed()));
    expect(fitPipeline(table, allRows(table), FOR_TREES).features[0].steps).toEqual([
      { step: 'ONE_HOT', levels: levels.slice(0, 32), hasOther: true },
    ]);
  });

  it('does not depend on any row outside the training rows', () => {
    const otherRowsDiffer = arbitraryTable.chain((table) =>
      fc.record({
        table: fc.constant(table),
        trainingRows: fc.subarray([...allRows(table)], { minLength: 1 }),
        noise: fc.double({ min: -1e9, max: 1e9 }),
      }),
    );
    fc.assert(
      fc.property(otherRowsDiffer, ({ table, trainingRows, noise }) => {
        const training = new Set(trainingRows);
        const changed: ColumnTable = {
          rowCount: table.rowCount,
          columns: table.columns.map((column) =>
            column.kind === 'NUMERIC'
              ? { ...column, values: column.values.map((value, row) => (training.has(row) ? value : noise)) }
              : { ...column, values: column.values.map((value, row) => (training.has(row) ? value : `new${row}`)) },
          ),
        };
        const fit = (source: ColumnTable) =>
          attempt(() => fitPipeline(source, Uint32Array.from(trainingRows), FOR_LINEAR));
        expect(fit(changed)).toEqual(fit(table));
      }),
    );
  });

  it('refuses a table without features, and says what to do', () => {
    expect(() => fitPipeline({ rowCount: 3, columns: [] }, Uint32Array.of(0), FOR_TREES)).toThrow(
      new InvalidInput('features', 'there is no input feature. Name at least one feature besides the label.'),
    );
  });

  it('refuses an empty set of training rows', () => {
    const table = tableOf(numeric('tenure', [1]));
    expect(() => fitPipeline(table, new Uint32Array(0), FOR_TREES)).toThrow('split: there are no training rows');
  });

  it('refuses features of which none has a level to encode', () => {
    const table = tableOf(categorical('contract', [null, null, 'year']));
    expect(() => fitPipeline(table, Uint32Array.of(0, 1), FOR_TREES)).toThrow(
      'no feature has a value in any training row',
    );
  });
});

function attempt<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    return String(error);
  }
}
