import { isDeepStrictEqual } from 'node:util';
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
import { type Actor, authorize } from '../identity';
import type { JobContext, JobQueue, JobSchedules } from '../jobs';
import { recordLineage } from '../lineage';
import { firstPredictedAt, type PredictionReader } from '../predictions';
import type { VersionService } from '../registry';
import { parseReferenceProfile } from '../training';
import type { AlertService } from './alert.service';
import { raiseDriftAlarm } from './drift-alarm';
import { analyseDrift } from './drift-analysis.policy';
import { haveLabelsChanged } from './changed-labels';
import { withLateLabels } from './late-labels.policy';
import type { MonitoringPolicyService } from './monitoring-policy.service';
import { checkWindow, type ReportWindow, resolveWindow, settled, timeRange, type WindowInput } from './report-window';
import { readWindow } from './window-reader';

export interface RunDriftReportInput extends WindowInput {
  readonly model: string;
  /** Absent: the production version. */
  readonly version?: number | null;
  /** Also the KS tests that a change of the traffic alone alarms. */
  readonly confounded?: boolean | null;
  readonly idempotencyKey?: string | null;
}

interface ReportJob {
  readonly driftReportId: string;
  /** It is there, and outcomes have come since. */
  readonly lateLabels?: boolean;
  readonly confounded?: boolean;
}

interface Judged {
  readonly version: ModelVersion;
  readonly verdict: DriftVerdict;
  readonly result: Omit<DriftResult, 'alertId'>;
  /** By the database's clock, before the first outcome was read. */
  readonly labelsReadAt: Date;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly artifacts: ArtifactStore;
  readonly jobs: JobQueue;
  readonly schedules: JobSchedules;
  readonly versions: VersionService;
  readonly predictions: PredictionReader;
  readonly policies: MonitoringPolicyService;
  readonly alerts: AlertService;
}

