import type { DataSource, EntityManager } from 'typeorm';
import { MonitoringPolicy, type MonitoringRules } from '../../entities';
import { InvalidInput, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import type { ModelService } from '../registry';

export interface SetMonitoringPolicyInput extends Partial<{ readonly [K in keyof MonitoringRules]: number | null }> {
  readonly model: string;
  /** The revision at which the policy was read; absent when it was never set. */
  readonly revision?: number | null;
}

/** A model's policy as it is in force; the default one, at revision 0, was set by nobody. */
export interface PolicyInForce {
  readonly modelId: string;
  readonly policy: MonitoringRules;
  readonly revision: number;
  readonly updatedBy: string | null;
  readonly updatedAt: Date | null;
}

/** .1 is what Evidently's users are used to for both; the significance test beside it keeps small windows from alarming by chance. */
export const DEFAULT_MONITORING_RULES: MonitoringRules = {
  klThreshold: 0.1,
  jsThreshold: 0.1,
  alpha: 0.05,
  minimumRows: 200,
  minimumLabels: 100,
};

const ROWS = { below: 1e9, whole: true } as const;
const BOUNDS: Record<keyof MonitoringRules, { below: number; whole: boolean; hint: string }> = {
  klThreshold: { below: 100, whole: false, hint: '.1 nats is usual' },
  // No two distributions are further apart than √ln 2 = .8326: a greater threshold would switch the test off and not say so.
  jsThreshold: {
    below: Math.sqrt(Math.LN2),
    whole: false,
    hint: '.1 is usual, and √ln 2 the greatest distance there is',
  },
  alpha: { below: 1, whole: false, hint: '.05 is usual' },
  minimumRows: { ...ROWS, hint: '200 is the default' },
  minimumLabels: { ...ROWS, hint: '100 is the default' },
};

/** What counts as drift, model by model. */
export class MonitoringPolicyService {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly models: ModelService;
    },
  ) {}

  /** The policy of a model: its own, or the default one at revision 0. */
  get(modelId: string): Promise<PolicyInForce> {
    return readPolicy(this.deps.dataSource.manager, modelId);
  }

  /**
   * Changes what is given and leaves the rest.
   * @throws InvalidInput, NotFound, StaleRevision
   */
  async set(input: SetMonitoringPolicyInput, actor: Actor): Promise<PolicyInForce> {
    authorize(actor, 'monitoring.configure');
    const modelId = await this.deps.models.idOf(input.model);
    const revision = input.revision ?? 0;
    return inTransaction(this.deps.dataSource, async (manager) => {
      const current = await readPolicy(manager, modelId);
      if (current.revision !== revision) throw new StaleRevision('monitoring policy', revision, current.revision);
      const rules = checkedRules(current.policy, input);
      // Another one may write between the reading and this: of two that come with one revision the second changes nothing.
      const written = await manager.query<unknown[]>(
        `INSERT INTO monitoring_policies AS old (model_id, policy, updated_by) VALUES ($1, $2::jsonb, $3)
         ON CONFLICT (model_id) DO UPDATE SET policy = excluded.policy, updated_by = excluded.updated_by, updated_at = now(), revision = old.revision + 1
         WHERE old.revision = $4
         RETURNING model_id`,
        [modelId, JSON.stringify(rules), actor.name, revision],
      );
      const policy = await readPolicy(manager, modelId);
      if (written.length === 0) throw new StaleRevision('monitoring policy', revision, policy.revision);
      await this.deps.audit.append(manager, {
        modelId,
        actor,
        action: 'monitoring.setPolicy',
        subject: `Model:${modelId}`,
        details: { ...rules },
      });
      return policy;
    });
  }
}

async function readPolicy(manager: EntityManager, modelId: string): Promise<PolicyInForce> {
  const policy = await manager.findOneBy(MonitoringPolicy, { modelId });
  return policy ?? { modelId, policy: DEFAULT_MONITORING_RULES, revision: 0, updatedBy: null, updatedAt: null };
}

/** @throws InvalidInput */
function checkedRules(current: MonitoringRules, input: SetMonitoringPolicyInput): MonitoringRules {
  const rules = { ...current };
  for (const name of Object.keys(rules) as (keyof MonitoringRules)[]) {
    const value = input[name];
    if (value === null || value === undefined) continue;
    const { below, whole, hint } = BOUNDS[name];
    if (!(value > 0 && value < below))
      throw new InvalidInput(['input', name], `${value} is not greater than 0 and less than ${below}; ${hint}`);
    if (whole && !Number.isInteger(value))
      throw new InvalidInput(['input', name], `${value} is not a whole number; ${hint}`);
    rules[name] = value;
  }
  return rules;
}
