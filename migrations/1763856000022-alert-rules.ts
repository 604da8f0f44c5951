import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules that raise alerts, what came of each window, mutes, and figures of serving by the minute. */
export class AlertRules1763856000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE alert_rules (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        name text NOT NULL CHECK (name <> ''),
        kind text NOT NULL CHECK (kind IN ('DRIFT', 'PERFORMANCE', 'QUALITY', 'LATENCY', 'ERROR_RATIO', 'VOLUME')),
        condition jsonb NOT NULL,
        severity text NOT NULL CHECK (severity IN ('WARNING', 'CRITICAL')),
        -- Null for DRIFT: its windows are those of the reports.
        window_seconds integer CHECK (window_seconds >= 60),
        required integer NOT NULL CHECK (required >= 1),
        out_of integer NOT NULL CHECK (out_of >= required),
        reopen_within_seconds integer NOT NULL CHECK (reopen_within_seconds >= 0),
        auto_resolve boolean NOT NULL,
        enabled boolean NOT NULL,
        -- What was judged before, under another condition, confirms nothing.
        effective_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        revision integer NOT NULL DEFAULT 1,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_by text NOT NULL,
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        -- Its alerts lead to it still.
        deleted_at timestamptz(3),
        CHECK ((kind = 'DRIFT') = (window_seconds IS NULL))
      );
      CREATE UNIQUE INDEX alert_rules_live_name ON alert_rules (model_id, name) WHERE deleted_at IS NULL;

      CREATE TABLE alert_evaluations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        rule_id uuid NOT NULL REFERENCES alert_rules,
        model_version_id uuid NOT NULL REFERENCES model_versions,
        drift_report_id uuid REFERENCES drift_reports ON DELETE CASCADE,
        window_start timestamptz(3) NOT NULL,
        window_end timestamptz(3) NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('BREACHED', 'CLEAN', 'NOT_EVALUABLE')),
        value double precision,
        threshold double precision,
        reason text NOT NULL,
        alert_id uuid REFERENCES alerts,
        -- Its place in the order in which windows were judged.
        sequence bigint GENERATED ALWAYS AS IDENTITY,
        created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        -- The last guard against a window that is counted twice.
        UNIQUE NULLS NOT DISTINCT (rule_id, model_version_id, window_end, drift_report_id)
      );
      CREATE INDEX alert_evaluations_in_order ON alert_evaluations (rule_id, model_version_id, sequence DESC);
      CREATE INDEX alert_evaluations_by_rule ON alert_evaluations (rule_id, created_at DESC, id DESC);

      CREATE TABLE alert_mutes (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        -- Null: all kinds.
        kinds text[],
        starts_at timestamptz(3) NOT NULL,
        ends_at timestamptz(3) NOT NULL,
        reason text NOT NULL CHECK (reason <> ''),
        ended_by text,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CHECK (starts_at <= ends_at)
      );
      CREATE INDEX alert_mutes_by_model ON alert_mutes (model_id, created_at DESC, id DESC);

      -- What every replica served, added up: minutes of different replicas go into one row.
      CREATE TABLE serving_minutes (
        model_version_id uuid NOT NULL REFERENCES model_versions,
        minute timestamptz(0) NOT NULL,
        prediction_count bigint NOT NULL,
        error_count bigint NOT NULL,
        -- Requests by latency: see latency-buckets.math.ts.
        latency_counts bigint[] NOT NULL,
        PRIMARY KEY (model_version_id, minute)
      );

      ALTER TABLE alerts
        DROP CONSTRAINT alerts_kind_check,
        ADD CONSTRAINT alerts_kind_check CHECK (kind IN ('DRIFT', 'PERFORMANCE', 'QUALITY', 'LATENCY', 'ERROR_RATIO', 'VOLUME')),
        ALTER COLUMN drift_report_id DROP NOT NULL,
        -- Null: what models without rules on drift have.
        ADD COLUMN rule_id uuid REFERENCES alert_rules,
        ADD COLUMN feature_quality_report_id uuid REFERENCES feature_quality_reports,
        ADD COLUMN resolved_at timestamptz(3),
        -- What a mute kept from being told.
        ADD COLUMN unannounced_change text CHECK (unannounced_change IN ('RAISED', 'REOPENED'));
      UPDATE alerts SET resolved_at = updated_at WHERE status = 'RESOLVED';
      DROP INDEX alerts_one_unresolved;
      CREATE UNIQUE INDEX alerts_one_unresolved ON alerts (model_version_id, kind, rule_id) NULLS NOT DISTINCT WHERE status <> 'RESOLVED';
      CREATE INDEX alerts_unannounced ON alerts (id) WHERE unannounced_change IS NOT NULL;
      CREATE INDEX alerts_by_rule ON alerts (rule_id, model_version_id, created_at DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE alert_evaluations;
      -- Alerts of rules have no place in the former table.
      DELETE FROM alerts WHERE rule_id IS NOT NULL OR drift_report_id IS NULL;
      DROP INDEX alerts_one_unresolved, alerts_unannounced, alerts_by_rule;
      ALTER TABLE alerts
        DROP CONSTRAINT alerts_kind_check,
        ADD CONSTRAINT alerts_kind_check CHECK (kind IN ('DRIFT')),
        ALTER COLUMN drift_report_id SET NOT NULL,
        DROP COLUMN rule_id,
        DROP COLUMN feature_quality_report_id,
        DROP COLUMN resolved_at,
        DROP COLUMN unannounced_change;
      CREATE UNIQUE INDEX alerts_one_unresolved ON alerts (model_version_id, kind) WHERE status <> 'RESOLVED';
      DROP TABLE serving_minutes, alert_mutes, alert_rules;
    `);
  }
}
