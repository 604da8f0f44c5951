import type { Dtype, ModelVersion, ModelVersionMetric, ModelVersionParam } from '../../entities';
import { higherIsBetter } from './metric.policy';

export interface MetricComparison {
  readonly name: string;
  readonly split: string;
  /** null: not known. */
  readonly higherIsBetter: boolean | null;
  /** In the order of the versions; null where a version lacks the metric. */
  readonly values: readonly (number | null)[];
  /** Value minus that of the baseline version, in the metric's unit; null where either lacks it. */
  readonly deltas: readonly (number | null)[];
  /** Index of the best value; null when it is not known which way is better, or when all are equal or absent. */
  readonly bestIndex: number | null;
}

export interface ParamComparison {
  readonly name: string;
  readonly values: readonly (string | null)[];
  readonly differ: boolean;
}

export interface InputComparison {
  readonly name: string;
  /** In the order of the versions; null where a version does not take it. */
  readonly dtypes: readonly (Dtype | null)[];
  readonly differ: boolean;
}

/** What a version was made from. */
export const LINEAGE_FACTS = [
  'DATASET',
  'DATASET_FINGERPRINT',
  'FEATURE_SERVICE_VERSION',
  'TRAINING_RUN',
  'CODE_COMMIT',
] as const;
export type LineageFact = (typeof LINEAGE_FACTS)[number];

export interface LineageComparison {
  readonly fact: LineageFact;
  /** In the order of the versions; null where it is not known. Datasets, feature service versions and runs by their uuid. */
  readonly values: readonly (string | null)[];
  readonly differ: boolean;
}

/** A table of metrics, one row per (split, metric), sorted by name. @param baselineIndex of the version that deltas are against */
export function compareMetrics(
  versionIds: readonly string[],
  metrics: readonly ModelVersionMetric[],
  baselineIndex = 0,
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
    .map((row) => {
      const higher = higherIsBetter(row.name);
      const deltas = deltasTo(row.values[baselineIndex], row.values);
      return { ...row, higherIsBetter: higher, deltas, bestIndex: bestIndex(higher, row.values) };
    });
}

export function compareParams(versionIds: readonly string[], params: readonly ModelVersionParam[]): ParamComparison[] {
  const names = [...new Set(params.map((param) => param.name))].sort();
  return names.map((name) => {
    const values = versionIds.map(
      (id) => params.find((param) => param.modelVersionId === id && param.name === name)?.value ?? null,
    );
    return { name, values, differ: differ(values) };
  });
}

/** The inputs of all signatures, by name: an input that a version lacks differs as much as one of another type. */
export function compareSignatures(versions: readonly Pick<ModelVersion, 'signature'>[]): InputComparison[] {
  const types = versions.map(({ signature }) => new Map(signature.inputs.map(({ name, dtype }) => [name, dtype])));
  const names = [...new Set(types.flatMap((inputs) => [...inputs.keys()]))].sort();
  return names.map((name) => {
    const dtypes = types.map((inputs) => inputs.get(name) ?? null);
    return { name, dtypes, differ: differ(dtypes) };
  });
}

type Lineage = Pick<
  ModelVersion,
  'datasetId' | 'datasetFingerprint' | 'featureServiceVersionId' | 'trainingRunId' | 'codeCommit'
>;

const VALUE_OF: Readonly<Record<LineageFact, (version: Lineage) => string | null>> = {
  DATASET: ({ datasetId }) => datasetId,
  DATASET_FINGERPRINT: ({ datasetFingerprint }) => datasetFingerprint,
  FEATURE_SERVICE_VERSION: ({ featureServiceVersionId }) => featureServiceVersionId,
  TRAINING_RUN: ({ trainingRunId }) => trainingRunId,
  CODE_COMMIT: ({ codeCommit }) => codeCommit,
};

/** Every fact, in one order. */
export const compareLineage = (versions: readonly Lineage[]): LineageComparison[] =>
  LINEAGE_FACTS.map((fact) => {
    const values = versions.map(VALUE_OF[fact]);
    return { fact, values, differ: differ(values) };
  });

const differ = (values: readonly (string | null)[]): boolean => new Set(values).size > 1;

const deltasTo = (baseline: number | null, values: readonly (number | null)[]): (number | null)[] =>
  values.map((value) => (value === null || baseline === null ? null : value - baseline));

function bestIndex(higher: boolean | null, values: readonly (number | null)[]): number | null {
  if (higher === null) return null;
  const present = values.filter((value) => value !== null);
  if (new Set(present).size < 2) return null;
  return values.indexOf(higher ? Math.max(...present) : Math.min(...present));
}
