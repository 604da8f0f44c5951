import type { EntityManager } from 'typeorm';
import {
  type ActorRef,
  Alert,
  type AlertDetails,
  type AlertKind,
  AlertMute,
  type AlertSeverity,
  type AlertStatus,
  type UnannouncedChange,
} from '../../../entities';
import type { AuditTrail } from '../../audit';
import { type AlertChange, recordEvent } from '../../events';
import { recordLineage } from '../../lineage';
import { announce, isMuted } from './mute.policy';

/** What is wrong, as far as it makes an alert. */
export interface AlertCause {
  readonly modelId: string;
  readonly modelVersionId: string;
  readonly kind: AlertKind;
  /** null: without a rule. */
  readonly ruleId: string | null;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly details: AlertDetails;
  readonly driftReportId: string | null;
  readonly featureQualityReportId: string | null;
}

interface Change {
  readonly change: AlertChange;
  readonly action: string;
  /** What listeners are told, if anything, and what is left to be told. */
  readonly told: AlertChange | null;
  readonly unannounced: UnannouncedChange | null;
  readonly set: Partial<
    Pick<Alert, 'status' | 'acknowledgedBy' | 'resolvedBy' | 'severity' | 'title' | 'details' | 'occurrences'>
  > &
    Partial<Pick<Alert, 'driftReportId' | 'featureQualityReportId'>>;
  readonly auditDetails: Readonly<Record<string, unknown>>;
}

const ACTIONS = { ACKNOWLEDGED: 'alert.acknowledge', RESOLVED: 'alert.resolve', REOPENED: 'alert.reopen' } as const;

/** Every change of an alert: the row, its audit entry and its event, in the caller's transaction. */
export class AlertChanges {
  constructor(private readonly audit: AuditTrail) {}

  /** Raises an alert, or counts it on the one that is open for the same rule and version. @returns the alert's id */
  async raise(manager: EntityManager, cause: AlertCause, actor: ActorRef, at: Date): Promise<string> {
    // A twin may raise it between the look and the insert; the insert then waits for it and makes nothing.
    for (;;) {
      const open = await manager
        .createQueryBuilder(Alert, 'alert')
        .where(`alert.modelVersionId = :modelVersionId AND alert.kind = :kind AND alert.status <> 'RESOLVED'`, cause)
        .andWhere('alert.ruleId IS NOT DISTINCT FROM :ruleId', cause)
        .setLock('pessimistic_write')
        .getOne();
      if (open) return this.repeat(manager, open, cause, actor, at);
      const id = await this.insert(manager, cause, actor, at);
      if (id !== null) return id;
    }
  }

  /** Opens a resolved alert again, since its cause is back. */
  async reopen(manager: EntityManager, alert: Alert, cause: AlertCause, actor: ActorRef, at: Date): Promise<void> {
    const muted = await this.isMuted(manager, cause, at);
    await this.write(manager, alert, actor, {
      change: 'REOPENED',
      action: 'alert.reopen',
      ...announce('REOPENED', alert.unannouncedChange, muted),
      set: { ...newest(cause), ...OPENED, occurrences: alert.occurrences + 1 },
      auditDetails: { ...auditDetails(cause), occurrences: alert.occurrences + 1 },
    });
  }

  /** Settles an alert whose cause is gone. */
  async settle(manager: EntityManager, alert: Alert, actor: ActorRef, at: Date): Promise<void> {
    const muted = await this.isMuted(manager, alert, at);
    await this.write(manager, alert, actor, {
      change: 'RESOLVED',
      action: 'alert.resolve',
      ...announce('RESOLVED', alert.unannouncedChange, muted),
      set: { status: 'RESOLVED', resolvedBy: actor.name },
      auditDetails: {},
    });
  }

  /** What a person does is always told: also of an alert that a mute has kept quiet. */
  async handle(manager: EntityManager, alert: Alert, to: AlertStatus, actor: ActorRef): Promise<void> {
    const change = to === 'OPEN' ? 'REOPENED' : to;
    const set = {
      OPEN: OPENED,
      ACKNOWLEDGED: { status: to, acknowledgedBy: actor.name },
      RESOLVED: { status: to, resolvedBy: actor.name },
    }[to];
    await this.write(manager, alert, actor, {
      change,
      action: ACTIONS[change],
      told: change,
      unannounced: null,
      set,
      auditDetails: {},
    });
  }

