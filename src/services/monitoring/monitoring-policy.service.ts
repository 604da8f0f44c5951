import type { DataSource, EntityManager } from 'typeorm';
import { type FeatureThreshold, MonitoringPolicy, type MonitoringRules } from '../../entities';
import { InvalidInput, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { checkedCron, type JobSchedules } from '../jobs';
import type { ModelService } from '../registry';

type NumericRule = 'klThreshold' | 'jsThreshold' | 'alpha' | 'minimumRows' | 'minimumLabels';

export interface SetMonitoringPolicyInput extends Partial<{ readonly [K in NumericRule]: number | null }> {
  readonly model: string;
  /** 0 takes the rule away: any feature is enough again. */
  readonly driftedShare?: number | null;
  /** Takes the place of all that were there. */
  readonly featureThresholds?: readonly FeatureThreshold[] | null;
  /** The empty text takes it away. */
  readonly segmentFeature?: string | null;
  /** The revision at which the policy was read; absent when it was never set. */
  readonly revision?: number | null;
  /** When reports are made by the clock. Absent: as it is; null: never. */
  readonly driftSchedule?: string | null;
  /** How far back they look. Absent: as it is; null: to the end of the last one. */
  readonly driftWindowSeconds?: number | null;
}

/** A model's policy as it is in force; the default one, at revision 0, was set by nobody. */
export interface PolicyInForce {
  readonly modelId: string;
  readonly policy: MonitoringRules;
  readonly driftWindowSeconds: number | null;
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
  driftedShare: null,
  featureThresholds: [],
  segmentFeature: null,
};

const ROWS = { below: 1e9, whole: true } as const;
const BOUNDS: Record<NumericRule, { below: number; whole: boolean; hint: string }> = {
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
      readonly schedules: JobSchedules;
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
    const cron =
      input.driftSchedule == null ? input.driftSchedule : checkedCron(input.driftSchedule, ['input', 'driftSchedule']);
    const revision = input.revision ?? 0;
    return inTransaction(this.deps.dataSource, async (manager) => {
      const current = await readPolicy(manager, modelId);
      if (current.revision !== revision) throw new StaleRevision('monitoring policy', revision, current.revision);
      const rules = checkedRules(current.policy, input);
      const windowSeconds = checkedWindow(input, current);
      // Another one may write between the reading and this: of two that come with one revision the second changes nothing.
      const written = await manager.query<unknown[]>(
        `INSERT INTO monitoring_policies AS old (model_id, policy, updated_by, drift_window_seconds) VALUES ($1, $2::jsonb, $3, $5)
         ON CONFLICT (model_id) DO UPDATE SET policy = excluded.policy, updated_by = excluded.updated_by, drift_window_seconds = excluded.drift_window_seconds, updated_at = now(), revision = old.revision + 1
         WHERE old.revision = $4
         RETURNING model_id`,
        [modelId, JSON.stringify(rules), actor.name, revision, windowSeconds],
      );
      const policy = await readPolicy(manager, modelId);
      if (written.length === 0) throw new StaleRevision('monitoring policy', revision, policy.revision);
      if (cron !== undefined)
        await this.deps.schedules.set(manager, { kind: 'DRIFT_REPORT', subject: `Model:${modelId}` }, cron);
      await this.deps.audit.append(manager, {
        modelId,
        actor,
        action: 'monitoring.setPolicy',
        subject: `Model:${modelId}`,
        details: { ...rules, driftWindowSeconds: windowSeconds, ...(cron !== undefined && { driftSchedule: cron }) },
      });
      return policy;
    });
  }
}

async function readPolicy(manager: EntityManager, modelId: string): Promise<PolicyInForce> {
  const stored = await manager.findOneBy(MonitoringPolicy, { modelId });
  if (stored) {
    // A policy of before a rule was there has its default.
    return { ...stored, policy: { ...DEFAULT_MONITORING_RULES, ...stored.policy } };
  }
  const unset = { driftWindowSeconds: null, revision: 0, updatedBy: null, updatedAt: null };
  return { modelId, policy: DEFAULT_MONITORING_RULES, ...unset };
}

const YEAR_SECONDS = 366 * 86_400;

/** @throws InvalidInput */
function checkedWindow({ driftWindowSeconds: given }: SetMonitoringPolicyInput, current: PolicyInForce): number | null {
  if (given === undefined) return current.driftWindowSeconds;
  if (given !== null && !(Number.isInteger(given) && given >= 60 && given <= YEAR_SECONDS)) {
    const hint = `a whole number from 60 to ${YEAR_SECONDS}, a year; null looks back to the last report`;
    throw new InvalidInput('input.driftWindowSeconds', `${given} is not ${hint}`);
  }
  return given;
}

/** @throws InvalidInput */
function checkedRules(current: MonitoringRules, input: SetMonitoringPolicyInput): MonitoringRules {
  const rules = { ...current, ...checkedChoices(current, input) };
  for (const name of Object.keys(BOUNDS) as NumericRule[]) {
    const value = input[name];
    if (value === null || value === undefined) continue;
    rules[name] = checkedNumber(['input', name], value, BOUNDS[name]);
  }
  return rules;
}

function checkedChoices(current: MonitoringRules, input: SetMonitoringPolicyInput): Partial<MonitoringRules> {
  const { driftedShare = null, featureThresholds = null, segmentFeature = null } = input;
  if (driftedShare !== null && !(driftedShare >= 0 && driftedShare <= 1))
    throw new InvalidInput('input.driftedShare', `${driftedShare} is not from 0 to 1; .5 is usual, 0 is any feature`);
  const names = featureThresholds?.map(({ feature }) => feature) ?? [];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InvalidInput('input.featureThresholds', `${twice} is there twice; give it once`);
  return {
    driftedShare: driftedShare === null ? current.driftedShare : driftedShare || null,
    featureThresholds:
      featureThresholds?.map(({ feature, klThreshold }, index) => ({
        feature,
        klThreshold: checkedNumber(
          ['input', 'featureThresholds', String(index), 'klThreshold'],
          klThreshold,
          BOUNDS.klThreshold,
        ),
      })) ?? current.featureThresholds,
    segmentFeature: segmentFeature === null ? current.segmentFeature : segmentFeature || null,
  };
}

/** @throws InvalidInput */
function checkedNumber(
  field: string[],
  value: number,
  { below, whole, hint }: { below: number; whole: boolean; hint: string },
): number {
  if (!(value > 0 && value < below))
    throw new InvalidInput(field, `${value} is not greater than 0 and less than ${below}; ${hint}`);
  if (whole && !Number.isInteger(value)) throw new InvalidInput(field, `${value} is not a whole number; ${hint}`);
  return value;
}
