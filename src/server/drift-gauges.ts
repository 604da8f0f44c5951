import type { DriftScoreLimits, DriftScores, VersionDrift } from '../services/monitoring';
import type { AddGauge, Sample } from './scraped-gauge';

/** Two series a feature and up to nine a version: at most 4,900 in all. */
export const DRIFT_LIMITS: DriftScoreLimits = { versions: 100, featuresPerVersion: 100, features: 2_000 };

const VERSION = ['model_name', 'model_version'] as const;
type VersionLabel = (typeof VERSION)[number];

/** Adds what the newest drift reports of the production versions say. Figures that a report does not have are left out, not 0. */
export function addDriftGauges(gauge: AddGauge<DriftScores>): void {
  const perVersion = (name: string, help: string, valueOf: (drift: VersionDrift) => number | null): void =>
    gauge(`mooring_drift_${name}`, help, VERSION, ({ versions }) =>
      versions.flatMap((drift) => sample(labelsOf(drift), valueOf(drift))),
    );

  gauge(
    'mooring_drift_feature_kl_divergence',
    'Kullback–Leibler divergence of a feature from its reference, in nats.',
    [...VERSION, 'feature'],
    ({ versions }) =>
      versions.flatMap((drift) =>
        drift.features.flatMap(({ feature, klDivergence }) => sample({ ...labelsOf(drift), feature }, klDivergence)),
      ),
  );
  gauge(
    'mooring_drift_feature_verdict',
    '1 for the verdict on a feature; its other verdicts have no series.',
    [...VERSION, 'feature', 'verdict'],
    ({ versions }) =>
      versions.flatMap((drift) =>
        drift.features.flatMap(({ feature, verdict }) => sample({ ...labelsOf(drift), feature, verdict }, 1)),
      ),
  );
  perVersion(
    'prediction_js_divergence',
    'Jensen–Shannon divergence of the predictions from their reference, in nats.',
    ({ jsDivergence }) => jsDivergence,
  );
  perVersion(
    'prediction_js_distance',
    'Jensen–Shannon distance of the predictions from their reference: the square root of the divergence.',
    ({ jsDistance }) => jsDistance,
  );
  perVersion(
    'concept_ks_statistic',
    'Kolmogorov–Smirnov statistic of the concept: how far outcomes are from following the probabilities, 0 to 1.',
    ({ ksStatistic }) => ksStatistic,
  );
  perVersion(
    'concept_calibration_z',
    'z of the calibration: 0 when as many outcomes are positive as was predicted.',
    ({ calibrationZ }) => calibrationZ,
  );
  gauge(
    'mooring_drift_verdict',
    '1 for the verdict on a scope (report: all together); its other verdicts have no series.',
    [...VERSION, 'scope', 'verdict'],
    ({ versions }) => versions.flatMap(verdictsOf),
  );
  perVersion(
    'report_window_end_timestamp_seconds',
    'When the window of the newest drift report ended, in seconds since 1970.',
    ({ windowEnd }) => windowEnd.getTime() / 1000,
  );
  gauge(
    'mooring_drift_left_out',
    `What has no series because there is too much of it: versions beyond ${DRIFT_LIMITS.versions}, features beyond ${DRIFT_LIMITS.featuresPerVersion} a version or ${DRIFT_LIMITS.features} in all.`,
    ['what'],
    ({ versionsLeftOut, featuresLeftOut }) => [
      { labels: { what: 'versions' }, value: versionsLeftOut },
      { labels: { what: 'features' }, value: featuresLeftOut },
    ],
  );
}

const labelsOf = ({ model, version }: VersionDrift): Record<VersionLabel, string> => ({
  model_name: model,
  model_version: String(version),
});

const sample = <Label extends string>(labels: Record<Label, string>, value: number | null): Sample<Label>[] =>
  value === null ? [] : [{ labels, value }];

function verdictsOf(drift: VersionDrift): Sample<VersionLabel | 'scope' | 'verdict'>[] {
  const scopes = { report: drift.verdict, prediction: drift.predictionVerdict, concept: drift.conceptVerdict };
  return Object.entries(scopes).flatMap(([scope, verdict]) =>
    verdict === null ? [] : sample({ ...labelsOf(drift), scope, verdict }, 1),
  );
}
