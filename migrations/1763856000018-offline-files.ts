import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batches can share a file, files can be replaced, and entities can be erased. */
export class OfflineFiles1763856000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The file of a batch is its own until it is rewritten; then it may hold several batches, and says the position of each row itself.
      -- Null: every row was erased.
      ALTER TABLE feature_batches DROP CONSTRAINT feature_batches_file_key;
      ALTER TABLE feature_batches ALTER COLUMN file DROP NOT NULL;
      ALTER TABLE feature_batches ADD COLUMN rewritten boolean NOT NULL DEFAULT false;
      CREATE INDEX feature_batches_by_file ON feature_batches (file);
      CREATE UNIQUE INDEX feature_batches_own_file ON feature_batches (file) WHERE NOT rewritten;

      -- Files that no batch is in any more; who has listed the manifest before may still read them. '-infinity': to be removed at once.
      CREATE TABLE retired_feature_files (
        file text PRIMARY KEY,
        feature_view_version_id uuid NOT NULL REFERENCES feature_view_versions,
        rewritten boolean NOT NULL,
        retired_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX retired_feature_files_by_time ON retired_feature_files (retired_at);

      CREATE TABLE entity_erasures (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        entity_id uuid NOT NULL REFERENCES feature_entities,
        job_id uuid NOT NULL UNIQUE,
        -- Null once the job has ended: what is erased must not be remembered here.
        entity_key jsonb,
        key_digest text NOT NULL,
        erased_row_count bigint NOT NULL DEFAULT 0,
        erased_online_count bigint NOT NULL DEFAULT 0,
        prediction_count bigint,
        dataset_ids jsonb,
        actor text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );
    `);
  }

  /** What was compacted cannot be taken apart again, so it goes back only where nothing was. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$ BEGIN
        IF EXISTS (SELECT FROM feature_batches WHERE rewritten OR file IS NULL) THEN
          RAISE EXCEPTION 'files of feature batches were rewritten; only this version and later ones can read them';
        END IF;
      END $$;
      DROP TABLE entity_erasures, retired_feature_files;
      DROP INDEX feature_batches_own_file;
      DROP INDEX feature_batches_by_file;
      ALTER TABLE feature_batches DROP COLUMN rewritten;
      ALTER TABLE feature_batches ALTER COLUMN file SET NOT NULL;
      ALTER TABLE feature_batches ADD CONSTRAINT feature_batches_file_key UNIQUE (file);
    `);
  }
}
