import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Values that on-demand features read and that are known only with a request. */
export class RequestInputs1763856000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Name and type. Immutable; what is said of them stands with the service, in on_demand_descriptions.
      ALTER TABLE feature_service_versions ADD COLUMN request_inputs jsonb NOT NULL DEFAULT '[]';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE feature_service_versions DROP COLUMN request_inputs');
  }
}
