import type { ModelVersionMetric, ModelVersionParam } from '../../../src/entities';
import fc from 'fast-check';
import { higherIsBetter } from '../../../src/services/registry/metric.policy';
import {
  compareLineage,
  compareMetrics,
  compareParams,
  compareSignatures,
} from '../../../src/services/registry/version-comparison';

const metric = (modelVersionId: string, name: string, value: number): ModelVersionMetric => ({
  modelVersionId,
  name,
  split: 'held_out',
  value,
});
const param = (modelVersionId: string, name: string, value: string): ModelVersionParam => ({
  modelVersionId,
  name,
  value,
});

describe('The comparison of versions', () => {
  it('puts metrics side by side in the order of the versions and marks the best by the direction of the metric', () => {
    const metrics = [
      metric('b', 'auc', 0.85),
      metric('a', 'auc', 0.84),
      metric('a', 'logLoss', 0.4),
      metric('b', 'logLoss', 0.41),
    ];
    expect(compareMetrics(['a', 'b'], metrics)).toEqual([
      expect.objectContaining({ name: 'auc', split: 'held_out', values: [0.84, 0.85], bestIndex: 1 }),
      expect.objectContaining({ name: 'logLoss', split: 'held_out', values: [0.4, 0.41], bestIndex: 0 }),
    ]);
  });

  it('shows null where a version lacks a metric and marks nothing best where there is nothing to choose', () => {
    expect(compareMetrics(['a', 'b'], [metric('a', 'auc', 0.84)])).toEqual([
      {
        ...{ name: 'auc', split: 'held_out', higherIsBetter: true, values: [0.84, null], bestIndex: null },
        deltas: [0, null],
      },
    ]);
  });

  it('marks nothing best for a metric whose direction is not known', () => {
    const rows = compareMetrics(['a', 'b'], [metric('a', 'rows', 10), metric('b', 'rows', 20)]);
    expect(rows[0]?.bestIndex).toBeNull();
  });

  it('says which params differ, absence included', () => {
    const params = [param('a', 'trees', '200'), param('b', 'trees', '200'), param('a', 'seed', '42')];
    expect(compareParams(['a', 'b'], params)).toEqual([
      { name: 'seed', values: ['42', null], differ: true },
      { name: 'trees', values: ['200', '200'], differ: false },
    ]);
  });

  it('gives each value’s distance to the baseline that was chosen, and none where either is absent', () => {
    const metrics = [
      metric('a', 'auc', 0.75),
      metric('b', 'auc', 0.5),
      metric('b', 'f1', 0.25),
      metric('c', 'f1', 0.5),
    ];
    const deltas = (baselineIndex: number) =>
      compareMetrics(['a', 'b', 'c'], metrics, baselineIndex).map((row) => row.deltas);
    expect(deltas(0)).toEqual([
      [0, -0.25, null],
      [null, null, null],
    ]);
    expect(deltas(1)).toEqual([
      [0.25, 0, null],
      [null, 0, 0.25],
    ]);
  });

  it('marks a value that none is better than, whatever the values are', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(values, fc.constantFrom('auc', 'logLoss'), (given, name) => {
        const ids = given.map((_, index) => String(index));
        const [row] = compareMetrics(
          ids,
          given.map((value, index) => metric(String(index), name, value)),
        );
        const best = name === 'auc' ? Math.max(...given) : Math.min(...given);
        expect(row.bestIndex === null ? best : given[row.bestIndex]).toBe(best);
        expect(row.bestIndex === null).toBe(new Set(given).size === 1);
      }),
    );
  });

  it.each([
    ['auc', true],
    ['roc_auc', true],
    ['averagePrecision', true],
    ['R2', true],
    ['rmse', false],
    ['log-loss', false],
    ['brier', false],
    ['rows', null],
    ['constructor', null],
  ])('knows of %s whether more is better: %p', (name, expected) => {
    expect(higherIsBetter(name)).toBe(expected);
  });

  it('says which inputs differ, by type or by absence', () => {
    const version = (...inputs: [string, 'INT64' | 'DOUBLE'][]) => ({
      signature: { inputs: inputs.map(([name, dtype]) => ({ name, dtype })) },
    });
    const versions = [
      version(['b', 'INT64'], ['a', 'INT64']),
      version(['a', 'INT64'], ['b', 'DOUBLE'], ['c', 'DOUBLE']),
    ];
    expect(compareSignatures(versions)).toEqual([
      { name: 'a', dtypes: ['INT64', 'INT64'], differ: false },
      { name: 'b', dtypes: ['INT64', 'DOUBLE'], differ: true },
      { name: 'c', dtypes: [null, 'DOUBLE'], differ: true },
    ]);
  });

  it('says which origins differ', () => {
    const origin = { datasetId: 'd', datasetFingerprint: 'f', featureServiceVersionId: 's', trainingRunId: 'r' };
    const rows = compareLineage([
      { ...origin, codeCommit: null },
      { ...origin, trainingRunId: 'q', codeCommit: 'c' },
    ]);
    expect(rows.map(({ fact, differ }) => [fact, differ])).toEqual([
      ['DATASET', false],
      ['DATASET_FINGERPRINT', false],
      ['FEATURE_SERVICE_VERSION', false],
      ['TRAINING_RUN', true],
      ['CODE_COMMIT', true],
    ]);
    expect(rows[3].values).toEqual(['r', 'q']);
  });
});
