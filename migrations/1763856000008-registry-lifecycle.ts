import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deleted versions, and names that people give to versions. */
export class RegistryLifecycle1763856000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_versions
        ADD COLUMN deleted_at timestamptz(3),
        ADD CONSTRAINT model_versions_production_is_kept CHECK (deleted_at IS NULL OR stage <> 'PRODUCTION');
      CREATE INDEX models_deleted ON models (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;

      CREATE TABLE model_aliases (
        model_id uuid NOT NULL REFERENCES models,
        alias text NOT NULL CHECK (alias <> ''),
        model_version_id uuid NOT NULL REFERENCES model_versions,
        set_by text NOT NULL,
        set_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (model_id, alias)
      );
      CREATE INDEX model_aliases_by_version ON model_aliases (model_version_id, alias);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE model_aliases;
      DROP INDEX models_deleted;
      ALTER TABLE model_versions DROP CONSTRAINT model_versions_production_is_kept, DROP COLUMN deleted_at;
    `);
  }
}
