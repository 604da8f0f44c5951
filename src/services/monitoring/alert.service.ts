import type { DataSource, EntityManager } from 'typeorm';
import {
  type ActorRef,
  Alert,
  AlertRule,
  type AlertSeverity,
  type AlertStatus,
  type DriftCondition,
  type DriftReport,
  type DriftResult,
  type ModelVersion,
} from '../../entities';
import { InvalidInput, NotFound, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction, type ListArgs, listPage, type Page } from '../database';
import { type Actor, authorize } from '../identity';
import { AlertChanges } from './alerts/alert-changes';
import { judgeDriftReport } from './alerts/drift-rule.policy';
import { RuleJudgements } from './alerts/rule-judgements';

export interface DriftAlert {
  readonly modelId: string;
  readonly modelVersionId: string;
  readonly driftReportId: string;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly causes: string[];
}

export interface HandleAlertInput {
  readonly id: string;
  readonly revision: number;
}

/** Alerts: raised by reports and rules, acknowledged, resolved and reopened by people. */
export class AlertService {
  private readonly changes: AlertChanges;
  private readonly judgements: RuleJudgements;

  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {
    this.changes = new AlertChanges(deps.audit);
    this.judgements = new RuleJudgements(this.changes);
  }

  /**
   * Raises an alert in the transaction of its report, for a model without rules on drift. A drift that goes on is one alert that counts its occurrences,
   * not one a window; one that comes back after its alert was resolved is a new alert.
   * @returns the alert's id
   */
  raise(manager: EntityManager, { causes, ...alert }: DriftAlert, actor: ActorRef): Promise<string> {
    const cause = { ...alert, kind: 'DRIFT', ruleId: null, featureQualityReportId: null, details: { causes } } as const;
    return this.changes.raise(manager, cause, actor, new Date());
  }

  /**
   * Has a model's own rules on drift judge a report, in its transaction: also one without drift, since rules count windows.
   * @returns the alert of the gravest rule that the report raised, repeated or reopened; undefined where the model has no rules on drift
   */
  async judgeDrift(
    manager: EntityManager,
    report: Pick<DriftReport, 'id' | 'windowStart' | 'windowEnd'>,
    { id: modelVersionId, modelId, version }: Pick<ModelVersion, 'id' | 'modelId' | 'version'>,
    result: Pick<DriftResult, 'features' | 'prediction' | 'concept'>,
    actor: ActorRef,
  ): Promise<string | null | undefined> {
    const rules = await manager
      .createQueryBuilder(AlertRule, 'rule')
      .where(`rule.modelId = :modelId AND rule.kind = 'DRIFT' AND rule.deletedAt IS NULL`, { modelId })
      // The gravest first. In one order, so that two reports wait for each other and not in a circle.
      .orderBy('rule.severity')
      .addOrderBy('rule.id')
      .setLock('pessimistic_write')
      .getMany();
    if (rules.length === 0) return undefined;
    // Late outcomes have a report judged again: what it broke stays, and the rest is open anew.
    await manager.query(`DELETE FROM alert_evaluations WHERE drift_report_id = $1 AND outcome <> 'BREACHED'`, [
      report.id,
    ]);
    let first: string | null = null;
    for (const rule of rules.filter(({ enabled }) => enabled)) {
      const judgement = judgeDriftReport(result, rule.condition as DriftCondition);
      const window = { from: report.windowStart, to: report.windowEnd, at: new Date() };
      const ids = { modelVersionId, driftReportId: report.id, featureQualityReportId: null };
      const alertId = await this.judgements.apply(manager, { rule, version, judgement, ...window, ...ids }, actor);
      if (judgement.outcome === 'BREACHED') first ??= alertId;
    }
    return first;
  }

  /** Takes the alert on, also from somebody else. @throws NotFound, StaleRevision; InvalidInput for one that is resolved */
  acknowledge(input: HandleAlertInput, actor: Actor): Promise<Alert> {
    return this.handle(input, 'ACKNOWLEDGED', actor);
  }

  /** Settles the alert. @throws NotFound, StaleRevision; InvalidInput for one that is resolved */
  resolve(input: HandleAlertInput, actor: Actor): Promise<Alert> {
    return this.handle(input, 'RESOLVED', actor);
  }

  /** Opens a resolved alert again. @throws NotFound, StaleRevision; InvalidInput for one that is not resolved, or has been followed by another */
  reopen(input: HandleAlertInput, actor: Actor): Promise<Alert> {
    return this.handle(input, 'OPEN', actor);
  }

  find(ids: readonly string[]): Promise<Alert[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(Alert, 'alert')
      .where('alert.id = ANY(:ids)', { ids })
      .getMany();
  }

  list(
    filter: { readonly modelId: string | null; readonly status: AlertStatus | null },
    args: ListArgs,
  ): Promise<Page<Alert>> {
    const query = this.deps.dataSource.manager.createQueryBuilder(Alert, 'alert');
    if (filter.modelId !== null) query.andWhere('alert.modelId = :modelId', { modelId: filter.modelId });
    if (filter.status !== null) query.andWhere('alert.status = :status', { status: filter.status });
    return listPage(query, args);
  }

  private async handle({ id, revision }: HandleAlertInput, to: AlertStatus, actor: Actor): Promise<Alert> {
    authorize(actor, 'alert.handle');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const alert = await manager.findOne(Alert, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!alert) throw new NotFound('alert', id, 'List what there is with the query alerts.', ['input', 'id']);
      if (to === 'OPEN') await requireReopenable(manager, alert);
      else requireUnresolved(alert);
      if (alert.revision !== revision) throw new StaleRevision('alert', revision, alert.revision);
      await this.changes.handle(manager, alert, to, actor);
      return manager.findOneByOrFail(Alert, { id });
    });
  }
}

function requireUnresolved({ status, resolvedBy }: Alert): void {
  if (status !== 'RESOLVED') return;
  throw new InvalidInput(
    'input.id',
    `${resolvedBy ?? 'somebody'} has resolved this alert, which is settled by that; reopenAlert opens it again`,
  );
}

async function requireReopenable(manager: EntityManager, alert: Alert): Promise<void> {
  if (alert.status !== 'RESOLVED') throw new InvalidInput('input.id', `this alert is ${alert.status}, not RESOLVED`);
  const follower = await manager
    .createQueryBuilder(Alert, 'alert')
    .where(`alert.modelVersionId = :modelVersionId AND alert.kind = :kind AND alert.status <> 'RESOLVED'`, alert)
    .andWhere('alert.ruleId IS NOT DISTINCT FROM :ruleId', alert)
    .getExists();
  if (follower)
    throw new InvalidInput('input.id', 'a newer alert is open for the same cause and version; handle that one');
}
