import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is imported from the MLflow runs that versions are linked to. */
export class MlflowImport1763856000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_experiments
        ADD COLUMN status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'IMPORTED', 'FAILED')),
        -- Of attempts since the import was last asked for.
        ADD COLUMN attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        ADD COLUMN last_error text,
        ADD COLUMN next_attempt_at timestamptz(3) DEFAULT now(),
        -- The one job that makes the next attempt; those of before change nothing any more.
        ADD COLUMN job_id uuid,
        ADD COLUMN imported_at timestamptz(3),
        ADD COLUMN experiment_name text,
        ADD COLUMN run_name text,
        ADD COLUMN run_status text,
        ADD COLUMN metrics jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN params jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN tags jsonb NOT NULL DEFAULT '{}',
        ADD CONSTRAINT model_experiments_status_is_told CHECK (
          CASE status WHEN 'PENDING' THEN next_attempt_at IS NOT NULL
                      WHEN 'IMPORTED' THEN imported_at IS NOT NULL AND last_error IS NULL AND next_attempt_at IS NULL
                      ELSE last_error IS NOT NULL AND next_attempt_at IS NULL END);
      CREATE INDEX model_experiments_pending ON model_experiments (next_attempt_at) WHERE status = 'PENDING';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX model_experiments_pending;
      ALTER TABLE model_experiments
        DROP CONSTRAINT model_experiments_status_is_told,
        DROP COLUMN status, DROP COLUMN attempts, DROP COLUMN last_error, DROP COLUMN next_attempt_at, DROP COLUMN job_id, DROP COLUMN imported_at,
        DROP COLUMN experiment_name, DROP COLUMN run_name, DROP COLUMN run_status, DROP COLUMN metrics, DROP COLUMN params, DROP COLUMN tags;
    `);
  }
}
