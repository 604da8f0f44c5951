import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Models, their submissions to the quality gate, versions, stages and artifacts. */
export class Registry1763856000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE artifacts (
        digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
        size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
        media_type text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );

      CREATE TABLE models (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL CHECK (name <> ''),
        task_type text NOT NULL CHECK (task_type IN ('BINARY_CLASSIFICATION', 'MULTICLASS_CLASSIFICATION', 'REGRESSION')),
        description text NOT NULL DEFAULT '',
        owner text NOT NULL DEFAULT '',
        tags jsonb NOT NULL DEFAULT '{}',
        quality_policy jsonb NOT NULL,
        -- Versions are numbered under this row's lock: gap-free, never reused.
        last_version integer NOT NULL DEFAULT 0,
        revision integer NOT NULL DEFAULT 1,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        deleted_at timestamptz(3)
      );
      CREATE UNIQUE INDEX models_live_name ON models (name) WHERE deleted_at IS NULL;

      CREATE TABLE model_submissions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        status text NOT NULL CHECK (status IN ('PASSED', 'REJECTED')),
        checks jsonb NOT NULL,
        metrics jsonb NOT NULL,
        -- Both models on the same held-out rows; null when nothing was in production.
        comparison jsonb,
        training_run_id uuid,
        dataset_id uuid,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX model_submissions_by_model ON model_submissions (model_id, created_at DESC, id DESC);

      CREATE TABLE model_versions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        version integer NOT NULL CHECK (version > 0),
        submission_id uuid NOT NULL UNIQUE REFERENCES model_submissions,
        stage text NOT NULL DEFAULT 'NONE' CHECK (stage IN ('NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED')),
        was_production boolean NOT NULL DEFAULT false,
        description text NOT NULL DEFAULT '',
        tags jsonb NOT NULL DEFAULT '{}',
        signature jsonb NOT NULL,
        decision_threshold double precision NOT NULL CHECK (decision_threshold BETWEEN 0 AND 1),
        not_servable_reason text,
        model_digest text NOT NULL REFERENCES artifacts,
        preprocessing_digest text REFERENCES artifacts,
        reference_profile_digest text REFERENCES artifacts,
        training_run_id uuid,
        dataset_id uuid,
        dataset_fingerprint text,
        feature_service_version_id uuid,
        code_commit text,
        revision integer NOT NULL DEFAULT 1,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (model_id, version)
      );
      CREATE UNIQUE INDEX model_versions_one_production ON model_versions (model_id) WHERE stage = 'PRODUCTION';
      CREATE INDEX model_versions_by_stage ON model_versions (model_id, stage, version DESC);

      CREATE TABLE model_version_metrics (
        model_version_id uuid NOT NULL REFERENCES model_versions,
        name text NOT NULL,
        split text NOT NULL,
        value double precision NOT NULL,
        PRIMARY KEY (model_version_id, split, name)
      );
      CREATE TABLE model_version_params (
        model_version_id uuid NOT NULL REFERENCES model_versions,
        name text NOT NULL,
        value text NOT NULL,
        PRIMARY KEY (model_version_id, name)
      );

      CREATE TABLE model_transitions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        model_version_id uuid NOT NULL REFERENCES model_versions,
        from_stage text NOT NULL CHECK (from_stage IN ('NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED')),
        to_stage text NOT NULL CHECK (to_stage IN ('STAGING', 'PRODUCTION', 'ARCHIVED')),
        reason text NOT NULL DEFAULT '',
        actor text NOT NULL,
        request_id text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        -- The order of the moves: those of a promotion carry one timestamp.
        sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        CHECK (from_stage <> to_stage)
      );
      CREATE INDEX model_transitions_by_model ON model_transitions (model_id, sequence DESC);
      CREATE INDEX model_transitions_by_version ON model_transitions (model_version_id, sequence DESC);
      CREATE TRIGGER model_transitions_append_only BEFORE UPDATE OR DELETE ON model_transitions FOR EACH ROW EXECUTE FUNCTION refuse_change();
      CREATE TRIGGER model_transitions_no_truncate BEFORE TRUNCATE ON model_transitions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- Links of a version to an MLflow experiment and run.
      CREATE TABLE model_experiments (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_version_id uuid NOT NULL REFERENCES model_versions,
        tracking_uri text NOT NULL,
        experiment_id text NOT NULL,
        run_id text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (model_version_id, tracking_uri, run_id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE model_experiments, model_transitions, model_version_params, model_version_metrics, model_versions, model_submissions, models, artifacts;
    `);
  }
}
