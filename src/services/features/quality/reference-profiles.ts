import type { DataSource, EntityManager } from 'typeorm';
import type { FeatureField, FeatureQualityRule, StoredColumnProfile, StoredColumnStatistics } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { ruleName } from './quality-rules.policy';

type Database = DataSource | EntityManager;

/** What a report on the view, of any version, says of the field. */
const OF_REPORT = `
  SELECT 'READY' AS status, jsonb_path_query_first(r.statistics, '$[*] ? (@.name == $name)', jsonb_build_object('name', $3::text)) AS statistics
  FROM feature_quality_reports r
  JOIN feature_view_versions vv ON vv.id = r.feature_view_version_id
  JOIN feature_views v ON v.id = vv.feature_view_id
  WHERE r.id = $1 AND v.name = $2`;

/** What a dataset says of the feature that it has of the field. */
const OF_DATASET = `
  SELECT d.status, jsonb_path_query_first(d.statistics, '$[*] ? (@.name == $name)', jsonb_build_object('name', feature->>'name')) AS statistics
  FROM datasets d
  JOIN feature_service_versions s ON s.id = d.feature_service_version_id
  LEFT JOIN LATERAL (
    SELECT feature FROM jsonb_array_elements(s.features) WITH ORDINALITY f(feature, n)
    WHERE feature->>'view' = $2 AND feature->>'field' = $3 ORDER BY n LIMIT 1
  ) f ON true
  WHERE d.id = $1`;

/** The profile that a DRIFT rule compares with, or what is wrong with its reference. */
async function readReference(
  database: Database,
  view: string,
  rule: FeatureQualityRule,
  fields: readonly FeatureField[],
): Promise<StoredColumnProfile | { readonly problem: string }> {
  if (!rule.reference) throw new Error('A DRIFT rule has a reference');
  const { kind, id } = rule.reference;
  const sql = kind === 'Dataset' ? OF_DATASET : OF_REPORT;
  const found = await database.query<{ status: string; statistics: StoredColumnStatistics | null }[]>(sql, [
    id,
    view,
    rule.field,
  ]);
  if (found.length === 0)
    return { problem: kind === 'Dataset' ? 'there is no such dataset' : `there is no such quality report on ${view}` };
  const [{ status, statistics }] = found;
  if (status !== 'READY') return { problem: `the dataset is ${status}; wait until it is READY` };
  if (!statistics) return { problem: `it has no field ${rule.field} of ${view}` };
  if (!statistics.profile) return { problem: 'it was made before profiles were kept; make a new one' };
  const dtype = fields.find(({ name }) => name === rule.field)?.dtype;
  if (statistics.dtype !== dtype)
    return { problem: `${rule.field} is ${statistics.dtype} there and ${dtype} here; name a newer one` };
  if (statistics.count === statistics.nullCount)
    return { problem: `it has no values of ${rule.field}; name one that has` };
  return statistics.profile;
}

/**
 * Checks that what DRIFT rules compare with is there and can be compared.
 * @throws InvalidInput naming the rule
 */
export async function checkReferences(
  database: Database,
  view: string,
  rules: readonly FeatureQualityRule[],
  fields: readonly FeatureField[],
): Promise<void> {
  for (const [index, rule] of rules.entries()) {
    if (rule.kind !== 'DRIFT') continue;
    const read = await readReference(database, view, rule, fields);
    if ('problem' in read)
      throw new InvalidInput(
        ['input', 'qualityRules', String(index), 'referenceId'],
        `${ruleName(rule)}: ${read.problem}`,
      );
  }
}

/** What the DRIFT rules of a view compare with; a rule whose reference is of no use is not among them. */
export async function referenceProfiles(
  database: Database,
  view: string,
  rules: readonly FeatureQualityRule[],
  fields: readonly FeatureField[],
): Promise<Map<FeatureQualityRule, StoredColumnProfile>> {
  const profiles = new Map<FeatureQualityRule, StoredColumnProfile>();
  for (const rule of rules) {
    if (rule.kind !== 'DRIFT') continue;
    const read = await readReference(database, view, rule, fields);
    if (!('problem' in read)) profiles.set(rule, read);
  }
  return profiles;
}
