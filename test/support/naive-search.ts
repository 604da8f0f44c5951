import type { DataSource } from 'typeorm';
import { Model, ModelAlias, ModelVersion, ModelVersionMetric, ModelVersionParam } from '../../src/entities';
import type {
  ModelFilter,
  ModelVersionFilter,
  NumberMatch,
  TagMatch,
  TextMatch,
  TimeMatch,
} from '../../src/services/registry';

/** A version with all that a filter can ask about. */
export interface SearchedVersion {
  readonly version: ModelVersion;
  readonly metrics: readonly ModelVersionMetric[];
  readonly params: readonly ModelVersionParam[];
  readonly aliases: readonly string[];
}

export interface SearchedModel {
  readonly model: Model;
  readonly versions: readonly SearchedVersion[];
}

/** The whole registry, models by name, versions by number. */
export async function readRegistry(dataSource: DataSource): Promise<SearchedModel[]> {
  const { manager } = dataSource;
  const [models, versions, metrics, params, aliases] = await Promise.all([
    manager.find(Model),
    manager.find(ModelVersion, { order: { version: 'ASC' } }),
    manager.find(ModelVersionMetric),
    manager.find(ModelVersionParam),
    manager.find(ModelAlias),
  ]);
  return models
    .filter(({ deletedAt }) => deletedAt === null)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((model) => ({
      model,
      versions: versions
        .filter(({ modelId, deletedAt }) => modelId === model.id && deletedAt === null)
        .map((version) => ({
          version,
          metrics: metrics.filter(({ modelVersionId }) => modelVersionId === version.id),
          params: params.filter(({ modelVersionId }) => modelVersionId === version.id),
          aliases: aliases.filter(({ modelVersionId }) => modelVersionId === version.id).map(({ alias }) => alias),
        })),
    }));
}

/** What filters mean, row by row and with no thought of speed: the judge of the compiler. Lineage ids are compared as they are. */
export function versionMatches(model: Model, searched: SearchedVersion, filter: ModelVersionFilter): boolean {
  const { version, metrics, params, aliases } = searched;
  const again = (inner: ModelVersionFilter) => versionMatches(model, searched, inner);
  return every([
    structure(filter, again),
    given(filter.name, (match) => textMatches(model.name, match)),
    given(filter.owner, (match) => textMatches(model.owner, match)),
    given(filter.createdBy, (match) => textMatches(version.createdBy, match)),
    given(filter.createdAt, (match) => timeMatches(version.createdAt, match)),
    given(filter.updatedAt, (match) => timeMatches(version.updatedAt, match)),
    given(filter.tag, (match) => tagMatches(version.tags, match)),
    given(filter.modelTag, (match) => tagMatches(model.tags, match)),
    given(filter.text, (text) => wordsMatch([model.name, model.description, version.description], text)),
    given(filter.version, (match) => numberMatches(version.version, match)),
    given(filter.stage, (stages) => stages.includes(version.stage)),
    given(filter.alias, (alias) => aliases.includes(alias)),
    given(filter.metric, ({ name, split, exists, ...match }) => {
      const metric = metrics.find((row) => row.name === name && row.split === (split ?? 'held_out'));
      if (exists === false) return metric === undefined;
      return metric !== undefined && numberMatches(metric.value, match);
    }),
    given(filter.param, ({ name, ...match }) => {
      const values = Object.fromEntries(params.map((row) => [row.name, row.value]));
      return tagMatches(values, { key: name, ...match });
    }),
    given(filter.datasetId, (id) => version.datasetId === id),
    given(filter.datasetFingerprint, (fingerprint) => version.datasetFingerprint === fingerprint),
    given(filter.trainingRunId, (id) => version.trainingRunId === id),
    given(filter.featureServiceVersionId, (id) => version.featureServiceVersionId === id),
  ]);
}

export function modelMatches(searched: SearchedModel, filter: ModelFilter): boolean {
  const { model, versions } = searched;
  return every([
    structure(filter, (inner) => modelMatches(searched, inner)),
    given(filter.name, (match) => textMatches(model.name, match)),
    given(filter.owner, (match) => textMatches(model.owner, match)),
    given(filter.createdBy, (match) => textMatches(model.createdBy, match)),
    given(filter.createdAt, (match) => timeMatches(model.createdAt, match)),
    given(filter.updatedAt, (match) => timeMatches(model.updatedAt, match)),
    given(filter.tag, (match) => tagMatches(model.tags, match)),
    given(filter.text, (text) => wordsMatch([model.name, model.description], text)),
    given(filter.taskType, (types) => types.includes(model.taskType)),
    given(filter.hasVersion, (inner) => versions.some((version) => versionMatches(model, version, inner))),
  ]);
}

const every = (answers: readonly boolean[]): boolean => answers.every(Boolean);
const given = <Value>(value: Value | null | undefined, holds: (value: Value) => boolean): boolean =>
  value === null || value === undefined || holds(value);

interface Structure<Filter> {
  readonly and?: readonly Filter[] | null;
  readonly or?: readonly Filter[] | null;
  readonly not?: Filter | null;
}

const structure = <Filter>({ and, or, not }: Structure<Filter>, matches: (filter: Filter) => boolean): boolean =>
  every([
    given(and, (filters) => filters.every(matches)),
    given(or, (filters) => filters.some(matches)),
    given(not, (filter) => !matches(filter)),
  ]);

function textMatches(text: string, { equals, notEquals, like, ilike, in: among }: TextMatch): boolean {
  return every([
    given(equals, (value) => text === value),
    given(notEquals, (value) => text !== value),
    given(like, (pattern) => patternToExpression(pattern, '').test(text)),
    given(ilike, (pattern) => patternToExpression(pattern, 'i').test(text)),
    given(among, (values) => values.includes(text)),
  ]);
}

function patternToExpression(pattern: string, flags: string): RegExp {
  const source = pattern.replace(/\\(.)|([%_])|([^%_\\])/gsu, (_, escaped?: string, wild?: string, plain?: string) => {
    if (wild !== undefined) return wild === '%' ? '.*' : '.';
    return (escaped ?? plain ?? '').replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, `su${flags}`);
}

function numberMatches(number: number, match: NumberMatch): boolean {
  return every([
    given(match.equals, (value) => number === value),
    given(match.notEquals, (value) => number !== value),
    given(match.lessThan, (value) => number < value),
    given(match.atMost, (value) => number <= value),
    given(match.moreThan, (value) => number > value),
    given(match.atLeast, (value) => number >= value),
    given(match.in, (values) => values.includes(number)),
  ]);
}

const timeMatches = (time: Date, { from, before }: TimeMatch): boolean =>
  every([given(from, (value) => time >= value), given(before, (value) => time < value)]);

function tagMatches(tags: Readonly<Record<string, string>>, { key, exists, ...match }: TagMatch): boolean {
  const isThere = Object.hasOwn(tags, key);
  return exists === false ? !isThere : isThere && textMatches(tags[key], match);
}

function wordsMatch(texts: readonly string[], text: string): boolean {
  const words = texts.flatMap((content) => content.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  const wanted = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}
