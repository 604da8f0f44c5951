import { InvalidInput } from '../../../errors';
import { HELD_OUT } from '../version.service';
import type { MetricMatch, ModelFilter, ModelVersionFilter, ParamMatch, TagMatch, TextMatch } from './search-filter';
import {
  allOf,
  checkedText,
  type FilterPath,
  numberConditions,
  oneOf,
  type SqlValues,
  textConditions,
  timeConditions,
  wordQueries,
} from './sql-conditions';

/** What a global id names, for those that a filter can hold. */
export type SearchableKind = 'Dataset' | 'FeatureServiceVersion' | 'TrainingRun';

/** Where a condition is compiled. */
export interface Place {
  readonly path: FilterPath;
  readonly values: SqlValues;
  /** The uuid behind a global id. @throws InvalidInput when it is not one of that kind */
  readonly keyOf: (id: string, kind: SearchableKind, field: FilterPath) => string;
}

/** A filter as SQL over the rows `model` (of a version: its model) and, in searches of versions, `version`. */
export interface Condition {
  readonly sql: string;
  /** Statements that select by an index the ids of all rows that the condition can hold for, and maybe more; none where no index helps. */
  readonly candidates: readonly string[];
}

type Term<Value> = (value: Value, place: Place) => Condition;
type Terms<Filter, Structure extends keyof Filter> = {
  readonly [Key in Exclude<keyof Filter, Structure>]-?: Term<NonNullable<Filter[Key]>>;
};

const MODELS = 'SELECT model.id FROM models AS model WHERE model.deleted_at IS NULL';
const VERSIONS = 'SELECT version.id FROM model_versions AS version WHERE true';
const VERSIONS_OF_MODELS =
  'SELECT version.id FROM models AS model JOIN model_versions AS version ON version.model_id = model.id WHERE model.deleted_at IS NULL';

/** @param rows where an index finds those for which the conditions hold; null where none does */
function conditionOf(conditions: readonly string[], rows: string | null, path: FilterPath): Condition {
  if (conditions.length === 0) throw new InvalidInput(path, 'the condition is empty; say what to compare with');
  const sql = allOf(conditions);
  return { sql, candidates: rows === null ? [] : [`${rows} AND ${sql}`] };
}

const isIndexed = (match: TextMatch): boolean => match.equals != null || match.in != null;

function textTerm(expression: string, rows: (match: TextMatch) => string | null): Term<TextMatch> {
  return (match, { path, values }) => conditionOf(textConditions(expression, match, path, values), rows(match), path);
}

/** What holds of a thing that may be absent. @param holds conditions that need it to be there; @param absent one for when it is not */
function presence(
  match: { readonly exists?: boolean | null },
  holds: readonly string[],
  { there, absent }: { readonly there: string; readonly absent: string },
  path: FilterPath,
): string[] {
  if (match.exists !== false) return match.exists ? [there, ...holds] : [...holds];
  if (holds.length > 0)
    throw new InvalidInput(
      [...path, 'exists'],
      'what is absent has no value to compare with; leave out the other conditions',
    );
  return [absent];
}

function tagTerm(tags: string, rows: string): Term<TagMatch> {
  return (match, { path, values }) => {
    const key = checkedText(match.key, [...path, 'key']);
    const value = `(${tags} ->> CAST(${values.add(key)} AS text))`;
    const { equals, in: among, ...others } = match;
    // Containment is what the index on tags answers.
    const contains = (text: string, at: FilterPath) =>
      `${tags} @> CAST(${values.add(JSON.stringify({ [key]: checkedText(text, at) }))} AS jsonb)`;
    const holds = textConditions(value, others, path, values);
    if (equals != null) holds.push(contains(equals, [...path, 'equals']));
    if (among != null) {
      // Asked for its checks.
      oneOf(value, among, [...path, 'in'], values);
      holds.push(among.map((text) => contains(text, [...path, 'in'])).join(' OR '));
    }
    const conditions = presence(match, holds, { there: `${value} IS NOT NULL`, absent: `${value} IS NULL` }, path);
    return conditionOf(conditions, isIndexed(match) ? rows : null, path);
  };
}

/** A condition on one row of a table of versions' properties. */
function propertyTerm(
  { table, indexed }: { readonly table: string; readonly indexed: string },
  match: { readonly exists?: boolean | null },
  key: readonly string[],
  holds: readonly string[],
  path: FilterPath,
): Condition {
  const row = (conditions: readonly string[]) => `FROM ${table} AS property WHERE ${allOf([...key, ...conditions])}`;
  const ofVersion = (conditions: readonly string[]) =>
    `EXISTS (SELECT 1 ${row(['property.model_version_id = version.id', ...conditions])})`;
  if (holds.length === 0 && match.exists == null) return conditionOf([], null, path);
  if (match.exists === false) {
    const absent = `NOT ${ofVersion([])}`;
    return conditionOf(presence(match, holds, { there: '', absent }, path), null, path);
  }
  // In the order of the index, so that it is read from there: the planner knows neither how the values of one name are spread nor, hence, that few match.
  const ordered = `SELECT property.model_version_id AS id ${row(holds)} ORDER BY ${indexed}`;
  return { sql: ofVersion(holds), candidates: [`SELECT ordered.id FROM (${ordered}) AS ordered`] };
}

