import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads of artifacts, the hold that keeps unreferenced ones from being collected, and what versions of uploaded models carry. */
export class ArtifactStorage1763856000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Until then nobody collects it, referenced or not: whoever stores or takes up bytes moves this first.
      ALTER TABLE artifacts ADD COLUMN held_until timestamptz(3) NOT NULL DEFAULT now() + interval '24 hours';
      CREATE INDEX artifacts_by_hold ON artifacts (held_until);

      CREATE TABLE artifact_uploads (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        kind text NOT NULL CHECK (kind IN ('MODEL', 'PREPROCESSING', 'EVALUATION_REPORT', 'REFERENCE_PROFILE')),
        digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
        size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
        media_type text NOT NULL,
        status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'STORED')),
        created_by text NOT NULL,
        request_id text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3) NOT NULL
      );
      CREATE INDEX artifact_uploads_by_expiry ON artifact_uploads (expires_at);

      ALTER TABLE model_versions
        ADD COLUMN evaluation_report_digest text REFERENCES artifacts,
        ADD COLUMN environment jsonb NOT NULL DEFAULT '{}';
      ALTER TABLE model_version_metrics ADD COLUMN step integer;
      -- For the question whether anybody still refers to an artifact.
      CREATE INDEX model_versions_by_model_digest ON model_versions (model_digest);
      CREATE INDEX model_versions_by_preprocessing_digest ON model_versions (preprocessing_digest);
      CREATE INDEX model_versions_by_reference_profile_digest ON model_versions (reference_profile_digest);
      CREATE INDEX model_versions_by_evaluation_report_digest ON model_versions (evaluation_report_digest);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX model_versions_by_model_digest, model_versions_by_preprocessing_digest, model_versions_by_reference_profile_digest;
      ALTER TABLE model_version_metrics DROP COLUMN step;
      ALTER TABLE model_versions DROP COLUMN environment, DROP COLUMN evaluation_report_digest;
      DROP TABLE artifact_uploads;
      ALTER TABLE artifacts DROP COLUMN held_until;
    `);
  }
}
