import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Training runs, the prediction log, drift reports and alerts, retraining policies and trigger evaluations. */
export class Operation1763856000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE training_runs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        dataset_id uuid NOT NULL REFERENCES datasets,
        job_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        algorithm text NOT NULL CHECK (algorithm IN ('GRADIENT_BOOSTING', 'LOGISTIC_REGRESSION')),
        parameters jsonb NOT NULL,
        seed integer NOT NULL,
        trigger text NOT NULL CHECK (trigger IN ('MANUAL', 'DRIFT')),
        result jsonb,
        error_code text,
        error_message text,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        started_at timestamptz(3),
        finished_at timestamptz(3)
      );
      CREATE INDEX training_runs_by_model ON training_runs (model_id, created_at DESC, id DESC);
      -- One run per model at a time, over all triggers.
      CREATE UNIQUE INDEX training_runs_one_active ON training_runs (model_id) WHERE status IN ('QUEUED', 'RUNNING');

      CREATE TABLE predictions (
        id uuid PRIMARY KEY,
        model_id uuid NOT NULL REFERENCES models,
        model_version_id uuid NOT NULL REFERENCES model_versions,
        -- Null: outside of the traffic, made by a version that was asked for by name.
        variant text CHECK (variant IN ('PRIMARY', 'CANARY', 'SHADOW')),
        entity jsonb,
        features jsonb NOT NULL,
        -- Of the features that are not PRESENT only, since almost all are.
        feature_statuses jsonb NOT NULL DEFAULT '{}',
        features_hash text NOT NULL,
        feature_service_version_id uuid,
        probability double precision NOT NULL,
        label boolean NOT NULL,
        latency_ms real NOT NULL,
        actor text NOT NULL,
        request_id text NOT NULL,
        predicted_at timestamptz(3) NOT NULL
      );
      CREATE INDEX predictions_by_version ON predictions (model_version_id, predicted_at, id);
      CREATE INDEX predictions_by_model ON predictions (model_id, predicted_at DESC, id DESC);

      CREATE TABLE prediction_outcomes (
        prediction_id uuid PRIMARY KEY REFERENCES predictions,
        outcome boolean NOT NULL,
        observed_at timestamptz(3) NOT NULL,
        actor text NOT NULL,
        recorded_at timestamptz(3) NOT NULL DEFAULT now()
      );

      CREATE TABLE monitoring_policies (
        model_id uuid PRIMARY KEY REFERENCES models,
        policy jsonb NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        updated_by text NOT NULL,
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      );

      CREATE TABLE drift_reports (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        model_version_id uuid NOT NULL REFERENCES model_versions,
        job_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('RUNNING', 'READY', 'FAILED')),
        window_start timestamptz(3) NOT NULL,
        window_end timestamptz(3) NOT NULL,
        verdict text CHECK (verdict IN ('DRIFT', 'NO_DRIFT', 'INSUFFICIENT_DATA')),
        result jsonb,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CHECK (window_start < window_end),
        CHECK (status <> 'READY' OR (verdict IS NOT NULL AND result IS NOT NULL))
      );
      CREATE INDEX drift_reports_by_model ON drift_reports (model_id, created_at DESC, id DESC);

      CREATE TABLE alerts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        model_version_id uuid NOT NULL REFERENCES model_versions,
        kind text NOT NULL CHECK (kind IN ('DRIFT')),
        severity text NOT NULL CHECK (severity IN ('WARNING', 'CRITICAL')),
        status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'ACKNOWLEDGED', 'RESOLVED')),
        title text NOT NULL,
        details jsonb NOT NULL,
        drift_report_id uuid NOT NULL REFERENCES drift_reports,
        occurrences integer NOT NULL DEFAULT 1,
        acknowledged_by text,
        resolved_by text,
        revision integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX alerts_by_model ON alerts (model_id, created_at DESC, id DESC);
      -- A drift that goes on is one alert that counts its occurrences, not one a window.
      CREATE UNIQUE INDEX alerts_one_unresolved ON alerts (model_version_id, kind) WHERE status <> 'RESOLVED';

      CREATE TABLE retraining_policies (
        model_id uuid PRIMARY KEY REFERENCES models,
        policy jsonb NOT NULL,
        paused boolean NOT NULL DEFAULT false,
        revision integer NOT NULL DEFAULT 1,
        updated_by text NOT NULL,
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      );

      -- Every evaluation is kept: fired, skipped and why, failed.
      CREATE TABLE trigger_evaluations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        trigger text NOT NULL CHECK (trigger IN ('DRIFT')),
        idempotency_key text NOT NULL,
        decision text NOT NULL CHECK (decision IN ('FIRED', 'SKIPPED', 'FAILED')),
        reason text NOT NULL,
        drift_report_id uuid REFERENCES drift_reports,
        job_id uuid,
        training_run_id uuid REFERENCES training_runs,
        -- What came of the run: the comparison with production on the same held-out rows, and the promotion.
        outcome jsonb,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (model_id, trigger, idempotency_key)
      );
      CREATE INDEX trigger_evaluations_by_model ON trigger_evaluations (model_id, created_at DESC, id DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE trigger_evaluations, retraining_policies, alerts, drift_reports, monitoring_policies, prediction_outcomes, predictions, training_runs;
    `);
  }
}