const metric: Term<MetricMatch> = (match, { path, values }) => {
  const name = checkedText(match.name, [...path, 'name']);
  const split = checkedText(match.split ?? HELD_OUT, [...path, 'split']);
  const key = [`property.name = ${values.add(name)}`, `property.split = ${values.add(split)}`];
  const holds = numberConditions('property.value', 'double precision', match, path, values);
  return propertyTerm({ table: 'model_version_metrics', indexed: 'property.value' }, match, key, holds, path);
};

const param: Term<ParamMatch> = (match, { path, values }) => {
  const key = [`property.name = ${values.add(checkedText(match.name, [...path, 'name']))}`];
  const holds = textConditions('property.value', match, path, values);
  // The index holds the beginning of the value.
  if (match.equals != null) holds.push(`left(property.value, 100) = left(${values.add(match.equals)}, 100)`);
  return propertyTerm({ table: 'model_version_params', indexed: 'left(property.value, 100)' }, match, key, holds, path);
};

function lineage(column: string, kind: SearchableKind): Term<string> {
  return (id, { path, values, keyOf }) =>
    conditionOf([`version.${column} = CAST(${values.add(keyOf(id, kind, path))} AS uuid)`], VERSIONS, path);
}

/** Every word is in the model's name or description or in the version's description. */
const textOfVersion: Term<string> = (text, { path, values }) => {
  const words = wordQueries(text, path).map((word) => `to_tsquery('simple', ${values.add(word)})`);
  return {
    sql: allOf(words.map((word) => `version.words @@ ${word} OR model.words @@ ${word}`)),
    candidates: words.map(
      (word) => `${VERSIONS} AND version.words @@ ${word} UNION ALL ${VERSIONS_OF_MODELS} AND model.words @@ ${word}`,
    ),
  };
};

/**
 * What a filter of versions can ask, by its field, as SQL. A new field is a line in ModelVersionFilter, one here and one in the GraphQL input; it
 * is in the search language once it has a line in search-fields.ts.
 */
export const VERSION_TERMS: Terms<ModelVersionFilter, 'and' | 'or' | 'not'> = {
  name: textTerm('model.name', () => VERSIONS_OF_MODELS),
  owner: textTerm('model.owner', () => VERSIONS_OF_MODELS),
  createdBy: textTerm('version.created_by', (match) => (isIndexed(match) ? VERSIONS : null)),
  createdAt: (match, { path, values }) =>
    conditionOf(timeConditions('version.created_at', match, values), VERSIONS, path),
  updatedAt: (match, { path, values }) =>
    conditionOf(timeConditions('version.updated_at', match, values), VERSIONS, path),
  tag: tagTerm('version.tags', VERSIONS),
  modelTag: tagTerm('model.tags', VERSIONS_OF_MODELS),
  text: textOfVersion,
  version: (match, { path, values }) =>
    conditionOf(numberConditions('version.version', 'integer', match, path, values), VERSIONS, path),
  stage: (stages, { path, values }) => conditionOf([oneOf('version.stage', stages, path, values)], VERSIONS, path),
  alias: (alias, { path, values }) => {
    const named = `alias.alias = ${values.add(checkedText(alias, path))}`;
    return {
      sql: `EXISTS (SELECT 1 FROM model_aliases AS alias WHERE alias.model_version_id = version.id AND ${named})`,
      candidates: [`SELECT alias.model_version_id AS id FROM model_aliases AS alias WHERE ${named}`],
    };
  },
  metric,
  param,
  datasetId: lineage('dataset_id', 'Dataset'),
  datasetFingerprint: (fingerprint, { path, values }) =>
    conditionOf([`version.dataset_fingerprint = ${values.add(checkedText(fingerprint, path))}`], VERSIONS, path),
  trainingRunId: lineage('training_run_id', 'TrainingRun'),
  featureServiceVersionId: lineage('feature_service_version_id', 'FeatureServiceVersion'),
};

/** The same for models; `hasVersion` is the compiler's, since it leads to the other table. */
export const MODEL_TERMS: Terms<ModelFilter, 'and' | 'or' | 'not' | 'hasVersion'> = {
  name: textTerm('model.name', (match) => (isIndexed(match) ? MODELS : null)),
  owner: textTerm('model.owner', (match) => (isIndexed(match) ? MODELS : null)),
  createdBy: textTerm('model.created_by', () => null),
  createdAt: (match, { path, values }) => conditionOf(timeConditions('model.created_at', match, values), null, path),
  updatedAt: (match, { path, values }) => conditionOf(timeConditions('model.updated_at', match, values), null, path),
  tag: tagTerm('model.tags', MODELS),
  text: (text, { path, values }) => {
    const words = wordQueries(text, path).map((word) => `model.words @@ to_tsquery('simple', ${values.add(word)})`);
    return { sql: allOf(words), candidates: words.map((word) => `${MODELS} AND ${word}`) };
  },
  taskType: (types, { path, values }) => conditionOf([oneOf('model.task_type', types, path, values)], null, path),
};
