import type { ColumnTable } from '../../../src/columns';
import type { Algorithm } from '../../../src/entities';
import { Cancelled, InvalidInput } from '../../../src/errors';
import { OnnxModel } from '../../../src/services/onnx';
import { Preprocessor } from '../../../src/services/preprocessing';
import { rocAuc } from '../../../src/services/statistics';
import { fitModel, type FitModelInput, type FittedModel } from '../../../src/services/training/fit-model';
import { syntheticTable } from './synthetic';

const ALGORITHMS: Algorithm[] = ['GRADIENT_BOOSTING', 'LOGISTIC_REGRESSION'];
const data = syntheticTable(1600, 1);
const input = (changes: Partial<FitModelInput> = {}): FitModelInput => ({
  ...data,
  algorithm: 'GRADIENT_BOOSTING',
  parameters: {},
  seed: 42,
  ...changes,
});
const aucOf = ({ heldOutProbabilities, heldOutRows }: FittedModel) =>
  rocAuc(
    heldOutProbabilities,
    Float64Array.from(heldOutRows, (row) => data.labels[row]),
  );

describe.each(ALGORITHMS)('A model fitted by %s', (algorithm) => {
  let fitted: FittedModel;
  beforeAll(async () => {
    fitted = await fitModel(input({ algorithm }));
  });

  it('ranks the held-out rows well', () => {
    expect(fitted.heldOutRows).toHaveLength(400);
    expect(aucOf(fitted)).toBeGreaterThan(0.8);
  });

  it('is exported as it was trained', () => {
    expect(fitted.parityMaxError).toBeLessThan(1e-6);
  });

  it('scores the held-out rows again from its two artifacts alone', async () => {
    const preprocessor = new Preprocessor(fitted.pipeline);
    const model = await OnnxModel.load(fitted.onnx);
    expect(model.width).toBe(preprocessor.width);
    const matrix = preprocessor.transformRows(data.table, fitted.heldOutRows);
    const probabilities = await model.predictProbabilities(matrix, fitted.heldOutRows.length);
    expect(Float64Array.from(probabilities)).toEqual(fitted.heldOutProbabilities);
    await model.release();
  });

  it('names the features by importance, in shares of one', () => {
    const shares = fitted.featureImportance.map(({ share }) => share);
    expect(new Set(fitted.featureImportance.map(({ feature }) => feature))).toEqual(
      new Set(['amount', 'city', 'noise']),
    );
    expect(fitted.featureImportance.at(-1)!.feature).toBe('noise');
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('is the same, byte for byte, for the same seed', async () => {
    expect(await fitModel(input({ algorithm }))).toEqual(fitted);
  });

  it('does not depend on the held-out rows, their features or their labels', async () => {
    const isHeldOut = (row: number) => data.heldOut[row] === 1;
    const table: ColumnTable = {
      rowCount: data.table.rowCount,
      columns: data.table.columns.map((column) =>
        column.kind === 'NUMERIC'
          ? { ...column, values: column.values.map((value, row) => (isHeldOut(row) ? -value : value)) }
          : { ...column, values: column.values.map((value, row) => (isHeldOut(row) ? 'Paris' : value)) },
      ),
    };
    const labels = data.labels.map((label, row) => (isHeldOut(row) ? 1 - label : label));
    const other = await fitModel(input({ algorithm, table, labels }));
    expect(other.onnx).toEqual(fitted.onnx);
    expect(other.pipeline).toEqual(fitted.pipeline);
  });

  it('brings the logistic regression of the same rows as its baseline', async () => {
    const linear = await fitModel(input({ algorithm: 'LOGISTIC_REGRESSION' }));
    const differences = fitted.baseline.heldOutProbabilities.map((p, i) =>
      Math.abs(p - linear.heldOutProbabilities[i]),
    );
    expect(Math.max(...differences)).toBeLessThan(1e-6);
  });

  it('can be sent between threads', () => {
    expect(structuredClone(fitted)).toEqual(fitted);
  });

  it('is trained also with a constant feature and one without any value, which then do not matter', async () => {
    const { rowCount, columns } = data.table;
    const table: ColumnTable = {
      rowCount,
      columns: [
        ...columns,
        { name: 'constant', kind: 'NUMERIC', values: new Float64Array(rowCount).fill(0.1) },
        { name: 'empty', kind: 'NUMERIC', values: new Float64Array(rowCount).fill(NaN) },
        { name: 'blank', kind: 'CATEGORICAL', values: Array<null>(rowCount).fill(null) },
      ],
    };
    const { featureImportance } = await fitModel(input({ algorithm, table }));
    const useless = featureImportance.filter(({ feature }) => ['constant', 'empty', 'blank'].includes(feature));
    expect(useless.map(({ share }) => share)).toEqual([0, 0, 0]);
  });

  it('ends with Cancelled when the signal says so', async () => {
    await expect(fitModel(input({ algorithm }), { signal: { aborted: true } })).rejects.toThrow(Cancelled);
  });
});

describe('Fitting a model', () => {
  it('says how many trees it kept and which parameters it used', async () => {
    const boosted = await fitModel(input({ parameters: { iterations: 5, learningRate: 0.1 } }));
    expect(boosted.treesUsed).toBe(5);
    expect(boosted.parameters).toMatchObject({ iterations: 5, learningRate: 0.1, numLeaves: 15 });
    const linear = await fitModel(input({ algorithm: 'LOGISTIC_REGRESSION', parameters: { l2: 3 } }));
    expect(linear.treesUsed).toBeNull();
    expect(linear.parameters).toEqual({ l2: 3 });
  });

  it('reports every tree', async () => {
    const seen: number[] = [];
    await fitModel(input({ parameters: { iterations: 4 } }), { onIteration: ({ iteration }) => seen.push(iteration) });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('trains on a handful of rows', async () => {
    const tiny = syntheticTable(12, 3);
    const labels = Float64Array.from({ length: 12 }, (_, row) => (row % 3 === 0 ? 1 : 0));
    const { heldOutProbabilities } = await fitModel(input({ ...tiny, labels }));
    expect(heldOutProbabilities).toHaveLength(3);
    expect(heldOutProbabilities.every((probability) => probability > 0 && probability < 1)).toBe(true);
  });

  const ones = new Uint8Array(1600).fill(1);
  it.each<[string, Partial<FitModelInput>, string]>([
    ['labels of one class', { labels: new Float64Array(1600) }, 'labels: all 1200 training rows have the label 0'],
    ['a label that is neither 0 nor 1', { labels: new Float64Array(1600).fill(2) }, 'labels: 2 is not a label'],
    ['a missing label', { labels: new Float64Array(1600).fill(NaN) }, 'labels: NaN is not a label'],
    [
      'too few labels',
      { labels: new Float64Array(3) },
      'labels: there are 3 labels and 1600 split marks for 1600 rows',
    ],
    ['no features', { table: { rowCount: 1600, columns: [] } }, 'features: there is no input feature'],
    ['no training rows', { heldOut: ones }, 'split: it leaves 0 rows to train on and 1600 to judge by'],
    ['no held-out rows', { heldOut: new Uint8Array(1600) }, 'split: it leaves 1600 rows to train on and 0 to judge by'],
    ['an unknown parameter', { parameters: { trees: 3 } }, 'parameters.trees: GRADIENT_BOOSTING has no such parameter'],
  ])('refuses %s, and says what to do', async (_, changes, message) => {
    await expect(fitModel(input(changes))).rejects.toThrow(InvalidInput);
    await expect(fitModel(input(changes))).rejects.toThrow(message);
  });
});
