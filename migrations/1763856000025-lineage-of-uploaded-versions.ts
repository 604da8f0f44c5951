import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Versions that came with neither dataset nor training run are made of their feature service; those of before say so too. */
export class LineageOfUploadedVersions1763856000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      INSERT INTO lineage_edges (from_node, to_node)
      SELECT 'FeatureServiceVersion:' || feature_service_version_id, 'ModelVersion:' || id
      FROM model_versions
      WHERE feature_service_version_id IS NOT NULL AND dataset_id IS NULL AND training_run_id IS NULL
      ON CONFLICT DO NOTHING
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM lineage_edges WHERE from_node LIKE 'FeatureServiceVersion:%' AND to_node LIKE 'ModelVersion:%'
    `);
  }
}
