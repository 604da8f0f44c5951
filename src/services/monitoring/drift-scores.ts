import type { DataSource } from 'typeorm';

/** Bounds of what is read; 100 production versions of 50 features each would be 10,000 time series. */
export interface DriftScoreLimits {
  /** Versions with the newest reports come first. */
  readonly versions: number;
  /** Features of one version; those with the largest divergence come first. */
  readonly featuresPerVersion: number;
  /** Features of all versions together. */
  readonly features: number;
}

export interface FeatureScore {
  readonly feature: string;
  /** In nats; null where the feature could not be compared. */
  readonly klDivergence: number | null;
  readonly verdict: string;
}

/** What the newest READY report says about a production version. Figures are null where the report has none. */
export interface VersionDrift {
  readonly model: string;
  readonly version: number;
  readonly windowEnd: Date;
  /** Of the features, the prediction and the concept together. */
  readonly verdict: string;
  readonly predictionVerdict: string | null;
  readonly jsDivergence: number | null;
  readonly jsDistance: number | null;
  readonly conceptVerdict: string | null;
  readonly ksStatistic: number | null;
  readonly calibrationZ: number | null;
  readonly features: readonly FeatureScore[];
}

export interface DriftScores {
  readonly versions: readonly VersionDrift[];
  /** Beyond the limits. */
  readonly versionsLeftOut: number;
  readonly featuresLeftOut: number;
}

type Row = VersionDrift & { readonly versionCount: number; readonly featureCount: number };

/**
 * The drift of the production versions by their newest READY reports. Histograms, the bulk of a report, stay in the database. What a report does not
 * have, because it is older than the measure or the measure does not apply, is null.
 */
export async function readDriftScores(dataSource: DataSource, limits: DriftScoreLimits): Promise<DriftScores> {
  const rows = await dataSource.query<Row[]>(
    `WITH newest AS (
       SELECT report.id, model.name, version.version, report.created_at, count(*) OVER () AS version_count
       FROM model_versions AS version
       JOIN models AS model ON model.id = version.model_id
       CROSS JOIN LATERAL (
         SELECT id, created_at FROM drift_reports
         WHERE model_id = version.model_id AND model_version_id = version.id AND status = 'READY'
         ORDER BY created_at DESC, id DESC LIMIT 1
       ) AS report
       WHERE version.stage = 'PRODUCTION' AND version.deleted_at IS NULL AND model.deleted_at IS NULL
       ORDER BY report.created_at DESC, report.id LIMIT $1
     )
     SELECT newest.name AS model, newest.version, newest.version_count::float8 AS "versionCount", report.window_end AS "windowEnd", report.verdict,
       report.result->'prediction'->>'verdict' AS "predictionVerdict",
       (report.result->'prediction'->>'jsDivergence')::float8 AS "jsDivergence",
       (report.result->'prediction'->>'jsDistance')::float8 AS "jsDistance",
       report.result->'concept'->>'verdict' AS "conceptVerdict",
       (report.result->'concept'->>'ksStatistic')::float8 AS "ksStatistic",
       (report.result->'concept'->>'calibrationZ')::float8 AS "calibrationZ",
       coalesce(jsonb_array_length(report.result->'features'), 0) AS "featureCount", feature.scores AS features
     FROM newest JOIN drift_reports AS report ON report.id = newest.id
     CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_agg(jsonb_build_object('feature', name, 'klDivergence', kl, 'verdict', verdict) ORDER BY kl DESC NULLS LAST, name), '[]') AS scores
       FROM (
         SELECT item->>'feature' AS name, (item->>'klDivergence')::float8 AS kl, item->>'verdict' AS verdict
         FROM jsonb_array_elements(report.result->'features') AS item
         ORDER BY kl DESC NULLS LAST, name LIMIT $2
       ) AS largest
     ) AS feature
     ORDER BY newest.created_at DESC, newest.id`,
    [limits.versions, limits.featuresPerVersion],
  );
  let room = limits.features;
  const versions = rows.map(({ versionCount: _, featureCount: __, ...version }) => {
    const features = version.features.slice(0, room);
    room -= features.length;
    return { ...version, features };
  });
  const featureCount = rows.reduce((sum, row) => sum + row.featureCount, 0);
  return {
    versions,
    versionsLeftOut: (rows[0]?.versionCount ?? 0) - rows.length,
    featuresLeftOut: featureCount - (limits.features - room),
  };
}
