import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { type ApprovalRule, Model, ModelAlias, type QualityPolicy, type TaskType } from '../../entities';
import { AlreadyExists, InUse, InvalidInput, NotFound, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { checkedApprovalRules } from './approval.policy';
import { checkedQualityPolicy, DEFAULT_QUALITY_POLICIES } from './quality-policy';
import { findModel, lockModel, modelByName, productionVersion } from './selector';
import { changedTags, checkedTags, type TagChanges } from './tags.policy';

export interface CreateModelInput {
  readonly name: string;
  readonly taskType: TaskType;
  readonly description?: string | null;
  readonly owner?: string | null;
  readonly tags?: Record<string, string> | null;
  readonly qualityPolicy?: QualityPolicy | null;
  readonly idempotencyKey?: string | null;
}

export interface UpdateModelInput extends TagChanges {
  readonly model: string;
  readonly revision: number;
  /** A new name; the old one is free again. */
  readonly name?: string | null;
  readonly description?: string | null;
  readonly owner?: string | null;
  readonly qualityPolicy?: QualityPolicy | null;
}

export interface SetApprovalRulesInput {
  readonly model: string;
  readonly revision: number;
  readonly rules: readonly ApprovalRule[];
}

export interface DeleteModelInput {
  readonly model: string;
  readonly revision: number;
  readonly reason?: string | null;
}

export interface RestoreModelInput {
  readonly id: string;
  /** Where the old name has been taken meanwhile. */
  readonly name?: string | null;
}

const NAME = /^[a-zA-Z0-9][\w.-]{0,127}$/;

/** Models: the lines that versions stand in. */
export class ModelService {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  find(name: string): Promise<Model | null> {
    return findModel(this.deps.dataSource.manager, name);
  }

  /** @throws NotFound */
  get(name: string): Promise<Model> {
    return modelByName(this.deps.dataSource.manager, name);
  }

  /** @throws NotFound */
  async idOf(name: string): Promise<string> {
    return (await this.get(name)).id;
  }

  /** @throws InvalidInput, AlreadyExists */
  async create(input: CreateModelInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.create');
    checkName(input.name);
    const values = {
      name: input.name,
      taskType: input.taskType,
      description: input.description ?? '',
      owner: input.owner ?? actor.name,
      tags: checkedTags(input.tags ?? {}),
      qualityPolicy: checkedQualityPolicy(
        input.qualityPolicy ?? DEFAULT_QUALITY_POLICIES[input.taskType],
        input.taskType,
      ),
      createdBy: actor.name,
    };
    return inTransaction(this.deps.dataSource, async (manager) => {
      const key = { actor: actor.name, mutation: 'createModel', key: input.idempotencyKey, input };
      const id = await idempotent(manager, key, async () => {
        const inserted = await manager
          .createQueryBuilder()
          .insert()
          .into(Model)
          .values(values)
          .orIgnore()
          .returning('id')
          .execute();
        const [row] = inserted.raw as { id: string }[];
        if (!row) throw new AlreadyExists('model', input.name, ['input', 'name']);
        await this.deps.audit.append(manager, {
          modelId: row.id,
          actor,
          action: 'model.create',
          subject: `Model:${row.id}`,
          details: values,
        });
        return row.id;
      });
      return manager.findOneByOrFail(Model, { id });
    });
  }

  /**
   * Changes what is given and leaves the rest.
   * @throws NotFound, StaleRevision, InvalidInput; AlreadyExists when another model has the new name
   */
  async update(input: UpdateModelInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.update');
    const changes: Partial<Model> = {};
    if (input.name != null) changes.name = checkName(input.name);
    if (input.description != null) changes.description = input.description;
    if (input.owner != null) changes.owner = input.owner;
    return this.lockedAt(input, async (manager, model) => {
      if (input.qualityPolicy != null)
        changes.qualityPolicy = checkedQualityPolicy(input.qualityPolicy, model.taskType);
      const tags = changedTags(model.tags, input);
      if (tags) changes.tags = tags;
      const action = changes.qualityPolicy ? 'model.setQualityPolicy' : 'model.update';
      return this.change(manager, model, changes, { actor, action, details: changes });
    });
  }

  /** Sets which moves others have to approve. Requests that wait keep the rules they were made under. @throws NotFound, StaleRevision, InvalidInput */
  async setApprovalRules(input: SetApprovalRulesInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.setApprovalRules');
    const changes = { approvalRules: checkedApprovalRules(input.rules) };
    return this.lockedAt(input, (manager, model) =>
      this.change(manager, model, changes, { actor, action: 'model.setApprovalRules', details: changes }),
    );
  }

  /**
   * Takes a model and its versions out of sight and frees its name; restore brings them back, without the aliases. What refers to them stays whole.
   * @throws NotFound, StaleRevision; InUse while a version is in production
   */
  async delete(input: DeleteModelInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.delete');
    return this.lockedAt(input, async (manager, model) => {
      const production = await productionVersion(manager, model.id);
      if (production)
        throw new InUse(
          'Model',
          model.name,
          [`production: version ${production.version}`],
          'Move it to ARCHIVED first with transitionModelVersion.',
        );
      const aliases = await manager.findBy(ModelAlias, { modelId: model.id });
      await manager.delete(ModelAlias, { modelId: model.id });
      const details = { name: model.name, reason: input.reason ?? '', aliases: aliases.map(({ alias }) => alias) };
      return this.change(manager, model, { deletedAt: new Date() }, { actor, action: 'model.delete', details });
    });
  }

  /** @throws NotFound unless it is a deleted model's id; AlreadyExists when its name was taken meanwhile */
  async restore({ id, name }: RestoreModelInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.delete');
    if (name != null) checkName(name);
    return inTransaction(this.deps.dataSource, async (manager) => {
      const model = await manager
        .createQueryBuilder(Model, 'model')
        .setLock('for_no_key_update')
        .where('model.id = :id AND model.deletedAt IS NOT NULL', { id })
        .getOne();
      if (!model) throw new NotFound('deleted model', id, 'The query deletedModels lists them.', ['input', 'id']);
      const changes = { name: name ?? model.name, deletedAt: null };
      return this.change(manager, model, changes, { actor, action: 'model.restore', details: { name: changes.name } });
    });
  }

  private lockedAt<T>(
    { model: name, revision }: { readonly model: string; readonly revision: number },
    work: (manager: EntityManager, model: Model) => Promise<T>,
  ): Promise<T> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const model = await lockModel(manager, (await modelByName(manager, name)).id);
      if (model.revision !== revision) throw new StaleRevision('model', revision, model.revision);
      return work(manager, model);
    });
  }

  private async change(
    manager: EntityManager,
    { id, name }: Model,
    changes: Partial<Model>,
    entry: { readonly actor: Actor; readonly action: string; readonly details: object },
  ): Promise<Model> {
    try {
      await manager
        .createQueryBuilder()
        .update(Model)
        .set({ ...changes, updatedAt: () => 'now()', revision: () => 'revision + 1' })
        .where('id = :id', { id })
        .execute();
    } catch (error) {
      const taken = error instanceof QueryFailedError && (error.driverError as { constraint?: string }).constraint;
      if (taken === 'models_live_name') throw new AlreadyExists('model', changes.name ?? name, ['input', 'name']);
      throw error;
    }
    const { actor, action, details } = entry;
    await this.deps.audit.append(manager, {
      modelId: id,
      actor,
      action,
      subject: `Model:${id}`,
      details: { ...details },
    });
    return manager.findOneByOrFail(Model, { id });
  }
}

function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new InvalidInput(
    'input.name',
    'a model name is 1 to 128 letters, digits, ".", "_" or "-", and starts with a letter or digit',
  );
}
