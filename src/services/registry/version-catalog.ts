import type { DataSource, EntityManager } from 'typeorm';
import { type Model, ModelAlias, ModelVersion } from '../../entities';
import { InUse, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { checkAlias } from './alias.policy';
import { lockModel, modelByName, versionBySelector } from './selector';
import { changedTags, checkRequiredTags, type TagChanges } from './tags.policy';

interface VersionNumber {
  readonly model: string;
  readonly version: number;
}

export interface UpdateModelVersionInput extends VersionNumber, TagChanges {
  readonly revision: number;
  readonly description?: string | null;
}

export interface DeleteModelVersionInput extends VersionNumber {
  readonly revision: number;
  readonly reason?: string | null;
}

export interface SetModelAliasInput extends VersionNumber {
  readonly alias: string;
}

export interface DeleteModelAliasInput {
  readonly model: string;
  readonly alias: string;
}

type Changes = Partial<Pick<ModelVersion, 'description' | 'tags' | 'deletedAt'>>;

interface Locked {
  readonly manager: EntityManager;
  readonly model: Model;
  readonly modelVersion: ModelVersion;
}

/** What people note about versions, how they call them, and which they no longer want to see. */
export class VersionCatalog {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /** Changes what is given and leaves the rest. @throws NotFound, StaleRevision, InvalidInput */
  async update(input: UpdateModelVersionInput, actor: Actor): Promise<ModelVersion> {
    authorize(actor, 'version.update');
    return this.locked(input, async ({ manager, model, modelVersion }) => {
      checkRevision(modelVersion, input.revision);
      const tags = changedTags(modelVersion.tags, input);
      if (tags) checkRequiredTags(model.qualityPolicy.requiredTags ?? [], tags);
      const changes: Changes = {};
      if (tags) changes.tags = tags;
      if (input.description != null) changes.description = input.description;
      await this.change(manager, modelVersion, changes);
      await this.note(manager, modelVersion, actor, 'version.update', changes);
      return manager.findOneByOrFail(ModelVersion, { id: modelVersion.id });
    });
  }

  /**
   * Takes a version out of sight, its aliases with it. What refers to it stays whole, and its number is not given again.
   * @throws NotFound, StaleRevision; InUse while it is in production
   */
  async delete(input: DeleteModelVersionInput, actor: Actor): Promise<ModelVersion> {
    authorize(actor, 'version.delete');
    return this.locked(input, async ({ manager, modelVersion }) => {
      checkRevision(modelVersion, input.revision);
      if (modelVersion.stage === 'PRODUCTION')
        throw new InUse(
          'Model version',
          `${input.model} ${input.version}`,
          ['production'],
          'Move it to ARCHIVED first with transitionModelVersion.',
        );
      const aliases = await manager.findBy(ModelAlias, { modelVersionId: modelVersion.id });
      await manager.delete(ModelAlias, { modelVersionId: modelVersion.id });
      await this.change(manager, modelVersion, { deletedAt: new Date() });
      const details = { reason: input.reason ?? '', aliases: aliases.map(({ alias }) => alias) };
      await this.note(manager, modelVersion, actor, 'version.delete', details);
      return manager.findOneByOrFail(ModelVersion, { id: modelVersion.id });
    });
  }

  /** Points an alias to a version, wherever it pointed before. @throws NotFound, InvalidInput for a name that is malformed or reserved */
  async setAlias(input: SetModelAliasInput, actor: Actor): Promise<ModelVersion> {
    authorize(actor, 'version.update');
    checkAlias(input.alias);
    return this.locked(input, async ({ manager, model, modelVersion }) => {
      const key = { modelId: model.id, alias: input.alias };
      const former = await manager.findOneBy(ModelAlias, key);
      if (former?.modelVersionId === modelVersion.id) return modelVersion;
      const row = { ...key, modelVersionId: modelVersion.id, setBy: actor.name, setAt: new Date() };
      await manager.upsert(ModelAlias, row, ['modelId', 'alias']);
      const details = { alias: input.alias, formerVersionId: former?.modelVersionId ?? null };
      await this.note(manager, modelVersion, actor, 'alias.set', details);
      return modelVersion;
    });
  }

  /** @returns the version that it pointed to; null when there was no such alias, which is no fault. @throws NotFound for the model */
  async deleteAlias(input: DeleteModelAliasInput, actor: Actor): Promise<ModelVersion | null> {
    authorize(actor, 'version.update');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const model = await lockModel(manager, (await modelByName(manager, input.model)).id);
      const alias = await manager.findOneBy(ModelAlias, { modelId: model.id, alias: input.alias });
      if (!alias) return null;
      await manager.delete(ModelAlias, { modelId: model.id, alias: input.alias });
      const modelVersion = await manager.findOneByOrFail(ModelVersion, { id: alias.modelVersionId });
      await this.note(manager, modelVersion, actor, 'alias.delete', { alias: input.alias });
      return modelVersion;
    });
  }

  private locked<T>(selector: VersionNumber, work: (locked: Locked) => Promise<T>): Promise<T> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const model = await lockModel(manager, (await modelByName(manager, selector.model)).id);
      const { modelVersion } = await versionBySelector(manager, { model: model.name, version: selector.version });
      return work({ manager, model, modelVersion });
    });
  }

  private async change(manager: EntityManager, { id }: ModelVersion, changes: Changes): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(ModelVersion)
      .set({ ...changes, updatedAt: () => 'now()', revision: () => 'revision + 1' })
      .where('id = :id', { id })
      .execute();
  }

  private note(
    manager: EntityManager,
    { id, modelId, version }: ModelVersion,
    actor: Actor,
    action: string,
    details: object,
  ): Promise<void> {
    return this.deps.audit.append(manager, {
      modelId,
      actor,
      action,
      subject: `ModelVersion:${id}`,
      details: { version, ...details },
    });
  }
}

/** Under the lock of its model, so that it stays true. */
function checkRevision({ revision }: ModelVersion, expected: number): void {
  if (revision !== expected) throw new StaleRevision('model version', expected, revision);
}
