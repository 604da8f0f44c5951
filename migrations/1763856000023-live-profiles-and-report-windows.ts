import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts of served predictions by time, how a report's window was asked for, and what becomes of a report when labels come late. */
export class LiveProfilesAndReportWindows1763856000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What one write to the log added to a version's minute. Inserted with the rows that it counts, and soon taken into the profiles below. Without
      -- keys: every prediction pays for them.
      CREATE TABLE prediction_profile_deltas (
        model_version_id uuid NOT NULL,
        minute timestamptz(0) NOT NULL,
        row_count integer NOT NULL CHECK (row_count > 0),
        -- Sparse: see count-codec.ts. Empty where the rows could not be counted, as when the reference profile could not be read.
        counts bytea NOT NULL
      );
      CREATE INDEX prediction_profile_deltas_by_version ON prediction_profile_deltas (model_version_id, minute);

      -- Every PRIMARY prediction of a version with a reference profile is in one delta or in one of these, never in two.
      CREATE TABLE prediction_profiles (
        model_version_id uuid NOT NULL REFERENCES model_versions,
        grain text NOT NULL CHECK (grain IN ('MINUTE', 'HOUR', 'DAY')),
        start_at timestamptz(0) NOT NULL,
        row_count bigint NOT NULL CHECK (row_count > 0),
        counts bytea NOT NULL,
        PRIMARY KEY (model_version_id, grain, start_at)
      );
      CREATE INDEX prediction_profiles_by_age ON prediction_profiles (grain, start_at);

      ALTER TABLE drift_reports
        ADD COLUMN window_kind text NOT NULL DEFAULT 'TIME_RANGE' CHECK (window_kind IN ('TIME_RANGE', 'LAST_ROWS', 'SINCE_LAST')),
        -- Of LAST_ROWS: how many were asked for, and the id of the prediction before the first one, where both are of one millisecond.
        ADD COLUMN window_row_limit integer CHECK (window_row_limit > 0),
        ADD COLUMN window_after_id uuid,
        ADD COLUMN revision integer NOT NULL DEFAULT 1,
        ADD COLUMN recomputed_at timestamptz(3),
        -- When the outcomes that it knows were read.
        ADD COLUMN labels_read_at timestamptz(3),
        -- The job that is to look at its late labels and has not begun.
        ADD COLUMN recompute_job_id uuid;
      CREATE INDEX drift_reports_by_version ON drift_reports (model_version_id, window_end DESC);

      -- How far the search for late labels got.
      CREATE INDEX prediction_outcomes_by_recording ON prediction_outcomes (recorded_at);
      CREATE TABLE late_label_watermark (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        recorded_at timestamptz(3) NOT NULL
      );
      INSERT INTO late_label_watermark (recorded_at) VALUES (now());

      -- Of scheduled reports; null: since the last one.
      ALTER TABLE monitoring_policies ADD COLUMN drift_window_seconds integer CHECK (drift_window_seconds > 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM schedules WHERE kind = 'DRIFT_REPORT';
      ALTER TABLE monitoring_policies DROP COLUMN drift_window_seconds;
      DROP TABLE late_label_watermark;
      DROP INDEX prediction_outcomes_by_recording;
      DROP INDEX drift_reports_by_version;
      ALTER TABLE drift_reports DROP COLUMN recompute_job_id, DROP COLUMN labels_read_at, DROP COLUMN recomputed_at, DROP COLUMN revision,
        DROP COLUMN window_after_id, DROP COLUMN window_row_limit, DROP COLUMN window_kind;
      DROP TABLE prediction_profiles, prediction_profile_deltas;
    `);
  }
}
