import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules of more kinds have more parts, and results count rows and show those that break a rule as data. */
export class FeatureQuality1763856000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION pg_temp.with_parts(rule jsonb) RETURNS jsonb LANGUAGE sql AS $$
        SELECT '{"pattern":null,"maxAgeSeconds":null,"measure":null,"threshold":null,"reference":null}'::jsonb || rule
      $$;
      UPDATE feature_views SET quality_rules = (
        SELECT jsonb_agg(pg_temp.with_parts(rule) ORDER BY n) FROM jsonb_array_elements(quality_rules) WITH ORDINALITY r(rule, n)
      ) WHERE quality_rules <> '[]';

      -- Examples were texts; what they said cannot be told apart again. NOT_NULL_RATIO kept the share that is not null, other rules a count.
      UPDATE feature_quality_reports SET results = (
        SELECT jsonb_agg(result || jsonb_build_object(
          'rule', pg_temp.with_parts(result->'rule'),
          'examples', '[]'::jsonb,
          'checkedRowCount', row_count,
          'failingRowCount', CASE result->'rule'->>'kind'
            WHEN 'ROW_COUNT' THEN NULL
            WHEN 'NOT_NULL_RATIO' THEN round(row_count * (1 - coalesce((result->>'actual')::float8, 1)))
            ELSE coalesce((result->>'actual')::float8, 0) END
        ) ORDER BY n) FROM jsonb_array_elements(results) WITH ORDINALITY r(result, n)
      ) WHERE results <> '[]';
      DROP FUNCTION pg_temp.with_parts(jsonb);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE feature_views SET quality_rules = (
        SELECT coalesce(jsonb_agg(rule - '{pattern,maxAgeSeconds,measure,threshold,reference}'::text[] ORDER BY n), '[]')
        FROM jsonb_array_elements(quality_rules) WITH ORDINALITY r(rule, n)
        WHERE rule->>'kind' IN ('NOT_NULL_RATIO', 'RANGE', 'ALLOWED_VALUES', 'ROW_COUNT')
      ) WHERE quality_rules <> '[]';
      UPDATE feature_quality_reports SET results = (
        SELECT coalesce(jsonb_agg(result - '{checkedRowCount,failingRowCount}'::text[] || jsonb_build_object(
          'rule', (result->'rule') - '{pattern,maxAgeSeconds,measure,threshold,reference}'::text[],
          'examples', '[]'::jsonb
        ) ORDER BY n), '[]')
        FROM jsonb_array_elements(results) WITH ORDINALITY r(result, n)
        WHERE result->'rule'->>'kind' IN ('NOT_NULL_RATIO', 'RANGE', 'ALLOWED_VALUES', 'ROW_COUNT')
      ) WHERE results <> '[]';
    `);
  }
}
