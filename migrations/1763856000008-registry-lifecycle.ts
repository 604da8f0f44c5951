import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deleted versions, names that people give to versions, and moves that others have to approve. */
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
      CREATE INDEX model_aliases_by_alias ON model_aliases (alias);

      ALTER TABLE models ADD COLUMN approval_rules jsonb NOT NULL DEFAULT '[]';
      CREATE TABLE transition_requests (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        model_id uuid NOT NULL REFERENCES models,
        model_version_id uuid NOT NULL REFERENCES model_versions,
        from_stage text NOT NULL CHECK (from_stage IN ('NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED')),
        to_stage text NOT NULL CHECK (to_stage IN ('STAGING', 'PRODUCTION', 'ARCHIVED')),
        reason text NOT NULL DEFAULT '',
        -- One that has run out stays PENDING until somebody asks anew; readers compare expires_at.
        status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED')),
        -- As the model's rules were when it was asked for.
        required_approvals integer NOT NULL CHECK (required_approvals > 0),
        approver_role text CHECK (approver_role IN ('ADMIN', 'ENGINEER', 'SERVICE', 'VIEWER')),
        requested_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3) NOT NULL,
        decided_at timestamptz(3),
        transition_id uuid REFERENCES model_transitions,
        CHECK ((status = 'APPROVED') = (transition_id IS NOT NULL))
      );
      CREATE UNIQUE INDEX transition_requests_one_pending ON transition_requests (model_version_id, to_stage) WHERE status = 'PENDING';
      CREATE INDEX transition_requests_by_model ON transition_requests (model_id, created_at DESC, id DESC);
      CREATE INDEX transition_requests_by_time ON transition_requests (created_at DESC, id DESC);
      CREATE TABLE transition_votes (
        request_id uuid NOT NULL REFERENCES transition_requests,
        actor text NOT NULL,
        approved boolean NOT NULL,
        comment text NOT NULL DEFAULT '',
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (request_id, actor)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE transition_votes, transition_requests, model_aliases;
      ALTER TABLE models DROP COLUMN approval_rules;
      DROP INDEX models_deleted;
      ALTER TABLE model_versions DROP CONSTRAINT model_versions_production_is_kept, DROP COLUMN deleted_at;
    `);
  }
}
