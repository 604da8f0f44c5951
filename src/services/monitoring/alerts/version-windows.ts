import type { EntityManager } from 'typeorm';
import type {
  AlertRule,
  ErrorRatioCondition,
  FeatureQualityResult,
  LatencyCondition,
  PerformanceCondition,
  QualityCondition,
  VolumeCondition,
} from '../../../entities';
import type { Window } from './due-windows.policy';
import {
  type Judgement,
  judgeErrorRatio,
  judgeLatency,
  judgePerformance,
  judgeVolume,
  notEvaluable,
} from './judge-window.policy';
import type { PerformanceFigures } from './performance-figures';
import { readServing } from './serving-minutes';

/** The version whose windows are judged. */
export interface ServedVersion {
  readonly modelVersionId: string;
  readonly version: number;
  readonly featureServiceVersionId: string | null;
  /** When it came into production last. */
  readonly servesSince: Date;
}

interface Judged {
  readonly judgement: Judgement;
  readonly featureQualityReportId: string | null;
}

/** How long after its end a window is judged, beyond what figures need to arrive. */
export const labelDelayOf = ({ kind, condition }: AlertRule): number =>
  kind === 'PERFORMANCE' ? (condition as PerformanceCondition).labelDelaySeconds : 0;

/** Fetches the figures of a window and judges them by the rule. */
export async function judgeVersion(
  manager: EntityManager,
  performance: PerformanceFigures,
  { kind, condition }: AlertRule,
  version: ServedVersion,
  window: Window,
): Promise<Judged> {
  const { modelVersionId, servesSince } = version;
  const { from, to } = window;
  if (kind === 'QUALITY') return judgeQuality(manager, condition as QualityCondition, version, window);
  if (kind === 'PERFORMANCE') {
    const rule = condition as PerformanceCondition;
    const figure = await performance.figure(modelVersionId, rule.metric, from, to);
    return { judgement: judgePerformance(figure, rule), featureQualityReportId: null };
  }
  const figures = await readServing(manager, modelVersionId, from, to);
  const judge = {
    ERROR_RATIO: () => judgeErrorRatio(figures, condition as ErrorRatioCondition),
    LATENCY: () => judgeLatency(figures, condition as LatencyCondition),
    VOLUME: () => judgeVolume(figures, condition as VolumeCondition, servesSince <= from),
    DRIFT: () => notEvaluable('Rules on drift look at reports.'),
  }[kind];
  return { judgement: judge(), featureQualityReportId: null };
}

/** The last quality report of the window of each view behind the version; of any version of the view, since rules look at the rows that are there now. */
async function judgeQuality(
  manager: EntityManager,
  { severity }: QualityCondition,
  { featureServiceVersionId }: ServedVersion,
  { from, to }: Window,
): Promise<Judged> {
  const reports = await manager.query<{ id: string; view: string; results: FeatureQualityResult[] }[]>(
    `SELECT DISTINCT ON (view.id) report.id, view.name AS view, report.results
     FROM feature_service_versions service, jsonb_array_elements(service.features) AS feature
     JOIN feature_view_versions pinned ON pinned.id = (feature ->> 'viewVersionId')::uuid
     JOIN feature_views view ON view.id = pinned.feature_view_id
     JOIN feature_view_versions version ON version.feature_view_id = view.id
     JOIN feature_quality_reports report ON report.feature_view_version_id = version.id AND report.created_at >= $2 AND report.created_at < $3
     WHERE service.id = $1 ORDER BY view.id, report.created_at DESC`,
    [featureServiceVersionId, from, to],
  );
  if (reports.length === 0)
    return {
      judgement: notEvaluable('No view behind the model had a quality report in the window.'),
      featureQualityReportId: null,
    };
  const failures = reports.map(({ id, view, results }) => {
    const failed = results.filter(({ passed, rule }) => !passed && (severity === 'WARN' || rule.severity === 'BLOCK'));
    return { id, causes: failed.map(({ message }) => `View ${view}: ${message}`) };
  });
  const failing = failures.filter(({ causes }) => causes.length > 0);
  const causes = failing.flatMap((failure) => failure.causes);
  const judgement: Judgement = {
    outcome: failing.length > 0 ? 'BREACHED' : 'CLEAN',
    value: causes.length,
    threshold: 0,
    causes: causes.length > 0 ? causes : [`${reports.length} views passed.`],
  };
  return { judgement, featureQualityReportId: failing.at(0)?.id ?? null };
}
