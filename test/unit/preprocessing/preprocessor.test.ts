import fc from 'fast-check';
import type { ColumnTable } from '../../../src/columns';
import {
  fitPipeline,
  type FeatureValue,
  type PreprocessingPipeline,
  Preprocessor,
} from '../../../src/services/preprocessing';
import { allRows, arbitraryTable, categorical, numeric, tableOf } from './arbitrary-table';

const PIPELINE: PreprocessingPipeline = {
  formatVersion: 1,
  features: [
    {
      feature: 'tenure',
      kind: 'NUMERIC',
      steps: [
        { step: 'IMPUTE_MEDIAN', median: 10 },
        { step: 'STANDARDISE', mean: 4, standardDeviation: 2 },
      ],
    },
    {
      feature: 'contract',
      kind: 'CATEGORICAL',
      steps: [{ step: 'ONE_HOT', levels: ['month', 'year'], hasOther: false }],
    },
    { feature: 'charge', kind: 'NUMERIC', steps: [] },
    { feature: 'city', kind: 'CATEGORICAL', steps: [{ step: 'ONE_HOT', levels: ['Bern'], hasOther: true }] },
  ],
};
const preprocessor = new Preprocessor(PIPELINE);
const row = (record: Record<string, FeatureValue>) => [...preprocessor.transformRow(record)];

describe('A preprocessor', () => {
  it('names its columns and the feature that each comes from', () => {
    expect(preprocessor.width).toBe(6);
    expect(preprocessor.columnNames).toEqual([
      'tenure',
      'contract=month',
      'contract=year',
      'charge',
      'city=Bern',
      'city=(other)',
    ]);
    expect(preprocessor.columnFeatures).toEqual(['tenure', 'contract', 'contract', 'charge', 'city', 'city']);
  });

  it('standardises numbers and sets the column of the level', () => {
    expect(row({ tenure: 8, contract: 'year', charge: 0.5, city: 'Bern' })).toEqual([2, 0, 1, 0.5, 1, 0]);
  });

  it('imputes a missing number where the pipeline does, and leaves it NaN elsewhere', () => {
    expect(row({ tenure: null, contract: 'month', charge: null, city: 'Bern' })).toEqual([3, 1, 0, NaN, 1, 0]);
    expect(row({ tenure: Infinity, contract: 'month', charge: -Infinity, city: 'Bern' })).toEqual([3, 1, 0, NaN, 1, 0]);
  });

  it('turns an absent name into a missing value', () => {
    expect(row({})).toEqual([3, 0, 0, NaN, 0, 0]);
  });

  it('gives a level that training never saw zeros, or other where training had other levels too', () => {
    expect(row({ tenure: 8, contract: 'decade', charge: 1, city: 'Rome' })).toEqual([2, 0, 0, 1, 0, 1]);
  });

  it('takes int64 strings, bigints and booleans as numbers, and names levels of booleans and numbers by their text', () => {
    expect(row({ tenure: '8', contract: 'year', charge: 10n, city: true })).toEqual([2, 0, 1, 10, 0, 1]);
    expect(row({ tenure: true, contract: 'year', charge: false, city: 1 })).toEqual([-1.5, 0, 1, 0, 0, 1]);
  });

  it.each(['', ' ', 'eight', '8 months'])('refuses the text %j as a number, by name', (text) => {
    expect(() => row({ tenure: text })).toThrow(`features.tenure: ${JSON.stringify(text)} is not a number`);
  });

  it('cuts numbers to the range of float32 instead of making them infinite', () => {
    const largest = 3.4028234663852886e38;
    expect(row({ charge: 1e300, tenure: -1e300 })).toEqual([-largest / 2, 0, 0, largest, 0, 0]);
  });

  it('writes a row into the place of a shared array that it is told, over whatever was there', () => {
    const target = new Float32Array(18).fill(7);
    preprocessor.transformRow({ tenure: 8, contract: 'year', charge: 0.5, city: 'Bern' }, target, 6);
    expect([...target]).toEqual([7, 7, 7, 7, 7, 7, 2, 0, 1, 0.5, 1, 0, 7, 7, 7, 7, 7, 7]);
  });

  it('transforms chosen rows of a table in the order given', () => {
    const table = tableOf(
      numeric('charge', [1, 2, 3]),
      numeric('tenure', [4, 6, 8]),
      categorical('contract', ['month', null, 'year']),
      categorical('city', ['Bern', 'Rome', null]),
    );
    expect([...preprocessor.transformRows(table, Uint32Array.of(2, 1))]).toEqual([2, 0, 1, 3, 0, 0, 1, 0, 0, 2, 0, 1]);
  });

  it('transforms a row of a table as it does the same row alone', () => {
    const recordOf = (table: ColumnTable, index: number): Record<string, FeatureValue> =>
      Object.fromEntries(table.columns.map(({ name, values }) => [name, values[index]]));
    fc.assert(
      fc.property(arbitraryTable, fc.boolean(), fc.boolean(), (table, impute, scale) => {
        fc.pre(table.columns.some(({ kind, values }) => kind === 'NUMERIC' || values.some((value) => value !== null)));
        const fitted = new Preprocessor(fitPipeline(table, allRows(table), { impute, scale, maxLevels: 2 }));
        const matrix = fitted.transformRows(table);
        for (let index = 0; index < table.rowCount; index++) {
          const alone = fitted.transformRow(recordOf(table, index));
          expect(alone).toEqual(matrix.subarray(index * fitted.width, (index + 1) * fitted.width));
        }
      }),
    );
  });

  it('gives a linear model nothing but finite numbers', () => {
    fc.assert(
      fc.property(arbitraryTable, (table) => {
        fc.pre(table.columns.some(({ kind, values }) => kind === 'NUMERIC' || values.some((value) => value !== null)));
        const fitted = new Preprocessor(fitPipeline(table, allRows(table), { impute: true, scale: true }));
        expect(fitted.transformRows(table).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('refuses a table that lacks a feature', () => {
    expect(() => preprocessor.transformRows(tableOf(numeric('tenure', [1])))).toThrow(
      'features.contract: the table has no column of this name',
    );
  });

  it('refuses a column of another kind than it was fitted on', () => {
    expect(() => preprocessor.transformRows(tableOf(categorical('tenure', ['1'])))).toThrow(
      'features.tenure: the pipeline was fitted on a NUMERIC column, this one is CATEGORICAL',
    );
  });
});
