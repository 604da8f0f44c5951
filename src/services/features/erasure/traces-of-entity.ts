import type { DataSource, EntityManager } from 'typeorm';
import {
  Dataset,
  type DatasetColumn,
  type FeatureEntity,
  FeatureQualityReport,
  type JoinKey,
  type JoinKeyMapping,
} from '../../../entities';
import type { EntityValues, OfflineStore, Work } from '../offline/offline-store';

/**
 * Datasets with rows of an entity: those that carry its join keys, by name and type, or by the names to which the `joinKeyMap` of their feature service
 * maps them, are looked into. Call it when no build that began before the erasure is under way.
 */
export async function datasetsOfEntity(
  { dataSource, offline }: { readonly dataSource: DataSource; readonly offline: OfflineStore },
  { id: entityId, joinKeys }: FeatureEntity,
  entity: EntityValues,
  { signal }: Work,
): Promise<string[]> {
  const ready = await dataSource.manager
    .createQueryBuilder(Dataset, 'dataset')
    .where(`dataset.status = 'READY'`)
    .orderBy('dataset.createdAt', 'DESC')
    .addOrderBy('dataset.id')
    .getMany();
  const found = new Set<string>();
  for (const mapping of [[], ...(await mappingsOf(dataSource, entityId))]) {
    const mapped = (name: string) => mapping.find(({ joinKey }) => joinKey === name)?.entityKey ?? name;
    const keys = joinKeys.map(({ name, dtype }) => ({ name: mapped(name), dtype }));
    const values = Object.fromEntries(Object.entries(entity).map(([name, value]) => [mapped(name), value]));
    const files = ready.flatMap(({ file, columns }) => (file && carries(columns, keys) ? [file] : []));
    for (const file of (await offline.rowsOfEntity(files, keys, values, { signal })).keys()) found.add(file);
  }
  return ready.filter(({ file }) => file !== null && found.has(file)).map(({ id }) => id);
}

/** The different names under which feature services join views of an entity. */
async function mappingsOf(dataSource: DataSource, entityId: string): Promise<JoinKeyMapping[][]> {
  const rows = await dataSource.query<{ mapping: JoinKeyMapping[] }[]>(
    `SELECT DISTINCT feature -> 'joinKeyMap' AS mapping
     FROM feature_service_versions service CROSS JOIN jsonb_array_elements(service.features) AS feature
     JOIN feature_view_versions version ON version.id = (feature ->> 'viewVersionId')::uuid
     JOIN feature_views view ON view.id = version.feature_view_id
     WHERE view.entity_id = $1 AND feature -> 'joinKeyMap' IS NOT NULL`,
    [entityId],
  );
  return rows.map(({ mapping }) => mapping);
}

const carries = (columns: readonly DatasetColumn[] | null, keys: readonly JoinKey[]): boolean =>
  keys.every(({ name, dtype }) =>
    columns?.some((column) => column.role === 'JOIN_KEY' && column.name === name && column.dtype === dtype),
  );

/** Takes an entity out of the failing rows that quality reports show. Their counts stay: they name nobody. */
export async function eraseExamples(
  manager: EntityManager,
  viewVersionId: string,
  entity: EntityValues,
): Promise<void> {
  const reports = await manager
    .createQueryBuilder(FeatureQualityReport, 'report')
    .where('report.featureViewVersionId = :viewVersionId AND report.results @> :shown', {
      viewVersionId,
      shown: JSON.stringify([{ examples: [{ joinKeys: entity }] }]),
    })
    .getMany();
  const isEntity = (joinKeys: EntityValues) => Object.keys(entity).every((name) => joinKeys[name] === entity[name]);
  for (const { id, results } of reports) {
    const without = results.map((result) => ({
      ...result,
      examples: result.examples.filter(({ joinKeys }) => !isEntity(joinKeys as EntityValues)),
    }));
    await manager.update(FeatureQualityReport, { id }, { results: without });
  }
}
