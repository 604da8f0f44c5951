import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A watermark says how far one online store has got: another one, or one that lost its data, begins anew. */
export class OnlineStores1763856000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE materializations ADD COLUMN store_id text NOT NULL DEFAULT 'postgresql';
      ALTER TABLE materializations ALTER COLUMN store_id DROP DEFAULT;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE materializations DROP COLUMN store_id;');
  }
}
