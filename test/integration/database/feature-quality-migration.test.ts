import { Client } from 'pg';
import { FeatureQuality1763856000015 } from '../../../migrations/1763856000015-feature-quality';
import { createLogger } from '../../../src/logger';
import { createDataSource, migrate, revertLastMigration } from '../../../src/services/database';
import { createBareDatabase } from '../../support/test-database';

const logger = createLogger('silent');
const NAME = 'FeatureQuality1763856000015';

test('rules and reports from before are what the present ones are, and go back', async () => {
  const { ownerUrl, drop } = await createBareDatabase();
  await migrate({ ownerUrl, logger });
  let reverted: string | null;
  do reverted = await revertLastMigration({ ownerUrl, logger });
  while (reverted !== NAME);
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const read = async () => {
    const { rows } = await client.query<{ rules: Record<string, unknown>[]; results: Record<string, unknown>[] }>(
      'SELECT quality_rules AS rules, results FROM feature_views, feature_quality_reports',
    );
    return rows[0];
  };
  const base = { field: 'a', severity: 'WARN', minimum: 0.5, maximum: null, allowedValues: null };
  const ratio = { ...base, kind: 'NOT_NULL_RATIO' };
  const range = { ...base, kind: 'RANGE' };
  const count = { ...base, kind: 'ROW_COUNT', field: null };
  const results = [
    { rule: ratio, passed: true, actual: 0.75, message: 'm', examples: [] },
    { rule: range, passed: false, actual: 2, message: 'm', examples: ['id=1: a=0'] },
    { rule: count, passed: true, actual: 8, message: 'm', examples: [] },
  ];
  await client.query(`INSERT INTO feature_entities (name, join_keys, owner) VALUES ('e', '[]', '')`);
  await client.query(
    `INSERT INTO feature_views (name, entity_id, owner, quality_rules) SELECT 'v', id, '', $1 FROM feature_entities`,
    [JSON.stringify([ratio, range])],
  );
  await client.query(
    `INSERT INTO feature_view_versions (feature_view_id, version, fields) SELECT id, 1, '[]' FROM feature_views`,
  );
  await client.query(
    `INSERT INTO feature_quality_reports (feature_view_version_id, through_sequence, row_count, passed, blocked, results, statistics, actor)
     SELECT id, 1, 8, false, false, $1, '[]', 'ada' FROM feature_view_versions`,
    [JSON.stringify(results)],
  );

  const dataSource = await createDataSource({ url: ownerUrl, poolSize: 1, logger });
  const runner = dataSource.createQueryRunner();
  const migration = new FeatureQuality1763856000015();
  await migration.up(runner);
  const absent = { pattern: null, maxAgeSeconds: null, measure: null, threshold: null, reference: null };
  expect(await read()).toEqual({
    rules: [
      { ...ratio, ...absent },
      { ...range, ...absent },
    ],
    results: [
      { ...results[0], rule: { ...ratio, ...absent }, checkedRowCount: 8, failingRowCount: 2 },
      { ...results[1], rule: { ...range, ...absent }, checkedRowCount: 8, failingRowCount: 2, examples: [] },
      { ...results[2], rule: { ...count, ...absent }, checkedRowCount: 8, failingRowCount: null },
    ],
  });

  const fresh = { ...count, ...absent, kind: 'FRESHNESS', minimum: null, maxAgeSeconds: 60 };
  await client.query('UPDATE feature_views SET quality_rules = quality_rules || $1::jsonb', [JSON.stringify([fresh])]);
  await migration.down(runner);
  const withoutExamples = results.map((result) => ({ ...result, examples: [] }));
  expect(await read()).toEqual({ rules: [ratio, range], results: withoutExamples });

  await runner.release();
  await dataSource.destroy();
  await client.end();
  await drop();
});