/** Compares windows of predictions with the reference of their version, and raises the alarm. */
export class DriftReportService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<ReportJob>(
      'DRIFT_REPORT',
      (input, job) => (input.lateLabels ? this.revise(input, job) : this.compute(input, job)),
      {
        onFailed: (input, _error, job) => this.fail(input, job),
      },
    );
    deps.schedules.define('DRIFT_REPORT', (manager, subject, actor) => this.startByClock(manager, subject, actor));
  }

  /**
   * Starts a report on a window of predictions, as it is now.
   * @throws InvalidInput also when there is nothing to report on; NotFound, NotServable when the version has no reference profile
   */
  async run(input: RunDriftReportInput, actor: Actor): Promise<{ driftReport: DriftReport; job: JobRecord }> {
    authorize(actor, 'monitoring.report');
    checkWindow(input);
    const choice = input.version == null ? { stage: 'PRODUCTION' as const } : { version: input.version };
    const { model, modelVersion } = await this.deps.versions.select({ model: input.model, ...choice });
    refuseWithoutProfile(modelVersion, `${model.name} ${modelVersion.version}`);
    const key = { actor: actor.name, mutation: 'runDriftReport', key: input.idempotencyKey, input };
    const ids = await inTransaction(this.deps.dataSource, (manager) =>
      idempotent(manager, key, async () => {
        const window = await resolveWindow(manager, modelVersion.id, input, new Date());
        if ('nothing' in window)
          throw new InvalidInput(input.lastRows == null ? 'input.sinceLast' : 'input.lastRows', window.nothing);
        return this.start(manager, modelVersion, window, actor, input.confounded ?? false);
      }),
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

  /** Of the version that is in production then. */
  private async startByClock(manager: EntityManager, subject: string, actor: ActorRef) {
    const modelId = subject.slice('Model:'.length);
    const version = await this.deps.versions.production(modelId);
    if (!version) return { skipped: 'The model has no version in production.' };
    refuseWithoutProfile(version, `Version ${version.version}`);
    const { driftWindowSeconds } = await this.deps.policies.get(modelId);
    const now = new Date();
    const from = driftWindowSeconds === null ? null : new Date(now.getTime() - driftWindowSeconds * 1000);
    if (from && (await firstPredictedAt(manager, version.id, from, now)) === null)
      return { skipped: `The version has made no PRIMARY prediction since ${from.toISOString()}.` };
    const window = from ? timeRange(from, now) : await resolveWindow(manager, version.id, { sinceLast: true }, now);
    if ('nothing' in window) return { skipped: window.nothing };
    return { id: (await this.start(manager, version, window, actor)).jobId };
  }

  private async start(
    manager: EntityManager,
    version: ModelVersion,
    window: ReportWindow,
    actor: ActorRef,
    confounded = false,
  ) {
    const id = crypto.randomUUID();
    const subject = `DriftReport:${id}`;
    const job = await this.deps.jobs.enqueue<ReportJob>(manager, {
      kind: 'DRIFT_REPORT',
      subject,
      input: { driftReportId: id, confounded },
      actor,
    });
    await manager.insert(DriftReport, {
      id,
      modelId: version.modelId,
      modelVersionId: version.id,
      jobId: job.id,
      status: 'RUNNING',
      ...window,
      createdBy: actor.name,
    });
    await recordLineage(manager, [`ModelVersion:${version.id}`], subject);
    await this.deps.audit.append(manager, {
      modelId: version.modelId,
      actor,
      action: 'monitoring.runReport',
      subject,
      details: { version: version.version, windowStart: window.windowStart, windowEnd: window.windowEnd },
    });
    return { id, jobId: job.id };
  }

  private async compute({ driftReportId, confounded = false }: ReportJob, job: JobContext): Promise<void> {
    const report = await this.deps.dataSource.manager.findOneByOrFail(DriftReport, { id: driftReportId });
    if (report.status === 'READY') return;
    await settled(report, job.signal);
    await this.conclude(report, await this.judge(report, job, confounded), job);
  }

  /** Takes in what outcomes came after the report, where they can change what it says. */
  private async revise({ driftReportId }: ReportJob, job: JobContext): Promise<void> {
    const { dataSource, jobs } = this.deps;
    // From here on, outcomes bring a job of their own.
    await this.forgetRevision(driftReportId, job);
    const report = await dataSource.manager.findOneByOrFail(DriftReport, { id: driftReportId });
    if (report.status === 'RUNNING') {
      const input = { driftReportId, lateLabels: true };
      const again = { kind: 'DRIFT_REPORT', subject: `DriftReport:${driftReportId}`, input, pauseSeconds: 5 } as const;
      await inTransaction(dataSource, (manager) => jobs.enqueue(manager, { ...again, actor: job.actor }));
      return;
    }
    if (report.result === null) return;
    if (!(await haveLabelsChanged(dataSource.manager, report, report.result))) return;
    const judged = await this.judge(report, job, report.result.concept.confounded !== undefined);
    // What retention has taken from the log cannot be judged again.
    if (judged.result.currentRowCount < report.result.currentRowCount) return;
    await this.concludeRevision(report, judged, job);
  }

  private async judge(report: DriftReport, job: JobContext, confounded: boolean): Promise<Judged> {
    const { manager } = this.deps.dataSource;
    const version = await manager.findOneByOrFail(ModelVersion, { id: report.modelVersionId });
    const profile = parseReferenceProfile(await this.deps.artifacts.get(version.referenceProfileDigest ?? ''));
    const { policy } = await this.deps.policies.get(report.modelId);
    const [{ now: labelsReadAt }] = await manager.query<[{ now: Date }]>('SELECT clock_timestamp() AS now');

    job.progress(0.1, 'Reading the predictions of the window');
    const window = await readWindow(this.deps.predictions, {
      version,
      profile,
      from: report.windowStart,
      to: report.windowEnd,
      afterId: report.windowAfterId,
      segmentFeature: policy.segmentFeature,
      signal: job.signal,
      onProgress: (rowCount) => job.progress(0.5, `Read ${rowCount} predictions`),
    });
    job.progress(0.8, 'Comparing with the reference');
    const options = { segments: window.segments, confounded };
    return { version, labelsReadAt, ...analyseDrift(profile, window, policy, version.decisionThreshold, options) };
  }

  /** The report, its alert and their events are there together or not at all. */
  private async conclude(report: DriftReport, judged: Judged, job: JobContext): Promise<void> {
    const { version, verdict, result, labelsReadAt } = judged;
    await inTransaction(this.deps.dataSource, async (manager) => {
      // The job may run twice after a crash; the second one finds its work done.
      const current = await lockReport(manager, report.id);
      if (current.status === 'READY') return;
      const alertId = await raiseDriftAlarm(this.deps.alerts, manager, report, version, { verdict, result }, job.actor);
      const changes = { status: 'READY', verdict, result: { ...result, alertId }, labelsReadAt } as const;
      await manager.update(DriftReport, { id: report.id }, changes);
    });
  }

  /** Writes what changed, if anything did. A report raises its alert once, whatever its outcomes say later. */
  private async concludeRevision(
    { id, modelId, windowStart, windowEnd }: DriftReport,
    judged: Judged,
    job: JobContext,
  ): Promise<void> {
    const { version, labelsReadAt } = judged;
    await inTransaction(this.deps.dataSource, async (manager) => {
      const { verdict, result, revision, labelsReadAt: former } = await lockReport(manager, id);
      // Another job may have read later than this one, and been faster.
      if (verdict === null || result === null || (former && former >= labelsReadAt)) return;
      const revised = withLateLabels({ verdict, result }, judged);
      if (isDeepStrictEqual(asStored(revised), asStored({ verdict, result }))) {
        await manager.update(DriftReport, { id }, { labelsReadAt });
        return;
      }
      const turned = revised.verdict === 'DRIFT' && verdict !== 'DRIFT' && result.alertId === null;
      if (turned) {
        const { alerts } = this.deps;
        revised.result.alertId = await raiseDriftAlarm(
          alerts,
          manager,
          { id, modelId, windowStart, windowEnd },
          version,
          revised,
          job.actor,
        );
      }
      const counted = { revision: revision + 1, recomputedAt: () => 'now()', labelsReadAt };
      await manager.update(DriftReport, { id }, { ...revised, ...counted });
      await this.deps.audit.append(manager, {
        modelId,
        actor: job.actor,
        action: 'monitoring.reviseReport',
        subject: `DriftReport:${id}`,
        details: {
          revision: revision + 1,
          verdict: revised.verdict,
          labelledRowCount: revised.result.labelledRowCount,
        },
      });
    });
  }

  private async fail({ driftReportId, lateLabels = false }: ReportJob, job: JobContext): Promise<void> {
    if (lateLabels) return this.forgetRevision(driftReportId, job);
    await this.deps.dataSource.manager.update(
      DriftReport,
      { id: driftReportId, status: 'RUNNING' },
      { status: 'FAILED' },
    );
  }

  private async forgetRevision(id: string, { jobId }: JobContext): Promise<void> {
    const { manager } = this.deps.dataSource;
    await manager.update(DriftReport, { id, recomputeJobId: jobId }, { recomputeJobId: null });
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(DriftReport, 'report');
  }
}

/** @throws NotServable */
function refuseWithoutProfile({ referenceProfileDigest }: ModelVersion, name: string): void {
  if (referenceProfileDigest !== null) return;
  throw new NotServable(name, 'it was registered without a reference profile, so there is nothing to compare with');
}

const lockReport = (manager: EntityManager, id: string): Promise<DriftReport> =>
  manager.findOneOrFail(DriftReport, { where: { id }, lock: { mode: 'pessimistic_write' } });

/** As JSON keeps it: without undefined values, and -0 as 0. */
const asStored = (value: object): unknown => JSON.parse(JSON.stringify(value));
