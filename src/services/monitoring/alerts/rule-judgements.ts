import type { EntityManager } from 'typeorm';
import { type ActorRef, Alert, AlertEvaluation, type AlertRule } from '../../../entities';
import type { AlertCause, AlertChanges } from './alert-changes';
import { type AlertState, type AlertStep, type JudgedWindow, nextStep } from './confirmation.policy';
import type { Judgement } from './judge-window.policy';

/** A window of one version that a rule has judged. */
export interface JudgedBy {
  readonly rule: AlertRule;
  readonly modelVersionId: string;
  readonly version: number;
  readonly from: Date;
  readonly to: Date;
  readonly judgement: Judgement;
  readonly driftReportId: string | null;
  readonly featureQualityReportId: string | null;
  /** When it is judged, by which mutes are looked at. */
  readonly at: Date;
}

/** Of windows that could not be judged so many may lie among the last that could. */
const LOOKED_AT = 500;

/** Keeps what came of a rule in a window, and does what it means for the rule's alert, in the caller's transaction. */
export class RuleJudgements {
  constructor(private readonly changes: AlertChanges) {}

  /**
   * The caller holds the lock of the rule's row, so that windows of one rule are judged one after the other. A window that was judged already changes
   * nothing.
   * @returns the alert that was changed
   */
  async apply(manager: EntityManager, judged: JudgedBy, actor: ActorRef): Promise<string | null> {
    const { rule, modelVersionId, judgement, driftReportId, from, to } = judged;
    const { outcome, value, threshold, causes } = judgement;
    const [kept] = await manager.query<{ id: string }[]>(
      `INSERT INTO alert_evaluations (rule_id, model_version_id, drift_report_id, window_start, window_end, outcome, value, threshold, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
      [rule.id, modelVersionId, driftReportId, from, to, outcome, value, threshold, causes.join(' ')],
    );
    if (!kept) return null;
    const alert = await this.newestAlert(manager, rule, modelVersionId);
    const step = nextStep(await this.windows(manager, rule, modelVersionId), stateOf(alert), rule);
    const alertId = await this.take(manager, step, alert, judged, actor);
    if (alertId !== null) await manager.update(AlertEvaluation, { id: kept.id }, { alertId });
    return alertId;
  }

  private async take(
    manager: EntityManager,
    step: AlertStep,
    alert: Alert | null,
    judged: JudgedBy,
    actor: ActorRef,
  ): Promise<string | null> {
    if (step === 'NOTHING') return null;
    if (step === 'RAISE' || step === 'REPEAT' || alert === null)
      return this.changes.raise(manager, causeOf(judged), actor, judged.at);
    if (step === 'REOPEN') await this.changes.reopen(manager, alert, causeOf(judged), actor, judged.at);
    else await this.changes.settle(manager, alert, actor, judged.at);
    return alert.id;
  }

  /** The open one, else the one that was resolved last. Locked: a person may be at it. */
  private newestAlert(manager: EntityManager, rule: AlertRule, modelVersionId: string): Promise<Alert | null> {
    return manager
      .createQueryBuilder(Alert, 'alert')
      .where('alert.ruleId = :ruleId AND alert.modelVersionId = :modelVersionId', { ruleId: rule.id, modelVersionId })
      .orderBy('alert.resolvedAt', 'DESC', 'NULLS FIRST')
      .limit(1)
      .setLock('pessimistic_write')
      .getOne();
  }

  /** Newest first. A report is known when it is made, which may be long after its window. */
  private async windows(manager: EntityManager, rule: AlertRule, modelVersionId: string): Promise<JudgedWindow[]> {
    return manager.query<JudgedWindow[]>(
      `SELECT outcome, CASE WHEN drift_report_id IS NULL THEN window_end ELSE created_at END AS "observedAt"
       FROM alert_evaluations WHERE rule_id = $1 AND model_version_id = $2 AND created_at >= $3 ORDER BY sequence DESC LIMIT ${LOOKED_AT}`,
      [rule.id, modelVersionId, rule.effectiveAt],
    );
  }
}

function stateOf(alert: Alert | null): AlertState {
  if (alert === null) return { status: 'NONE' };
  if (alert.status !== 'RESOLVED') return { status: 'OPEN' };
  return { status: 'RESOLVED', resolvedAt: alert.resolvedAt ?? alert.updatedAt };
}

function causeOf({ rule, modelVersionId, version, judgement, from, to, ...reports }: JudgedBy): AlertCause {
  const { causes, value, threshold } = judgement;
  return {
    modelId: rule.modelId,
    modelVersionId,
    kind: rule.kind,
    ruleId: rule.id,
    severity: rule.severity,
    title: `Version ${version}, ${rule.name}: ${causes[0]}`,
    details: {
      causes: [...causes],
      value,
      threshold,
      windowStart: from.toISOString(),
      windowEnd: to.toISOString(),
    },
    driftReportId: reports.driftReportId,
    featureQualityReportId: reports.featureQualityReportId,
  };
}
