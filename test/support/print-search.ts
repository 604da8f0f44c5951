import type { ModelVersionFilter, NumberMatch, TextMatch, TimeMatch } from '../../src/services/registry';

/** A filter of versions in the search language; it has one condition per object, and nothing that the language has no word for. */
export function printSearch(filter: ModelVersionFilter): string {
  const { and, or, not, name, owner, createdBy, createdAt, updatedAt, tag, modelTag, text, version } = filter;
  const { stage, alias, metric, param, datasetId, datasetFingerprint, trainingRunId, featureServiceVersionId } = filter;
  if (and) return `(${and.map(printSearch).join(' ')})`;
  if (or) return `(${or.map(printSearch).join(' OR ')})`;
  if (not) return `NOT ${printSearch(not)}`;
  if (name) return `name${comparison(name)}`;
  if (owner) return `owner${comparison(owner)}`;
  if (createdBy) return `createdBy${comparison(createdBy)}`;
  if (createdAt) return `created${timeComparison(createdAt)}`;
  if (updatedAt) return `updated${timeComparison(updatedAt)}`;
  if (tag) return `tag.${quote(tag.key)}${comparison(tag)}`;
  if (modelTag) return `model.tag.${quote(modelTag.key)}${comparison(modelTag)}`;
  if (param) return `param.${quote(param.name)}${comparison(param)}`;
  if (metric)
    return `metric.${quote(metric.name)}${metric.split == null ? '' : `@${quote(metric.split)}`}${comparison(metric)}`;
  if (version) return `version${comparison(version)}`;
  if (stage) return `stage IN (${stage.join(', ').toLowerCase()})`;
  if (alias) return `alias=${quote(alias)}`;
  if (datasetId) return `dataset:${quote(datasetId)}`;
  if (datasetFingerprint) return `fingerprint=${quote(datasetFingerprint)}`;
  if (trainingRunId) return `run:${quote(trainingRunId)}`;
  if (featureServiceVersionId) return `featureService:${quote(featureServiceVersionId)}`;
  // Always in quotes, since a bare word may be one of the language.
  return inQuotes(text ?? '');
}

const SIGNS = {
  equals: '=',
  notEquals: '!=',
  lessThan: '<',
  atMost: '<=',
  moreThan: '>',
  atLeast: '>=',
  like: ' LIKE ',
  ilike: ' ILIKE ',
} as const;

function comparison(match: NumberMatch | TextMatch | { readonly exists?: boolean | null }): string {
  const [operator, value] =
    Object.entries(match).find(([key]) => key in SIGNS || key === 'in' || key === 'exists') ?? [];
  if (operator === 'exists') return ' EXISTS';
  if (operator === 'in') return ` IN (${(value as (string | number)[]).map(quote).join(',')})`;
  return `${SIGNS[operator as keyof typeof SIGNS]}${quote(value as string | number)}`;
}

const timeComparison = ({ from, before }: TimeMatch): string =>
  from ? `>=${from.toISOString()}` : `<${before?.toISOString()}`;

const inQuotes = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
const quote = (value: string | number): string =>
  typeof value === 'number' || /^[\w-]+$/.test(value) ? String(value) : inQuotes(value);
