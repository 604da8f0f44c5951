import type { EntityManager } from 'typeorm';
import type { ActorRef, DriftReport, DriftResult, DriftVerdict, ModelVersion } from '../../entities';
import { recordEvent } from '../events';
import type { AlertService } from './alert.service';
import { driftCauses } from './drift-analysis.policy';

/**
 * Has the model's own rules on drift judge a report, in its transaction, and tells of drift. Without such rules any drift is an alert.
 * @returns the id of the alert that was raised or repeated
 */
export async function raiseDriftAlarm(
  alerts: AlertService,
  manager: EntityManager,
  report: Pick<DriftReport, 'id' | 'modelId' | 'windowStart' | 'windowEnd'>,
  version: ModelVersion,
  { verdict, result }: { readonly verdict: DriftVerdict; readonly result: Omit<DriftResult, 'alertId'> },
  actor: ActorRef,
): Promise<string | null> {
  // Rules look at reports without drift too: they count windows.
  const ruled = await alerts.judgeDrift(manager, report, version, result, actor);
  if (verdict !== 'DRIFT') return null;
  const causes = driftCauses(result);
  const { modelId } = report;
  const ids = { driftReportId: report.id, modelVersionId: version.id };
  const severity = result.concept.verdict === 'DRIFT' ? 'CRITICAL' : 'WARNING';
  const title = `Version ${version.version} drifts: ${causes[0]}`;
  const raise = () => alerts.raise(manager, { modelId, ...ids, severity, title, causes }, actor);
  const alertId = ruled === undefined ? await raise() : ruled;
  await recordEvent(manager, { type: 'DRIFT_DETECTED', modelId, payload: ids, actor });
  return alertId;
}
