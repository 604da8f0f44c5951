import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What searches of models and versions are answered from. */
export class RegistrySearch1763856000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Every run of ASCII punctuation parts words, so that "eu-west_1.churn" is found by each of its parts; left to itself the parser of
      -- PostgreSQL would take it for the name of a host. A tsvector holds 1 MB, hence the limit.
      CREATE FUNCTION search_words(content text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN to_tsvector('simple', translate(left(content, 100000), '!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~', repeat(' ', 32)));

      ALTER TABLE models ADD COLUMN words tsvector GENERATED ALWAYS AS (search_words(name || ' ' || description)) STORED;
      CREATE INDEX models_words ON models USING gin (words) WITH (fastupdate = off);
      CREATE INDEX models_tags ON models USING gin (tags jsonb_path_ops) WITH (fastupdate = off);
      CREATE INDEX models_by_owner ON models (owner);

      ALTER TABLE model_versions ADD COLUMN words tsvector GENERATED ALWAYS AS (search_words(description)) STORED;
      CREATE INDEX model_versions_words ON model_versions USING gin (words) WITH (fastupdate = off);
      CREATE INDEX model_versions_tags ON model_versions USING gin (tags jsonb_path_ops) WITH (fastupdate = off);
      CREATE INDEX model_versions_by_creation ON model_versions (created_at, id);
      CREATE INDEX model_versions_by_update ON model_versions (updated_at, id);
      CREATE INDEX model_versions_by_number ON model_versions (version, id);
      CREATE INDEX model_versions_in_stage ON model_versions (stage, created_at);
      CREATE INDEX model_versions_by_creator ON model_versions (created_by, created_at);
      CREATE INDEX model_versions_by_dataset ON model_versions (dataset_id);
      CREATE INDEX model_versions_by_fingerprint ON model_versions (dataset_fingerprint);
      CREATE INDEX model_versions_by_training_run ON model_versions (training_run_id);
      CREATE INDEX model_versions_by_feature_service ON model_versions (feature_service_version_id);

      CREATE INDEX model_version_metrics_by_value ON model_version_metrics (name, split, value, model_version_id);
      -- The beginning of the value: an index entry cannot hold a long one.
      CREATE INDEX model_version_params_by_value ON model_version_params (name, left(value, 100), model_version_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX model_version_params_by_value, model_version_metrics_by_value, model_versions_by_feature_service, model_versions_by_training_run,
        model_versions_by_fingerprint, model_versions_by_dataset, model_versions_by_creator, model_versions_in_stage, model_versions_by_number,
        model_versions_by_update, model_versions_by_creation, model_versions_tags, model_versions_words, models_by_owner, models_tags, models_words;
      ALTER TABLE model_versions DROP COLUMN words;
      ALTER TABLE models DROP COLUMN words;
      DROP FUNCTION search_words(text);
    `);
  }
}
