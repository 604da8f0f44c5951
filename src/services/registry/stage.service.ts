import type { DataSource, EntityManager } from 'typeorm';
import { type Model, ModelTransition, ModelVersion, type Stage } from '../../entities';
import { ApprovalRequired, BaselineChanged, StageConflict } from '../../errors';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction } from '../database';
import { recordEvent } from '../events';
import { type Actor, authorize } from '../identity';
import { ruleFor } from './approval.policy';
import { lockModel, modelByName, productionVersion, versionBySelector } from './selector';
import { assertTransitionAllowed } from './stage.policy';

export interface TransitionInput {
  readonly model: string;
  readonly version: number;
  readonly toStage: Stage;
  /** The stage that the caller believes the version to be in. */
  readonly expectedStage: Stage;
  /**
   * For a promotion: the id of the production version that the decision was made against, null for none. With another one there it is refused.
   */
  readonly replaces?: string | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface Transition {
  readonly modelVersion: ModelVersion;
  readonly transition: ModelTransition;
  /** The version that left PRODUCTION for this one. */
  readonly archivedVersion: ModelVersion | null;
}

type MoveIds = {
  readonly modelVersionId: string;
  readonly transitionId: string;
  readonly archivedVersionId: string | null;
};

/** Moves versions between stages; every move is a row, an audit entry and an event of the same transaction. */
export class StageService {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /**
   * Promotion to PRODUCTION archives the version that was there, in the same transaction and with the same timestamp.
   * @throws NotFound, StageConflict, StageTransitionNotAllowed; BaselineChanged when it does not replace what it should; ApprovalRequired when the
   *   model's rules leave this move to others
   */
  async transition(input: TransitionInput, actor: Actor): Promise<Transition> {
    authorize(actor, 'version.transition');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const key = { actor: actor.name, mutation: 'transitionModelVersion', key: input.idempotencyKey, input };
      const ids = await idempotent(manager, key, async () => {
        const model = await lockModel(manager, (await modelByName(manager, input.model)).id);
        const rule = ruleFor(model.approvalRules, input.toStage);
        if (rule) throw new ApprovalRequired(model.name, input.toStage, rule.approvals);
        return this.move(manager, model, input, actor);
      });
      return transitionOf(manager, ids);
    });
  }

  /**
   * The same for a move that was approved, in the transaction of the last approval, which holds the model's lock.
   * @throws StageConflict, StageTransitionNotAllowed
   */
  async moveApproved(manager: EntityManager, input: TransitionInput, actor: Actor): Promise<Transition> {
    const model = await modelByName(manager, input.model);
    return transitionOf(manager, await this.move(manager, model, input, actor));
  }

  private async move(manager: EntityManager, model: Model, input: TransitionInput, actor: Actor): Promise<MoveIds> {
    const { modelVersion } = await versionBySelector(manager, { model: input.model, version: input.version });
    if (modelVersion.stage !== input.expectedStage) throw new StageConflict(input.expectedStage, modelVersion.stage);
    assertTransitionAllowed(modelVersion.stage, input.toStage, modelVersion.wasProduction);

    const reason = input.reason ?? '';
    const former = input.toStage === 'PRODUCTION' ? await productionVersion(manager, model.id) : null;
    if (input.replaces !== undefined && input.replaces !== (former?.id ?? null)) throw new BaselineChanged(model.name);
    const at = await nextMoment(manager, model.id);
    // The former one leaves first: the database allows one PRODUCTION version per model at any moment.
    if (former) {
      const replaced = { toStage: 'ARCHIVED', reason: `Replaced by version ${modelVersion.version}`, at } as const;
      await this.setStage(manager, model, former, replaced, actor);
    }
    const { toStage } = input;
    const transitionId = await this.setStage(manager, model, modelVersion, { toStage, reason, at }, actor);
    return { modelVersionId: modelVersion.id, transitionId, archivedVersionId: former?.id ?? null };
  }

  private async setStage(
    manager: EntityManager,
    model: Model,
    modelVersion: ModelVersion,
    { toStage, reason, at }: { readonly toStage: Stage; readonly reason: string; readonly at: Date },
    actor: Actor,
  ): Promise<string> {
    const fromStage = modelVersion.stage;
    await manager
      .createQueryBuilder()
      .update(ModelVersion)
      .set({
        stage: toStage,
        wasProduction: modelVersion.wasProduction || toStage === 'PRODUCTION',
        updatedAt: at,
        revision: () => 'revision + 1',
      })
      .where('id = :id', { id: modelVersion.id })
      .execute();
    const transition = await manager.save(
      manager.create(ModelTransition, {
        modelId: model.id,
        modelVersionId: modelVersion.id,
        fromStage,
        toStage,
        reason,
        actor: actor.name,
        requestId: actor.requestId,
        createdAt: at,
      }),
    );
    await this.deps.audit.append(manager, {
      modelId: model.id,
      actor,
      action: 'version.transition',
      subject: `ModelVersion:${modelVersion.id}`,
      details: { version: modelVersion.version, fromStage, toStage, reason },
    });
    const payload = { transitionId: transition.id, modelVersionId: modelVersion.id, fromStage, toStage };
    await recordEvent(manager, { type: 'MODEL_TRANSITIONED', modelId: model.id, payload, actor });
    return transition.id;
  }
}

async function transitionOf(manager: EntityManager, ids: MoveIds): Promise<Transition> {
  return {
    modelVersion: await manager.findOneByOrFail(ModelVersion, { id: ids.modelVersionId }),
    transition: await manager.findOneByOrFail(ModelTransition, { id: ids.transitionId }),
    archivedVersion:
      ids.archivedVersionId === null
        ? null
        : await manager.findOneByOrFail(ModelVersion, { id: ids.archivedVersionId }),
  };
}

/**
 * The time of a move, after that of every earlier move of the model. now() would not do: it is when the transaction began, and of two that wait for
 * the model's lock the one that began later may get it first.
 */
async function nextMoment(manager: EntityManager, modelId: string): Promise<Date> {
  const [{ at }] = await manager.query<[{ at: Date }]>(
    `SELECT GREATEST(clock_timestamp(), max(created_at) + interval '1 millisecond')::timestamptz(3) AS at
     FROM model_transitions WHERE model_id = $1`,
    [modelId],
  );
  return at;
}
