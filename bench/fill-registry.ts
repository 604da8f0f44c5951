import type { DataSource } from 'typeorm';

/**
 * Fills an empty registry with models and versions whose properties are spread evenly and repeat after a while. Straight into the tables: a search
 * sees rows, whoever wrote them, and 100,000 of them are there in seconds.
 */
export async function fillRegistry(dataSource: DataSource, models: number, versionsPerModel: number): Promise<void> {
  await dataSource.query(
    `INSERT INTO models (name, task_type, description, owner, tags, quality_policy, created_by, created_at, updated_at, last_version)
     SELECT (ARRAY['churn', 'Churn', 'fraud', 'lead_score', 'price'])[1 + n % 5] || '-' || n,
       (ARRAY['BINARY_CLASSIFICATION', 'REGRESSION'])[1 + n % 2],
       (ARRAY['', 'Monthly retention of subscribers', 'What a flat in Berlin-Mitte costs', 'Who answers e-mails'])[1 + n % 4],
       (ARRAY['ada', 'grace', 'Ada'])[1 + n % 3],
       CASE n % 4 WHEN 0 THEN '{}' WHEN 1 THEN '{"team": "growth"}' WHEN 2 THEN '{"team": "risk", "tier": "1"}' ELSE '{"team": ""}' END::jsonb,
       '{}', (ARRAY['ada', 'grace'])[1 + n % 2],
       '2026-01-01T00:00:00Z'::timestamptz + (n % 7) * interval '1 hour', '2026-02-01T00:00:00Z'::timestamptz + (n % 3) * interval '1 hour', $2
     FROM generate_series(1, $1::int) AS n`,
    [models, versionsPerModel],
  );
  await dataSource.query(
    `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES (repeat('0', 64), 1, 'application/onnx')`,
  );
  await dataSource.query(
    `WITH submission AS (
       INSERT INTO model_submissions (model_id, status, checks, metrics, created_by)
       SELECT model.id, 'PASSED', '[]', '{}', 'ada' FROM models AS model, generate_series(1, $1::int) RETURNING id, model_id
     ), numbered AS (
       SELECT submission.id, model_id, row_number() OVER (PARTITION BY model_id) AS v, split_part(name, '-', 2)::int AS n
       FROM submission JOIN models ON models.id = model_id
     )
     INSERT INTO model_versions (model_id, version, submission_id, stage, description, tags, signature, decision_threshold, model_digest,
       dataset_fingerprint, dataset_id, training_run_id, feature_service_version_id, created_by, created_at, updated_at)
     SELECT model_id, v, id,
       CASE WHEN v = $1::int THEN 'PRODUCTION' WHEN v = $1::int - 1 THEN 'STAGING' WHEN v % 3 = 0 THEN 'ARCHIVED' ELSE 'NONE' END,
       (ARRAY['', 'Retrained after drift', 'With churn of the last month'])[1 + (v + n) % 3],
       CASE (v + n) % 10 WHEN 0 THEN '{"team": "growth"}' WHEN 1 THEN '{"team": "Growth", "note": "50%_off"}' WHEN 2 THEN '{"note": "a\\\\b"}' ELSE '{}' END::jsonb,
       '{"inputs": []}', 0.5, repeat('0', 64), 'print' || (v + n) % 4, ('00000000-0000-4000-8000-' || lpad((v % 3)::text, 12, '0'))::uuid,
       CASE WHEN v % 2 = 0 THEN ('00000000-0000-4000-9000-' || lpad((n * 1000 + v)::text, 12, '0'))::uuid END,
       CASE WHEN v % 5 > 0 THEN ('00000000-0000-4000-a000-' || lpad((n % 3)::text, 12, '0'))::uuid END, (ARRAY['ada', 'grace', 'drift_trigger'])[1 + v % 3],
       '2026-03-01T00:00:00Z'::timestamptz + v * interval '1 day' + (n % 11) * interval '1 minute',
       '2026-04-01T00:00:00Z'::timestamptz + (v % 4) * interval '1 day' + (n / 5) * interval '1 minute'
     FROM numbered`,
    [versionsPerModel],
  );
  await dataSource.query(
    `INSERT INTO model_version_metrics (model_version_id, name, split, value)
     SELECT v.id, metric.name, metric.split, metric.value FROM model_versions AS v JOIN models AS m ON m.id = v.model_id,
       LATERAL (SELECT v.version * 7919 + split_part(m.name, '-', 2)::int * 104729 AS seed) AS s,
       LATERAL (VALUES ('auc', 'held_out', 0.5 + (seed % 499) / 1000.0), ('auc', 'training', 0.6 + (seed % 399) / 1000.0),
         ('logLoss', 'held_out', 0.1 + (seed % 700) / 1000.0), ('minutes', 'held_out', seed % 60)) AS metric (name, split, value)
     WHERE metric.name <> 'minutes' OR v.version % 2 = 0`,
  );
  await dataSource.query(
    `INSERT INTO model_version_params (model_version_id, name, value)
     SELECT id, param.name, param.value FROM model_versions,
       LATERAL (VALUES ('algorithm', (ARRAY['GRADIENT_BOOSTING', 'LOGISTIC_REGRESSION'])[1 + version / 4 % 2]), ('seed', version::text)) AS param (name, value)
     WHERE param.name <> 'seed' OR version % 3 > 0`,
  );
  await dataSource.query(
    `INSERT INTO model_aliases (model_id, alias, model_version_id, set_by)
     SELECT model_id, CASE stage WHEN 'PRODUCTION' THEN 'champion' ELSE 'challenger' END, id, 'ada'
     FROM model_versions WHERE stage IN ('PRODUCTION', 'STAGING')`,
  );
}
