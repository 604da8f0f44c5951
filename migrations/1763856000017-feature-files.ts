import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of features that are uploaded and ingested by a job. */
export class FeatureFiles1763856000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE artifact_uploads DROP CONSTRAINT artifact_uploads_kind_check;
      ALTER TABLE artifact_uploads ADD CONSTRAINT artifact_uploads_kind_check
        CHECK (kind IN ('MODEL', 'PREPROCESSING', 'EVALUATION_REPORT', 'REFERENCE_PROFILE', 'FEATURE_FILE'));

      -- The values at fault, where a job failed for its input: an array of { field, message }.
      ALTER TABLE jobs ADD COLUMN error_problems jsonb;

      -- The job that made the batch; null: it came as rows. By it a job that is run again knows that it has been done.
      ALTER TABLE feature_batches ADD COLUMN job_id uuid;
      CREATE INDEX feature_batches_by_job ON feature_batches (job_id) WHERE job_id IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX feature_batches_by_job;
      ALTER TABLE feature_batches DROP COLUMN job_id;
      ALTER TABLE jobs DROP COLUMN error_problems;
      DELETE FROM artifact_uploads WHERE kind = 'FEATURE_FILE';
      ALTER TABLE artifact_uploads DROP CONSTRAINT artifact_uploads_kind_check;
      ALTER TABLE artifact_uploads ADD CONSTRAINT artifact_uploads_kind_check
        CHECK (kind IN ('MODEL', 'PREPROCESSING', 'EVALUATION_REPORT', 'REFERENCE_PROFILE'));
    `);
  }
}
