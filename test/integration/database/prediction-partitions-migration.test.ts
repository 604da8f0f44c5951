import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { PredictionPartitions1763856000021 } from '../../../migrations/1763856000021-prediction-partitions';
import { createLogger } from '../../../src/logger';
import { createDataSource } from '../../../src/services/database';
import { PredictionReader } from '../../../src/services/predictions';
import { aLoggedVersion } from '../../support/prediction-rows';
import { openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const migration = new PredictionPartitions1763856000021();
/** Both sides of a week's end, twice in a week, and beyond the weeks that are made ahead. */
const TIMES = [
  '2024-12-29T23:59:59.999Z',
  '2024-12-30T00:00:00.000Z',
  '2024-12-31T12:00:00.123Z',
  '2031-01-01T00:00:00.000Z',
];

let registry: RegistryFixture;
let owner: DataSource;

beforeAll(async () => {
  registry = await openRegistry();
  owner = await createDataSource({ url: registry.ownerUrl, poolSize: 2, logger: createLogger('silent') });
});
afterAll(async () => {
  await owner.destroy();
  await registry.close();
});

const contents = async () => ({
  predictions: await owner.query<object[]>('SELECT * FROM predictions ORDER BY predicted_at'),
  outcomes: await owner.query<object[]>(
    'SELECT prediction_id, outcome, observed_at, actor, recorded_at FROM prediction_outcomes ORDER BY observed_at',
  ),
});

test('predictions and outcomes from before stay as they were, are found by the ids that were given, and go back', async () => {
  const { modelId, modelVersionId } = await aLoggedVersion(registry, 'old');
  const runner = owner.createQueryRunner();
  await migration.down(runner);
  const ids = TIMES.map(() => randomUUID());
  for (const [index, time] of TIMES.entries()) {
    await runner.query(
      `INSERT INTO predictions (id, model_id, model_version_id, variant, entity, features, features_hash, probability, label, latency_ms, actor,
         request_id, predicted_at)
       VALUES ($1, $2, $3, 'PRIMARY', $4, '{"a": 1.50}', 'f', 0.1, true, 1.5, 'ada', 'r', $5)`,
      [ids[index], modelId, modelVersionId, index === 0 ? null : { id: index }, time],
    );
    if (index === 0) continue;
    await runner.query(
      `INSERT INTO prediction_outcomes (prediction_id, outcome, observed_at, actor, recorded_at) VALUES ($1, true, $2, 'bob', $2)`,
      [ids[index], time],
    );
  }
  const before = await contents();

  await migration.up(runner);
  expect(await contents()).toEqual(before);
  const reader = new PredictionReader({ dataSource: owner });
  const found = await reader.find(ids);
  expect(new Map(found.map(({ id, predictedAt }) => [id, predictedAt.toISOString()]))).toEqual(
    new Map(ids.map((id, index) => [id, TIMES[index]])),
  );
  expect((await reader.outcomes(ids)).map(({ predictionId }) => predictionId).sort()).toEqual(ids.slice(1).sort());

  await migration.down(runner);
  expect(await contents()).toEqual(before);
  await runner.release();
});
