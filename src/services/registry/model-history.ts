import type { DataSource } from 'typeorm';
import { Model, ModelTransition, ModelVersion, type Stage } from '../../entities';
import { InvalidInput } from '../../errors';
import { chainOf } from '../audit';
import { type KeysetOrder, type ListArgs, listPage, type Page } from '../database';

/** A model, and the moment for which its versions are answered. */
export type ModelAsOf = Model & { readonly asOf: Date };

const HIGHEST_FIRST: KeysetOrder = { by: ['version'], direction: 'DESC' };
const LAST_FIRST: KeysetOrder = { by: ['sequence'], direction: 'DESC' };

/** The clocks of database and server differ by so much at most, and quick moves are dated ahead by a millisecond each. */
const CLOCK_SKEW_MS = 1000;

/** A moment counts as a move's own from that move on: exactly at a promotion the new version is in production. */
const UP_TO = 'created_at <= $2';

/**
 * Models as they were: which versions there were, and in which stages, by the moves that were made until then. Moves are never changed or deleted, so
 * the answer for a moment that has passed is the same for ever.
 */
export class ModelHistory {
  constructor(private readonly deps: { readonly dataSource: DataSource }) {}

  /**
   * The model that had this name, by the names of today, among those that were there at the moment.
   * @returns null before it was created and while it was deleted
   * @throws InvalidInput for a moment to come
   */
  async find(name: string, asOf: Date): Promise<ModelAsOf | null> {
    if (asOf.getTime() > Date.now() + CLOCK_SKEW_MS)
      throw new InvalidInput('asOf', `${asOf.toISOString()} is yet to come; give a moment that has passed`);
    const { manager } = this.deps.dataSource;
    // The name may have had several models, one after the other.
    const models = await manager
      .createQueryBuilder(Model, 'model')
      .where('model.name = :name AND model.createdAt <= :asOf', { name, asOf })
      .andWhere('(model.deletedAt IS NULL OR model.deletedAt > :asOf)')
      .orderBy('model.createdAt', 'DESC')
      .getMany();
    for (const model of models) if (!(await this.wasDeleted(model.id, asOf))) return { ...model, asOf };
    return null;
  }

  async production({ id, asOf }: ModelAsOf): Promise<ModelVersion | null> {
    // The moves of a promotion carry one time; their sequence tells that the former version leaves before the new one comes.
    const [last] = await this.deps.dataSource.query<{ toStage: Stage; versionId: string }[]>(
      `SELECT to_stage AS "toStage", model_version_id AS "versionId" FROM model_transitions
       WHERE model_id = $1 AND ${UP_TO} AND 'PRODUCTION' IN (from_stage, to_stage) ORDER BY sequence DESC LIMIT 1`,
      [id, asOf],
    );
    if (last?.toStage !== 'PRODUCTION') return null;
    const version = await this.deps.dataSource.manager.findOneByOrFail(ModelVersion, { id: last.versionId });
    return { ...version, stage: 'PRODUCTION' };
  }

  /** With the highest number of those that were there, in the stage that it was in. */
  async latestVersion(model: ModelAsOf): Promise<ModelVersion | null> {
    const { rows } = await this.versions(model, { first: 1 });
    return rows[0] ?? null;
  }

  /** Those that were there, each in the stage that it was in, newest first. */
  async versions(model: ModelAsOf, args: ListArgs): Promise<Page<ModelVersion>> {
    const { id: modelId, asOf } = model;
    const query = this.deps.dataSource.manager
      .createQueryBuilder(ModelVersion, 'version')
      .where('version.modelId = :modelId AND version.createdAt <= :asOf', { modelId, asOf })
      .andWhere('(version.deletedAt IS NULL OR version.deletedAt > :asOf)');
    const page = await listPage(query, args, HIGHEST_FIRST);
    const stages = await this.stages(page.rows, asOf);
    return { ...page, rows: page.rows.map((row) => ({ ...row, stage: stages.get(row.id) ?? 'NONE' })) };
  }

  /** Those that had been made, newest first. */
  transitions({ id: modelId, asOf }: ModelAsOf, args: ListArgs): Promise<Page<ModelTransition>> {
    const query = this.deps.dataSource.manager
      .createQueryBuilder(ModelTransition, 'transition')
      .where('transition.modelId = :modelId AND transition.createdAt <= :asOf', { modelId, asOf });
    return listPage(query, args, LAST_FIRST);
  }

  /** Of the versions that had moved at all. */
  private async stages(versions: readonly ModelVersion[], asOf: Date): Promise<Map<string, Stage>> {
    const rows = await this.deps.dataSource.query<{ id: string; stage: Stage }[]>(
      `SELECT DISTINCT ON (model_version_id) model_version_id AS id, to_stage AS stage FROM model_transitions
       WHERE model_version_id = ANY($1::uuid[]) AND ${UP_TO} ORDER BY model_version_id, sequence DESC`,
      [versions.map(({ id }) => id), asOf],
    );
    return new Map(rows.map(({ id, stage }) => [id, stage]));
  }

  /** The model's row knows its last deletion only; one that was taken back stands in the audit trail. */
  private async wasDeleted(modelId: string, asOf: Date): Promise<boolean> {
    const [last] = await this.deps.dataSource.query<{ action: string }[]>(
      `SELECT action FROM audit_entries
       WHERE chain = $1 AND recorded_at <= $2 AND action IN ('model.delete', 'model.restore') ORDER BY sequence DESC LIMIT 1`,
      [chainOf(modelId), asOf],
    );
    return last?.action === 'model.delete';
  }
}
