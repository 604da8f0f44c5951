import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks that were switched off because their receivers fail, and requests for a move that production has overtaken. */
export class WebhookAndRequestEnds1763856000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE webhooks
        -- The first failed attempt since the last that succeeded.
        ADD COLUMN failing_since timestamptz(3),
        ADD COLUMN disabled_at timestamptz(3),
        ADD COLUMN disabled_reason text,
        ADD CONSTRAINT webhooks_disabled_with_reason CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
        ADD CONSTRAINT webhooks_disabled_is_inactive CHECK (disabled_at IS NULL OR NOT active);

      ALTER TABLE transition_requests
        -- Whether it holds only against the production version that it was decided against: replaces_id, null for none.
        ADD COLUMN checks_production boolean NOT NULL DEFAULT false,
        ADD COLUMN replaces_id uuid REFERENCES model_versions,
        ADD CONSTRAINT transition_requests_replaces_checked CHECK (replaces_id IS NULL OR checks_production),
        DROP CONSTRAINT transition_requests_status_check,
        ADD CONSTRAINT transition_requests_status_check
          CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'SUPERSEDED'));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE transition_requests SET status = 'REJECTED' WHERE status = 'SUPERSEDED';
      ALTER TABLE transition_requests
        DROP CONSTRAINT transition_requests_status_check,
        ADD CONSTRAINT transition_requests_status_check CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED')),
        DROP COLUMN replaces_id,
        DROP COLUMN checks_production;
      ALTER TABLE webhooks DROP COLUMN disabled_reason, DROP COLUMN disabled_at, DROP COLUMN failing_since;
    `);
  }
}
