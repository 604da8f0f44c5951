import type { DataSource } from 'typeorm';
import type { Logger } from './logger';
import type { ArtifactKeeper } from './services/artifacts';
import type { AuditTrail } from './services/audit';
import type { JobQueue, JobSchedules } from './services/jobs';
import {
  type AlertService,
  DriftReportService,
  LateLabels,
  LiveDriftService,
  MonitoringPolicyService,
  PerformanceReportService,
  type ProfileLayouts,
  ProfileRollup,
} from './services/monitoring';
import type { PredictionReader } from './services/predictions';
import type { ModelService, VersionService } from './services/registry';

interface Below {
  readonly dataSource: DataSource;
  readonly logger: Logger;
  readonly audit: AuditTrail;
  readonly artifacts: ArtifactKeeper;
  readonly jobs: JobQueue;
  readonly schedules: JobSchedules;
  readonly models: ModelService;
  readonly versions: VersionService;
  readonly predictions: PredictionReader;
  readonly alerts: AlertService;
  readonly layouts: ProfileLayouts;
}

/** The services that judge what was served, and what runs by itself for them. Part of buildServices. */
export function buildMonitoring(below: Below) {
  const { dataSource, logger, audit, artifacts, jobs, schedules, models, versions, predictions, alerts, layouts } =
    below;
  const monitoringPolicies = new MonitoringPolicyService({ dataSource, audit, models, schedules });
  const policies = monitoringPolicies;
  const watched = { artifacts, versions, predictions, policies };
  const driftReports = new DriftReportService({ ...watched, dataSource, audit, jobs, schedules, alerts });
  const performanceReports = new PerformanceReportService(watched);
  const liveDrift = new LiveDriftService({ dataSource, versions, policies, layouts });
  return {
    services: { monitoringPolicies, driftReports, liveDrift, performanceReports },
    parts: {
      profileRollup: new ProfileRollup({ dataSource, logger }),
      lateLabels: new LateLabels({ dataSource, logger, jobs }),
    },
  };
}
