import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs that are made by the clock, and what each materialization has written. */
export class Schedules1763856000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE schedules (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        kind text NOT NULL,
        subject text NOT NULL,
        cron text NOT NULL CHECK (cron <> ''),
        next_run_at timestamptz(3) NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (kind, subject)
      );
      CREATE INDEX schedules_due ON schedules (next_run_at);

      CREATE TABLE schedule_runs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        schedule_id uuid NOT NULL REFERENCES schedules ON DELETE CASCADE,
        due_at timestamptz(3) NOT NULL,
        decision text NOT NULL CHECK (decision IN ('STARTED', 'SKIPPED', 'FAILED')),
        reason text NOT NULL DEFAULT '',
        job_id uuid REFERENCES jobs ON DELETE SET NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        -- The last guard against a time that is used twice.
        UNIQUE (schedule_id, due_at)
      );

      CREATE TABLE materialization_runs (
        job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
        feature_view_version_id uuid NOT NULL REFERENCES feature_view_versions,
        row_count bigint NOT NULL,
        materialized_at timestamptz(3) NOT NULL,
        PRIMARY KEY (job_id, feature_view_version_id)
      );
      CREATE INDEX jobs_of_views ON jobs USING gin ((input->'viewIds')) WHERE kind = 'MATERIALIZATION';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX jobs_of_views;
      DROP TABLE materialization_runs, schedule_runs, schedules;
    `);
  }
}
