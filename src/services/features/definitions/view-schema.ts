import type { DataSource, EntityManager } from 'typeorm';
import type { FeatureField, JoinKey } from '../../../entities';
import { NotFound } from '../../../errors';
import type { RowSchema } from '../rows/row-slice';

/** One version of a view with the join keys of its entity: all that is needed to read its rows. It never changes. */
export interface ViewSchema extends RowSchema {
  readonly viewId: string;
  readonly view: string;
  readonly viewVersionId: string;
  readonly version: number;
  readonly joinKeys: readonly JoinKey[];
  readonly fields: readonly FeatureField[];
  readonly ttlSeconds: number | null;
}

const SELECT = `
  SELECT v.id AS "viewId", v.name AS "view", vv.id AS "viewVersionId", vv.version, e.join_keys AS "joinKeys", vv.fields,
    vv.ttl_seconds AS "ttlSeconds"
  FROM feature_views v
  JOIN feature_view_versions vv ON vv.feature_view_id = v.id
  JOIN feature_entities e ON e.id = v.entity_id`;

/** The current versions of views, by name, without those that do not exist. */
export async function currentSchemas(
  database: DataSource | EntityManager,
  names: readonly string[],
): Promise<Map<string, ViewSchema>> {
  const rows = await database.query<ViewSchema[]>(
    `${SELECT} WHERE v.name = ANY($1) AND vv.version = v.current_version`,
    [names],
  );
  return new Map(rows.map((row) => [row.view, row]));
}

/**
 * The current version of a view.
 * @param field where the name stands in the request
 * @throws NotFound
 */
export async function currentSchema(
  database: DataSource | EntityManager,
  name: string,
  field: readonly string[] = ['input', 'view'],
): Promise<ViewSchema> {
  const schema = (await currentSchemas(database, [name])).get(name);
  if (!schema) throw new NotFound('feature view', name, 'Create it with applyFeatureView.', field);
  return schema;
}

/**
 * The current version of a view that is named as the subject of a job, 'FeatureView:<uuid>'.
 * @throws NotFound
 */
export async function currentSchemaOfSubject(
  database: DataSource | EntityManager,
  subject: string,
): Promise<ViewSchema> {
  const id = subject.slice(subject.indexOf(':') + 1);
  const [schema] = await database.query<ViewSchema[]>(`${SELECT} WHERE v.id = $1 AND vv.version = v.current_version`, [
    id,
  ]);
  if (!schema) throw new NotFound('feature view', id);
  return schema;
}

/** Versions of views by their ids. */
export async function schemasOfVersions(
  database: DataSource | EntityManager,
  viewVersionIds: readonly string[],
): Promise<Map<string, ViewSchema>> {
  const rows = await database.query<ViewSchema[]>(`${SELECT} WHERE vv.id = ANY($1)`, [viewVersionIds]);
  return new Map(rows.map((row) => [row.viewVersionId, row]));
}
