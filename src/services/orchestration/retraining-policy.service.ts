import type { DataSource } from 'typeorm';
import { RetrainingPolicy, type RetrainingRules, type TaskType } from '../../entities';
import { InvalidInput, NotFound, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { GATE_METRICS, type ModelService } from '../registry';

export interface SetRetrainingPolicyInput extends RetrainingRules {
  readonly model: string;
  /** The revision at which the policy was read; absent when it was never set. */
  readonly revision?: number | null;
}

/** Beyond this, dates that are counted from now can leave the range that JavaScript and PostgreSQL have. */
const CENTURY_SECONDS = 100 * 366 * 24 * 3600;

/** When a model is retrained, and when the result is promoted. */
export class RetrainingPolicyService {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly models: ModelService;
    },
  ) {}

  find(modelId: string): Promise<RetrainingPolicy | null> {
    return this.deps.dataSource.manager.findOneBy(RetrainingPolicy, { modelId });
  }

  /** @throws InvalidInput, NotFound, StaleRevision */
  async set(input: SetRetrainingPolicyInput, actor: Actor): Promise<RetrainingPolicy> {
    authorize(actor, 'retraining.configure');
    const { onDrift, cooldownSeconds, lookbackSeconds, promotion } = input;
    const { id: modelId, taskType } = await this.deps.models.get(input.model);
    const rules = checkedRules({ onDrift, cooldownSeconds, lookbackSeconds, promotion }, taskType);
    const revision = input.revision ?? 0;
    return inTransaction(this.deps.dataSource, async (manager) => {
      // The first one is inserted, and only by who knows that there is none; of two that come with one revision the second changes nothing.
      const written = await manager.query<unknown[]>(
        `INSERT INTO retraining_policies AS old (model_id, policy, updated_by) SELECT $1, $2::jsonb, $3
         WHERE $4 = 0 OR EXISTS (SELECT FROM retraining_policies WHERE model_id = $1)
         ON CONFLICT (model_id) DO UPDATE SET policy = excluded.policy, updated_by = excluded.updated_by, updated_at = now(), revision = old.revision + 1
         WHERE old.revision = $4
         RETURNING model_id`,
        [modelId, JSON.stringify(rules), actor.name, revision],
      );
      const policy = await manager.findOneBy(RetrainingPolicy, { modelId });
      if (written.length === 0 || !policy)
        throw new StaleRevision('retraining policy', revision, policy?.revision ?? 0);
      await this.deps.audit.append(manager, {
        modelId,
        actor,
        action: 'retraining.setPolicy',
        subject: `Model:${modelId}`,
        details: { ...rules },
      });
      return policy;
    });
  }

  /** Triggers keep being evaluated and noted, and none fires. */
  pause(model: string, actor: Actor): Promise<RetrainingPolicy> {
    return this.setPaused(model, true, actor);
  }

  resume(model: string, actor: Actor): Promise<RetrainingPolicy> {
    return this.setPaused(model, false, actor);
  }

  private async setPaused(model: string, paused: boolean, actor: Actor): Promise<RetrainingPolicy> {
    authorize(actor, 'retraining.configure');
    const modelId = await this.deps.models.idOf(model);
    return inTransaction(this.deps.dataSource, async (manager) => {
      const updated = await manager
        .createQueryBuilder()
        .update(RetrainingPolicy)
        .set({ paused, updatedBy: actor.name, updatedAt: () => 'now()', revision: () => 'revision + 1' })
        .where('modelId = :modelId', { modelId })
        .execute();
      if (updated.affected === 0)
        throw new NotFound('retraining policy of', model, 'Set one with setRetrainingPolicy.', ['input', 'model']);
      const action = paused ? 'retraining.pause' : 'retraining.resume';
      await this.deps.audit.append(manager, { modelId, actor, action, subject: `Model:${modelId}`, details: {} });
      return manager.findOneByOrFail(RetrainingPolicy, { modelId });
    });
  }
}

/** @throws InvalidInput */
function checkedRules(rules: RetrainingRules, taskType: TaskType): RetrainingRules {
  const { cooldownSeconds, lookbackSeconds, promotion } = rules;
  const refuse = (field: string, problem: string): never => {
    throw new InvalidInput(`input.${field}`, problem);
  };
  if (!(cooldownSeconds >= 0 && cooldownSeconds <= CENTURY_SECONDS))
    refuse('cooldownSeconds', `${cooldownSeconds} is not a number of seconds from 0 to a hundred years`);
  if (lookbackSeconds !== null && !(lookbackSeconds > 0 && lookbackSeconds <= CENTURY_SECONDS)) {
    refuse(
      'lookbackSeconds',
      `${lookbackSeconds} is not a number of seconds from 0 to a hundred years; leave it out to take all labelled rows`,
    );
  }
  const metrics = GATE_METRICS[taskType];
  if (!metrics.includes(promotion.metric))
    refuse('promotion.metric', `${JSON.stringify(promotion.metric)} is not one of ${metrics.join(', ')}`);
  if (!(promotion.minimumImprovement >= 0))
    refuse('promotion.minimumImprovement', `${promotion.minimumImprovement} must not be negative`);
  if (!Number.isInteger(promotion.minimumHeldOutRows) || promotion.minimumHeldOutRows < 1)
    refuse('promotion.minimumHeldOutRows', `${promotion.minimumHeldOutRows} is not a whole number from 1`);
  return rules;
}
