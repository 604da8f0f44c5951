import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager } from 'typeorm';
import { FeatureEntity, type JoinKey } from '../../../entities';
import { InUse, InvalidInput } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { inTransaction, type KeysetOrder, type ListArgs, listPage, type Page } from '../../database';
import { type Actor, authorize } from '../../identity';
import { checkName, checkNames } from './feature-names.policy';
import { mergeMetadata, type MetadataInput, newMetadata } from './metadata.policy';

export interface ApplyEntityInput extends MetadataInput {
  readonly name: string;
  readonly joinKeys: readonly JoinKey[];
}

export const BY_NAME: KeysetOrder = { by: ['name'], direction: 'ASC' };
const MAX_JOIN_KEYS = 8;

/** What features describe. */
export class EntityDefinitions {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /**
   * Makes the entity what the input says; applying the same again changes nothing.
   * @throws InvalidInput, or InUse when its join keys would change under a view
   */
  apply(input: ApplyEntityInput, actor: Actor): Promise<FeatureEntity> {
    authorize(actor, 'feature.apply');
    checkName(input.name, ['input', 'name']);
    const joinKeys = checkedJoinKeys(input.joinKeys);
    return inTransaction(this.deps.dataSource, async (manager) => {
      const created = await this.insert(manager, input, joinKeys, actor);
      const entity = await manager.findOneOrFail(FeatureEntity, {
        where: { name: input.name },
        lock: { mode: 'pessimistic_write' },
      });
      const changes = { ...mergeMetadata(input, entity), joinKeys };
      const { description, owner, tags } = entity;
      if (!created && isDeepStrictEqual(changes, { description, owner, tags, joinKeys: entity.joinKeys }))
        return entity;
      if (!created) {
        if (!isDeepStrictEqual(joinKeys, entity.joinKeys)) await this.checkUnused(manager, entity);
        await manager.update(
          FeatureEntity,
          { id: entity.id },
          { ...changes, revision: entity.revision + 1, updatedAt: () => 'now()' },
        );
      }
      await this.deps.audit.append(manager, {
        modelId: null,
        actor,
        action: 'feature.applyEntity',
        subject: `FeatureEntity:${entity.id}`,
        details: { name: input.name, ...changes },
      });
      return manager.findOneByOrFail(FeatureEntity, { id: entity.id });
    });
  }

  find(ids: readonly string[]): Promise<FeatureEntity[]> {
    return this.rows().where('entity.id = ANY(:ids)', { ids }).getMany();
  }

  list(args: ListArgs): Promise<Page<FeatureEntity>> {
    return listPage(this.rows(), args, BY_NAME);
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(FeatureEntity, 'entity');
  }

  private async insert(
    manager: EntityManager,
    input: ApplyEntityInput,
    joinKeys: JoinKey[],
    actor: Actor,
  ): Promise<boolean> {
    const values = { name: input.name, joinKeys, ...mergeMetadata(input, newMetadata(actor.name)) };
    const query = manager.createQueryBuilder().insert().into(FeatureEntity).values(values);
    const inserted = await query.orIgnore().returning('id').execute();
    return (inserted.raw as unknown[]).length > 0;
  }

  private async checkUnused(manager: EntityManager, entity: FeatureEntity): Promise<void> {
    const views = await manager.query<{ name: string }[]>(
      'SELECT name FROM feature_views WHERE entity_id = $1 ORDER BY name',
      [entity.id],
    );
    if (views.length > 0) {
      throw new InUse(
        'The join keys of the entity',
        entity.name,
        views.map(({ name }) => name),
      );
    }
  }
}

/** @throws InvalidInput */
function checkedJoinKeys(joinKeys: readonly JoinKey[]): JoinKey[] {
  const at = ['input', 'joinKeys'];
  if (joinKeys.length < 1 || joinKeys.length > MAX_JOIN_KEYS)
    throw new InvalidInput(at, `an entity has 1 to ${MAX_JOIN_KEYS} join keys`);
  checkNames(
    joinKeys.map(({ name }) => name),
    at,
  );
  joinKeys.forEach(({ dtype }, index) => {
    if (dtype === 'DOUBLE')
      throw new InvalidInput([...at, String(index), 'dtype'], 'a DOUBLE cannot name an entity: equal ones may differ');
  });
  return joinKeys.map(({ name, dtype }) => ({ name, dtype }));
}
