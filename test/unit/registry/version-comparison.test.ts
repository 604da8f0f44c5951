import type { ModelVersionMetric, ModelVersionParam } from '../../../src/entities';
import { compareMetrics, compareParams } from '../../../src/services/registry/version-comparison';

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
      { name: 'auc', split: 'held_out', values: [0.84, 0.85], bestIndex: 1 },
      { name: 'logLoss', split: 'held_out', values: [0.4, 0.41], bestIndex: 0 },
    ]);
  });

  it('shows null where a version lacks a metric and marks nothing best where there is nothing to choose', () => {
    expect(compareMetrics(['a', 'b'], [metric('a', 'auc', 0.84)])).toEqual([
      { name: 'auc', split: 'held_out', values: [0.84, null], bestIndex: null },
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
});
