import type { ModelVersionMetric, ModelVersionParam } from '../../entities';
import { GATE_METRICS, isGateMetric } from './quality-gate.policy';

export interface MetricComparison {
  readonly name: string;
  readonly split: string;
  /** In the order of the versions; null where a version lacks the metric. */
  readonly values: readonly (number | null)[];
  /** Index of the best value; null when it is not known which way is better, or when all are equal or absent. */
  readonly bestIndex: number | null;
}

export interface ParamComparison {
  readonly name: string;
  readonly values: readonly (string | null)[];
  readonly differ: boolean;
}

/** A table of metrics, one row per (split, metric), sorted by name. */
export function compareMetrics(
  versionIds: readonly string[],
  metrics: readonly ModelVersionMetric[],
): MetricComparison[] {
  const rows = new Map<string, { name: string; split: string; values: (number | null)[] }>();
  for (const { modelVersionId, name, split, value } of metrics) {
    const key = JSON.stringify([name, split]);
    const row = rows.get(key) ?? { name, split, values: versionIds.map(() => null) };
    row.values[versionIds.indexOf(modelVersionId)] = value;
    rows.set(key, row);
  }
  return [...rows.values()]
    .sort((a, b) => a.name.localeCompare(b.name) || a.split.localeCompare(b.split))
    .map((row) => ({ ...row, bestIndex: bestIndex(row.name, row.values) }));
}

export function compareParams(versionIds: readonly string[], params: readonly ModelVersionParam[]): ParamComparison[] {
  const names = [...new Set(params.map((param) => param.name))].sort();
  return names.map((name) => {
    const values = versionIds.map(
      (id) => params.find((param) => param.modelVersionId === id && param.name === name)?.value ?? null,
    );
    return { name, values, differ: new Set(values).size > 1 };
  });
}

function bestIndex(name: string, values: readonly (number | null)[]): number | null {
  if (!isGateMetric(name)) return null;
  const present = values.filter((value) => value !== null);
  if (new Set(present).size < 2) return null;
  return values.indexOf(GATE_METRICS[name].higherIsBetter ? Math.max(...present) : Math.min(...present));
}
