import type { DataSource, EntityManager } from 'typeorm';
import { type ActorRef, Alert, type AlertSeverity, type AlertStatus } from '../../entities';
import { InvalidInput, NotFound, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction, type ListArgs, listPage, type Page } from '../database';
import { recordEvent } from '../events';
import { type Actor, authorize } from '../identity';

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

type HandledStatus = Exclude<AlertStatus, 'OPEN'>;

const HANDLING = {
  ACKNOWLEDGED: { by: 'acknowledgedBy', action: 'alert.acknowledge' },
  RESOLVED: { by: 'resolvedBy', action: 'alert.resolve' },
} as const satisfies Record<HandledStatus, object>;

/** Alerts: raised by reports, acknowledged and resolved by people. */
export class AlertService {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /**
   * Raises an alert in the transaction of its report. A drift that goes on is one alert that counts its occurrences, not one a window; one that comes
   * back after its alert was resolved is a new alert.
   * @returns the alert's id
   */
  async raise(manager: EntityManager, alert: DriftAlert, actor: ActorRef): Promise<string> {
    const [{ id, occurrences }] = await manager.query<[{ id: string; occurrences: number }]>(
      `INSERT INTO alerts (model_id, model_version_id, kind, severity, title, details, drift_report_id)
       VALUES ($1, $2, 'DRIFT', $3, $4, $5::jsonb, $6)
       ON CONFLICT (model_version_id, kind) WHERE status <> 'RESOLVED' DO UPDATE
       SET occurrences = alerts.occurrences + 1, severity = excluded.severity, title = excluded.title, details = excluded.details,
           drift_report_id = excluded.drift_report_id, updated_at = now(), revision = alerts.revision + 1
       RETURNING id, occurrences`,
      [
        alert.modelId,
        alert.modelVersionId,
        alert.severity,
        alert.title,
        JSON.stringify({ causes: alert.causes }),
        alert.driftReportId,
      ],
    );
    const isNew = occurrences === 1;
    const change = isNew ? 'RAISED' : 'RECURRED';
    const { driftReportId, severity, title } = alert;
    await this.deps.audit.append(manager, {
      modelId: alert.modelId,
      actor,
      action: isNew ? 'alert.raise' : 'alert.recur',
      subject: `Alert:${id}`,
      details: { driftReportId, severity, title, occurrences },
    });
    await recordEvent(manager, {
      type: 'ALERT_CHANGED',
      modelId: alert.modelId,
      payload: { alertId: id, change, kind: 'DRIFT' },
      actor,
    });
    return id;
  }

  /** Takes the alert on, also from somebody else. @throws NotFound, StaleRevision; InvalidInput for one that is resolved */
  acknowledge(input: HandleAlertInput, actor: Actor): Promise<Alert> {
    return this.handle(input, 'ACKNOWLEDGED', actor);
  }

  /** Settles the alert for good. @throws NotFound, StaleRevision; InvalidInput for one that is resolved */
  resolve(input: HandleAlertInput, actor: Actor): Promise<Alert> {
    return this.handle(input, 'RESOLVED', actor);
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

  private async handle({ id, revision }: HandleAlertInput, to: HandledStatus, actor: Actor): Promise<Alert> {
    authorize(actor, 'alert.handle');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const alert = await manager.findOne(Alert, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!alert) throw new NotFound('alert', id, 'List what there is with the query alerts.', ['input', 'id']);
      if (alert.status === 'RESOLVED') {
        throw new InvalidInput(
          'input.id',
          `${alert.resolvedBy ?? 'somebody'} has resolved this alert, which is final; should its cause come back, the next report raises a new one`,
        );
      }
      if (alert.revision !== revision) throw new StaleRevision('alert', revision, alert.revision);
      const { by, action } = HANDLING[to];
      await manager.update(
        Alert,
        { id },
        { status: to, [by]: actor.name, updatedAt: () => 'now()', revision: revision + 1 },
      );
      const { modelId, kind } = alert;
      await this.deps.audit.append(manager, { modelId, actor, action, subject: `Alert:${id}`, details: {} });
      await recordEvent(manager, {
        type: 'ALERT_CHANGED',
        modelId,
        payload: { alertId: id, change: to, kind },
        actor,
      });
      return manager.findOneByOrFail(Alert, { id });
    });
  }
}
