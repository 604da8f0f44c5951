import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Alert, AlertRule } from '../../../entities';
import type { Logger } from '../../../logger';
import type { AuditTrail } from '../../audit';
import { inTransaction, WakeUp } from '../../database';
import { type Actor, systemActor } from '../../identity';
import { AlertChanges } from './alert-changes';
import { dueWindows, type Window } from './due-windows.policy';
import type { PerformanceFigures } from './performance-figures';
import { RuleJudgements } from './rule-judgements';
import { judgeVersion, labelDelayOf, type ServedVersion } from './version-windows';

/** A rule, the production version of its model, and how far it was judged. */
interface Pending extends ServedVersion {
  readonly ruleId: string;
  readonly lastEnd: Date | null;
}

const POLL_MS = 15_000;
/** Every replica adds its minutes within ten seconds. */
const SETTLE_SECONDS = 30;
/** A restart costs no window; after a long time without a server older ones are past caring, but for what confirmation needs. */
const MADE_UP_FOR = 5;
const KEPT_DAYS = 30;
/** Of one rule these stay however old they are: more than any rule confirms by. */
const KEPT_EVALUATIONS = 100;

/**
 * Judges the windows of all rules but those on drift, which look at reports. Whoever finds a window due judges it under the lock of the rule's row, so
 * that of many replicas one does, and a window counts once.
 */
export class AlertEvaluator {
  private readonly changes: AlertChanges;
  private readonly judgements: RuleJudgements;
  private readonly wakeUp = new WakeUp();
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly logger: Logger;
      readonly performance: PerformanceFigures;
    },
  ) {
    this.changes = new AlertChanges(deps.audit);
    this.judgements = new RuleJudgements(this.changes);
  }

  start(): void {
    this.looking = this.look();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp.ring();
    await this.looking;
  }

  /**
   * Judges every window that is due, and tells what mutes that have ended kept quiet. A rule that fails keeps no other from its turn.
   * @returns how many windows were judged here
   */
  async evaluateDue(now = new Date()): Promise<number> {
    const actor = systemActor('system:alert-rules', randomUUID());
    let count = 0;
    for (const pending of await this.pending()) {
      if (this.stopping.signal.aborted) break;
      try {
        count += await this.evaluate(pending, now, actor);
      } catch (err) {
        this.deps.logger.error({ err, alertRuleId: pending.ruleId }, 'a rule could not be judged; it is tried again');
      }
    }
    await this.announceAfterMutes(now, actor);
    return count;
  }

  /** Forgets evaluations and minutes that are older than a month, but for the latest evaluations of each rule. */
  async prune(now = new Date()): Promise<void> {
    const before = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
    await this.deps.dataSource.query('DELETE FROM serving_minutes WHERE minute < $1', [before]);
    await this.deps.dataSource.query(
      `DELETE FROM alert_evaluations old WHERE created_at < $1 AND sequence <=
         (SELECT sequence FROM alert_evaluations WHERE rule_id = old.rule_id AND model_version_id = old.model_version_id
          ORDER BY sequence DESC OFFSET ${KEPT_EVALUATIONS} LIMIT 1)`,
      [before],
    );
  }

  private async look(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.evaluateDue().catch((err: unknown) => {
        this.deps.logger.error({ err }, 'rules of alerts could not be judged; they are tried again');
      });
      await this.wakeUp.wait(POLL_MS);
    }
  }

  private pending(): Promise<Pending[]> {
    return this.deps.dataSource.query<Pending[]>(
      `SELECT rule.id AS "ruleId", version.id AS "modelVersionId", version.version, version.feature_service_version_id AS "featureServiceVersionId",
         (SELECT max(created_at) FROM model_transitions WHERE model_version_id = version.id AND to_stage = 'PRODUCTION') AS "servesSince",
         (SELECT max(window_end) FROM alert_evaluations WHERE rule_id = rule.id AND model_version_id = version.id) AS "lastEnd"
       FROM alert_rules rule
       JOIN models model ON model.id = rule.model_id AND model.deleted_at IS NULL
       JOIN model_versions version ON version.model_id = model.id AND version.stage = 'PRODUCTION'
       WHERE rule.enabled AND rule.deleted_at IS NULL AND rule.kind <> 'DRIFT' ORDER BY rule.id`,
    );
  }

  private async evaluate(pending: Pending, now: Date, actor: Actor): Promise<number> {
    const rule = await this.deps.dataSource.manager.findOneBy(AlertRule, { id: pending.ruleId });
    if (rule === null || rule.windowSeconds === null) return 0;
    const windows = dueWindows(
      {
        windowSeconds: rule.windowSeconds,
        settleSeconds: SETTLE_SECONDS + labelDelayOf(rule),
        atMost: Math.max(rule.outOf, MADE_UP_FOR),
        since: new Date(Math.max(rule.createdAt.getTime(), pending.servesSince.getTime())),
        lastEnd: pending.lastEnd,
      },
      now,
    );
    let count = 0;
    for (const window of windows) {
      // What another replica has taken is that one's; this one comes back to the rest at its next look.
      if (!(await this.judge(pending, window, now, actor))) break;
      count++;
    }
    return count;
  }

  private judge(pending: Pending, { from, to }: Window, at: Date, actor: Actor): Promise<boolean> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const rule = await manager
        .createQueryBuilder(AlertRule, 'rule')
        .where('rule.id = :ruleId AND rule.enabled AND rule.deletedAt IS NULL', pending)
        .setLock('pessimistic_write')
        .setOnLocked('skip_locked')
        .getOne();
      if (rule === null) return false;
      const judged = await judgeVersion(manager, this.deps.performance, rule, pending, { from, to });
      const { modelVersionId, version } = pending;
      await this.judgements.apply(
        manager,
        { rule, modelVersionId, version, from, to, ...judged, driftReportId: null, at },
        actor,
      );
      return true;
    });
  }

  /** An alert that was raised under a mute and whose cause was seen last time too is told once the mute has ended. */
  private async announceAfterMutes(now: Date, actor: Actor): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      const quiet = await manager
        .createQueryBuilder(Alert, 'alert')
        .where(`alert.unannouncedChange IS NOT NULL AND alert.status <> 'RESOLVED'`)
        .andWhere(STILL_SEEN)
        .orderBy('alert.modelId')
        .setLock('pessimistic_write')
        .setOnLocked('skip_locked')
        .getMany();
      for (const alert of quiet) {
        if (!(await this.changes.isMuted(manager, alert, now))) await this.changes.announceLate(manager, alert, actor);
      }
    });
  }
}

/** By the last window of its rule that could be judged, or, without a rule, by the last report of its version. */
const STILL_SEEN = `CASE WHEN alert.rule_id IS NULL
  THEN (SELECT verdict = 'DRIFT' FROM drift_reports WHERE model_version_id = alert.model_version_id AND status = 'READY' ORDER BY created_at DESC LIMIT 1)
  ELSE (SELECT outcome = 'BREACHED' FROM alert_evaluations WHERE rule_id = alert.rule_id AND model_version_id = alert.model_version_id
        AND outcome <> 'NOT_EVALUABLE' ORDER BY sequence DESC LIMIT 1) END`;
