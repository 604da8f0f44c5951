import { STAGES, TASK_TYPES } from '../../../entities';
import { isGateMetric } from '../metric.policy';
import type { MetricMatch, ModelFilter, ModelVersionFilter, NumberMatch, TextMatch, TimeMatch } from './search-filter';
import type { ScannedName } from './search-scanner';

interface Presence {
  readonly exists?: boolean;
}

/** How a name of the search language is asked about, and which filter that is. `hasKey`: it is one of many, and may be absent. */
export type Field<Filter> =
  | { readonly kind: 'text'; readonly hasKey?: true; readonly filter: (match: TextMatch & Presence) => Filter }
  | { readonly kind: 'number'; readonly hasKey: true; readonly filter: (match: NumberMatch & Presence) => Filter }
  | { readonly kind: 'whole number'; readonly hasKey?: never; readonly filter: (match: NumberMatch) => Filter }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly filter: (values: string[]) => Filter }
  | { readonly kind: 'time'; readonly filter: (match: TimeMatch) => Filter }
  | { readonly kind: 'exact'; readonly filter: (value: string) => Filter };

/** Names that stand alone, and prefixes of names with a key; in lower case, since case does not matter in them. */
interface Fields<Filter> {
  readonly named: Readonly<Record<string, Field<Filter>>>;
  readonly keyed: Readonly<Record<string, (key: string, split: string | null) => Field<Filter>>>;
}

const metric = (name: string, split: string | null): Field<ModelVersionFilter> => ({
  kind: 'number',
  hasKey: true,
  filter: (match): { metric: MetricMatch } => ({ metric: { name, ...(split === null ? {} : { split }), ...match } }),
});

const VERSION_FIELDS: Fields<ModelVersionFilter> = {
  named: {
    name: { kind: 'text', filter: (name) => ({ name }) },
    owner: { kind: 'text', filter: (owner) => ({ owner }) },
    createdby: { kind: 'text', filter: (createdBy) => ({ createdBy }) },
    created: { kind: 'time', filter: (createdAt) => ({ createdAt }) },
    updated: { kind: 'time', filter: (updatedAt) => ({ updatedAt }) },
    version: { kind: 'whole number', filter: (version) => ({ version }) },
    stage: { kind: 'choice', values: STAGES, filter: (stage) => ({ stage: stage as ModelVersionFilter['stage'] }) },
    alias: { kind: 'exact', filter: (alias) => ({ alias }) },
    dataset: { kind: 'exact', filter: (datasetId) => ({ datasetId }) },
    fingerprint: { kind: 'exact', filter: (datasetFingerprint) => ({ datasetFingerprint }) },
    run: { kind: 'exact', filter: (trainingRunId) => ({ trainingRunId }) },
    featureservice: { kind: 'exact', filter: (featureServiceVersionId) => ({ featureServiceVersionId }) },
    text: { kind: 'exact', filter: (text) => ({ text }) },
  },
  keyed: {
    tag: (key) => ({ kind: 'text', hasKey: true, filter: (match) => ({ tag: { key, ...match } }) }),
    'version.tag': (key) => ({ kind: 'text', hasKey: true, filter: (match) => ({ tag: { key, ...match } }) }),
    'model.tag': (key) => ({ kind: 'text', hasKey: true, filter: (match) => ({ modelTag: { key, ...match } }) }),
    param: (name) => ({ kind: 'text', hasKey: true, filter: (match) => ({ param: { name, ...match } }) }),
    metric,
  },
};

/** What models are asked about themselves; the rest is asked about their versions. */
const MODEL_FIELDS: Fields<ModelFilter> = {
  named: {
    name: { kind: 'text', filter: (name) => ({ name }) },
    owner: { kind: 'text', filter: (owner) => ({ owner }) },
    createdby: { kind: 'text', filter: (createdBy) => ({ createdBy }) },
    created: { kind: 'time', filter: (createdAt) => ({ createdAt }) },
    updated: { kind: 'time', filter: (updatedAt) => ({ updatedAt }) },
    task: {
      kind: 'choice',
      values: TASK_TYPES,
      filter: (taskType) => ({ taskType: taskType as ModelFilter['taskType'] }),
    },
    text: { kind: 'exact', filter: (text) => ({ text }) },
  },
  keyed: {
    tag: (key) => ({ kind: 'text', hasKey: true, filter: (match) => ({ tag: { key, ...match } }) }),
    'model.tag': (key) => ({ kind: 'text', hasKey: true, filter: (match) => ({ tag: { key, ...match } }) }),
  },
};

/** @returns null for a name that is none of the fields */
function fieldIn<Filter>({ named, keyed }: Fields<Filter>, { prefix, key, split }: ScannedName): Field<Filter> | null {
  const table = prefix === null ? named : keyed;
  const name = (prefix ?? key).toLowerCase();
  if (!Object.hasOwn(table, name) || (prefix !== null && key === '')) return null;
  // Only metrics are measured on several splits.
  if (split !== null && (name !== 'metric' || split === '')) return null;
  return prefix === null ? named[name] : keyed[name](key, split);
}

/** The metrics of the quality gate need no prefix. */
const gateMetric = ({ prefix, key, split }: ScannedName): Field<ModelVersionFilter> | null =>
  prefix === null && split !== '' && isGateMetric(key) ? metric(key, split) : null;

export const versionField = (name: ScannedName): Field<ModelVersionFilter> | null =>
  fieldIn(VERSION_FIELDS, name) ?? gateMetric(name);

export const modelField = (name: ScannedName): Field<ModelFilter> | null => fieldIn(MODEL_FIELDS, name);

/** For messages; the same ones for models and versions, but for `task`. */
export const FIELD_NAMES: readonly string[] = [
  ...[
    'name',
    'owner',
    'createdBy',
    'created',
    'updated',
    'version',
    'stage',
    'alias',
    'dataset',
    'fingerprint',
    'run',
    'featureService',
    'text',
  ],
  ...[
    'task (of models)',
    'tag.KEY',
    'model.tag.KEY',
    'version.tag.KEY',
    'param.NAME',
    'metric.NAME',
    'a metric of the quality gate',
  ],
];
