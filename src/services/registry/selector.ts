import type { EntityManager } from 'typeorm';
import { Model, ModelAlias, ModelVersion, type Stage } from '../../entities';
import { InvalidInput, NotFound } from '../../errors';

/** Names a version by exactly one of its number, a stage and an alias; STAGING means the highest version there. */
export interface VersionSelector {
  readonly model: string;
  readonly version?: number | null;
  readonly stage?: Stage | null;
  readonly alias?: string | null;
}

export async function findModel(manager: EntityManager, name: string): Promise<Model | null> {
  return manager
    .createQueryBuilder(Model, 'model')
    .where('model.name = :name AND model.deletedAt IS NULL', { name })
    .getOne();
}

/** @throws NotFound */
export async function modelByName(manager: EntityManager, name: string): Promise<Model> {
  const model = await findModel(manager, name);
  if (!model)
    throw new NotFound('model', name, 'Create it with createModel, or list what there is with the query models.', [
      'input',
      'model',
    ]);
  return model;
}

/** The same, locked against every other change of the model until the transaction ends. @throws NotFound when it was deleted meanwhile */
export async function lockModel(manager: EntityManager, modelId: string): Promise<Model> {
  const model = await manager
    .createQueryBuilder(Model, 'model')
    .setLock('for_no_key_update')
    .where('model.id = :modelId AND model.deletedAt IS NULL', { modelId })
    .getOne();
  if (!model) throw new NotFound('model', modelId, 'It was deleted; restoreModel brings it back.');
  return model;
}

/**
 * @returns null when the model or the version is not there
 * @throws InvalidInput unless exactly one selector is given
 */
export async function findVersion(
  manager: EntityManager,
  selector: VersionSelector,
): Promise<{ model: Model; modelVersion: ModelVersion } | null> {
  const { version = null, stage = null, alias = null } = selector;
  if ([version, stage, alias].filter((given) => given !== null).length !== 1)
    throw new InvalidInput('version', 'give exactly one of version, stage and alias');

  const model = await findModel(manager, selector.model);
  if (!model) return null;
  const query = manager
    .createQueryBuilder(ModelVersion, 'version')
    .where('version.modelId = :modelId AND version.deletedAt IS NULL', { modelId: model.id });
  if (version !== null) query.andWhere('version.version = :version', { version });
  if (stage !== null) query.andWhere('version.stage = :stage', { stage });
  if (alias !== null)
    query.innerJoin(ModelAlias, 'alias', 'alias.modelVersionId = version.id AND alias.alias = :alias', { alias });
  const modelVersion = await query.orderBy('version.version', 'DESC').limit(1).getOne();
  return modelVersion && { model, modelVersion };
}

/** @throws NotFound saying what there is instead; InvalidInput unless exactly one selector is given */
export async function versionBySelector(
  manager: EntityManager,
  selector: VersionSelector,
): Promise<{ model: Model; modelVersion: ModelVersion }> {
  const found = await findVersion(manager, selector);
  if (found) return found;
  const model = await modelByName(manager, selector.model);
  const versions =
    model.lastVersion === 0
      ? 'The model has no versions yet; register one.'
      : model.lastVersion === 1
        ? 'It has version 1.'
        : `It has versions 1 to ${model.lastVersion}.`;
  const [by, remedy] = selector.stage
    ? ['stage', `${versions} Move one to ${selector.stage} with transitionModelVersion.`]
    : selector.alias
      ? ['alias', `${versions} Point the alias to one with setModelAlias.`]
      : ['version', versions];
  const key = selector.version ?? selector.stage ?? selector.alias;
  throw new NotFound('model version', `${model.name} ${key}`, remedy, ['input', by]);
}

export async function productionVersion(manager: EntityManager, modelId: string): Promise<ModelVersion | null> {
  return manager
    .createQueryBuilder(ModelVersion, 'version')
    .where("version.modelId = :modelId AND version.stage = 'PRODUCTION'", { modelId })
    .getOne();
}
