import type { DataSource, EntityManager } from 'typeorm';
import {
  type ActorRef,
  type DriftResult,
  DriftReport,
  type DriftVerdict,
  type JobRecord,
  ModelVersion,
} from '../../entities';
import { InvalidInput, NotServable } from '../../errors';
import type { ArtifactStore } from '../artifacts';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction, type ListArgs, listPage, type Page } from '../database';
import { recordEvent } from '../events';
import { type Actor, authorize } from '../identity';
import type { JobContext, JobQueue } from '../jobs';
import { recordLineage } from '../lineage';
import type { PredictionReader } from '../predictions';
import type { VersionService } from '../registry';
import { parseReferenceProfile } from '../training';
import type { AlertService } from './alert.service';
import { analyseDrift, driftCauses } from './drift-analysis.policy';
import type { MonitoringPolicyService } from './monitoring-policy.service';
import { readWindow } from './window-reader';

export interface RunDriftReportInput {
  readonly model: string;
  /** Absent: the production version. */
  readonly version?: number | null;
  readonly from: Date;
  readonly to: Date;
  readonly idempotencyKey?: string | null;
}

interface ReportJob {
  readonly driftReportId: string;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly artifacts: ArtifactStore;
  readonly jobs: JobQueue;
  readonly versions: VersionService;
  readonly predictions: PredictionReader;
  readonly policies: MonitoringPolicyService;
  readonly alerts: AlertService;
}

/** Compares windows of predictions with the reference of their version, and raises the alarm. */
export class DriftReportService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<ReportJob>('DRIFT_REPORT', (input, job) => this.compute(input, job), {
      onFailed: (input) => this.fail(input),
    });
  }

  /**
   * Starts a report on the predictions made in [from, to).
   * @throws InvalidInput, NotFound, NotServable when the version has no reference profile
   */
  async run(input: RunDriftReportInput, actor: Actor): Promise<{ driftReport: DriftReport; job: JobRecord }> {
    authorize(actor, 'monitoring.report');
    if (input.from >= input.to) throw new InvalidInput('input.to', 'must be later than from');
    const choice = input.version == null ? { stage: 'PRODUCTION' as const } : { version: input.version };
    const { model, modelVersion } = await this.deps.versions.select({ model: input.model, ...choice });
    if (modelVersion.referenceProfileDigest === null) {
      throw new NotServable(
        `${model.name} ${modelVersion.version}`,
        'it was registered without a reference profile, so there is nothing to compare with',
      );
    }
    const key = { actor: actor.name, mutation: 'runDriftReport', key: input.idempotencyKey, input };
    const ids = await inTransaction(this.deps.dataSource, (manager) =>
      idempotent(manager, key, () => this.start(manager, modelVersion, input, actor)),
    );
    const driftReport = await this.deps.dataSource.manager.findOneByOrFail(DriftReport, { id: ids.id });
    const [job] = await this.deps.jobs.find([ids.jobId]);
    return { driftReport, job };
  }

  find(ids: readonly string[]): Promise<DriftReport[]> {
    return this.rows().where('report.id = ANY(:ids)', { ids }).getMany();
  }

  /** Newest first. */
  list(modelId: string, args: ListArgs): Promise<Page<DriftReport>> {
    return listPage(this.rows().where('report.modelId = :modelId', { modelId }), args);
  }

  private async start(manager: EntityManager, version: ModelVersion, { from, to }: RunDriftReportInput, actor: Actor) {
    const id = crypto.randomUUID();
    const subject = `DriftReport:${id}`;
    const job = await this.deps.jobs.enqueue<ReportJob>(manager, {
      kind: 'DRIFT_REPORT',
      subject,
      input: { driftReportId: id },
      actor,
    });
    await manager.insert(DriftReport, {
      id,
      modelId: version.modelId,
      modelVersionId: version.id,
      jobId: job.id,
      status: 'RUNNING',
      windowStart: from,
      windowEnd: to,
      createdBy: actor.name,
    });
    await recordLineage(manager, [`ModelVersion:${version.id}`], subject);
    await this.deps.audit.append(manager, {
      modelId: version.modelId,
      actor,
      action: 'monitoring.runReport',
      subject,
      details: { version: version.version, windowStart: from, windowEnd: to },
    });
    return { id, jobId: job.id };
  }

  private async compute({ driftReportId }: ReportJob, job: JobContext): Promise<void> {
    const { manager } = this.deps.dataSource;
    const report = await manager.findOneByOrFail(DriftReport, { id: driftReportId });
    if (report.status === 'READY') return;
    const version = await manager.findOneByOrFail(ModelVersion, { id: report.modelVersionId });
    const profile = parseReferenceProfile(await this.deps.artifacts.get(version.referenceProfileDigest ?? ''));
    const { policy } = await this.deps.policies.get(report.modelId);

    job.progress(0.1, 'Reading the predictions of the window');
    const window = await readWindow(this.deps.predictions, {
      version,
      profile,
      from: report.windowStart,
      to: report.windowEnd,
      signal: job.signal,
      onProgress: (rowCount) => job.progress(0.5, `Read ${rowCount} predictions`),
    });
    job.progress(0.8, 'Comparing with the reference');
    const { verdict, result } = analyseDrift(profile, window, policy, version.decisionThreshold);
    await this.conclude(report, version, verdict, result, job);
  }

  /** The report, its alert and their events are there together or not at all. */
  private async conclude(
    report: DriftReport,
    version: ModelVersion,
    verdict: DriftVerdict,
    result: Omit<DriftResult, 'alertId'>,
    job: JobContext,
  ): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      // The job may run twice after a crash; the second one finds its work done.
      const current = await manager.findOneOrFail(DriftReport, {
        where: { id: report.id },
        lock: { mode: 'pessimistic_write' },
      });
      if (current.status === 'READY') return;
      // The model's own rules look at reports without drift too: they count windows.
      const ruled = await this.deps.alerts.judgeDrift(manager, report, version, result, job.actor);
      const alertId = verdict === 'DRIFT' ? await this.alarm(manager, report, version, result, job.actor, ruled) : null;
      await manager.update(
        DriftReport,
        { id: report.id },
        { status: 'READY', verdict, result: { ...result, alertId } },
      );
    });
  }

  /**
   * @param ruled what the model's own rules made of it; undefined where it has none, and any drift is an alert
   * @returns the alert's id
   */
  private async alarm(
    manager: EntityManager,
    report: DriftReport,
    version: ModelVersion,
    result: Omit<DriftResult, 'alertId'>,
    actor: ActorRef,
    ruled: string | null | undefined,
  ): Promise<string | null> {
    const causes = driftCauses(result);
    const { modelId } = report;
    const ids = { driftReportId: report.id, modelVersionId: version.id };
    const severity = result.concept.verdict === 'DRIFT' ? 'CRITICAL' : 'WARNING';
    const title = `Version ${version.version} drifts: ${causes[0]}`;
    const raise = () => this.deps.alerts.raise(manager, { modelId, ...ids, severity, title, causes }, actor);
    const alertId = ruled === undefined ? await raise() : ruled;
    await recordEvent(manager, { type: 'DRIFT_DETECTED', modelId, payload: ids, actor });
    return alertId;
  }

  private async fail({ driftReportId }: ReportJob): Promise<void> {
    await this.deps.dataSource.manager.update(
      DriftReport,
      { id: driftReportId, status: 'RUNNING' },
      { status: 'FAILED' },
    );
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(DriftReport, 'report');
  }
}
