import type { DataSource, EntityManager } from 'typeorm';
import { Dataset, type FeatureEntity, FeatureQualityReport } from '../../../entities';
import type { EntityValues, OfflineStore, Work } from '../offline/offline-store';

/**
 * Datasets with rows of an entity: those that carry its join keys, by name and type, are looked into. Call it when no build that began before the
 * erasure is under way.
 */
export async function datasetsOfEntity(
  { dataSource, offline }: { readonly dataSource: DataSource; readonly offline: OfflineStore },
  { joinKeys }: FeatureEntity,
  entity: EntityValues,
  { signal }: Work,
): Promise<string[]> {
  const ready = await dataSource.manager
    .createQueryBuilder(Dataset, 'dataset')
    .where(`dataset.status = 'READY'`)
    .orderBy('dataset.createdAt', 'DESC')
    .addOrderBy('dataset.id')
    .getMany();
  const candidates = new Map<string, string>();
  for (const { id, file, columns } of ready) {
    const hasKeys = joinKeys.every(({ name, dtype }) =>
      columns?.some((column) => column.role === 'JOIN_KEY' && column.name === name && column.dtype === dtype),
    );
    if (file && hasKeys) candidates.set(file, id);
  }
  const found = await offline.rowsOfEntity([...candidates.keys()], joinKeys, entity, { signal });
  return [...candidates].filter(([file]) => found.has(file)).map(([, id]) => id);
}

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