  /** Tells what a mute has kept quiet, now that it has ended. */
  async announceLate(manager: EntityManager, alert: Alert, actor: ActorRef): Promise<void> {
    const change = alert.unannouncedChange ?? 'RAISED';
    await this.write(manager, alert, actor, {
      change,
      action: 'alert.announce',
      told: change,
      unannounced: null,
      set: {},
      auditDetails: { change },
    });
  }

  async isMuted(
    manager: EntityManager,
    { modelId, kind }: Pick<Alert, 'modelId' | 'kind'>,
    at: Date,
  ): Promise<boolean> {
    const mutes = await manager
      .createQueryBuilder(AlertMute, 'mute')
      .where('mute.modelId = :modelId AND mute.startsAt <= :at AND mute.endsAt > :at', { modelId, at })
      .getMany();
    return isMuted(mutes, kind, at);
  }

  private async insert(manager: EntityManager, cause: AlertCause, actor: ActorRef, at: Date): Promise<string | null> {
    const { told, unannounced } = announce('RAISED', null, await this.isMuted(manager, cause, at));
    const { identifiers } = await manager
      .createQueryBuilder()
      .insert()
      .into(Alert)
      .values({ id: crypto.randomUUID(), ...cause, unannouncedChange: unannounced })
      .orIgnore()
      .returning('id')
      .execute()
      .then(({ raw }) => ({ identifiers: raw as { id: string }[] }));
    const id = identifiers.at(0)?.id ?? null;
    if (id === null) return null;
    await this.leave(manager, { ...cause, id }, actor, {
      action: 'alert.raise',
      told,
      auditDetails: { ...auditDetails(cause), occurrences: 1 },
    });
    await this.link(manager, id, cause);
    return id;
  }

  private async repeat(manager: EntityManager, alert: Alert, cause: AlertCause, actor: ActorRef, at: Date) {
    const occurrences = alert.occurrences + 1;
    await this.write(manager, alert, actor, {
      change: 'RECURRED',
      action: 'alert.recur',
      ...announce('RECURRED', alert.unannouncedChange, await this.isMuted(manager, cause, at)),
      set: { ...newest(cause), occurrences },
      auditDetails: { ...auditDetails(cause), occurrences },
    });
    await this.link(manager, alert.id, cause);
    return alert.id;
  }

  private async write(manager: EntityManager, alert: Alert, actor: ActorRef, change: Change): Promise<void> {
    const { id, revision } = alert;
    const resolvedAt = change.set.status === 'RESOLVED' ? () => 'clock_timestamp()' : undefined;
    await manager.update(
      Alert,
      { id },
      {
        ...change.set,
        unannouncedChange: change.unannounced,
        ...(resolvedAt && { resolvedAt }),
        updatedAt: () => 'now()',
        revision: revision + 1,
      },
    );
    await this.leave(manager, alert, actor, change);
  }

  private async leave(
    manager: EntityManager,
    { id, modelId, kind }: Pick<Alert, 'id' | 'modelId' | 'kind'>,
    actor: ActorRef,
    { action, told, auditDetails: details }: Pick<Change, 'action' | 'told' | 'auditDetails'>,
  ): Promise<void> {
    await this.audit.append(manager, { modelId, actor, action, subject: `Alert:${id}`, details });
    if (told === null) return;
    const payload = { alertId: id, change: told, kind };
    await recordEvent(manager, { type: 'ALERT_CHANGED', modelId, payload, actor });
  }

  private link(manager: EntityManager, id: string, cause: AlertCause): Promise<void> {
    const { modelVersionId, driftReportId, featureQualityReportId } = cause;
    const from = [`ModelVersion:${modelVersionId}`];
    if (driftReportId !== null) from.push(`DriftReport:${driftReportId}`);
    if (featureQualityReportId !== null) from.push(`FeatureQualityReport:${featureQualityReportId}`);
    return recordLineage(manager, from, `Alert:${id}`);
  }
}

const OPENED = { status: 'OPEN', acknowledgedBy: null, resolvedBy: null } as const;

const newest = ({ severity, title, details, driftReportId, featureQualityReportId }: AlertCause) => ({
  severity,
  title,
  details,
  driftReportId,
  featureQualityReportId,
});

const auditDetails = ({ driftReportId, severity, title, ruleId }: AlertCause) => ({
  ...(driftReportId !== null && { driftReportId }),
  ...(ruleId !== null && { ruleId }),
  severity,
  title,
});
