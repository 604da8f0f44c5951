import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Features that are computed from others of their service. */
export class OnDemandFeatures1763856000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Name, expression, type and inputs, in the order in which models take them behind the features of views. Immutable.
      ALTER TABLE feature_service_versions ADD COLUMN on_demand_features jsonb NOT NULL DEFAULT '[]';
      ALTER TABLE feature_services ADD COLUMN on_demand_descriptions jsonb NOT NULL DEFAULT '{}';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE feature_services DROP COLUMN on_demand_descriptions;
      ALTER TABLE feature_service_versions DROP COLUMN on_demand_features;
    `);
  }
}
