import { InvalidInput } from '../../../src/errors';
import { recordLineage, walkLineage } from '../../../src/services/lineage';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const { manager } = database.dataSource;
  await recordLineage(manager, ['FeatureView:usage', 'FeatureView:billing'], 'Dataset:may');
  await recordLineage(manager, ['Dataset:may'], 'TrainingRun:1');
  await recordLineage(manager, ['TrainingRun:1', 'Dataset:may'], 'ModelVersion:1');
});

afterAll(() => database.drop());

const walk = (start: string, direction: 'UPSTREAM' | 'DOWNSTREAM', depth: number) =>
  walkLineage(database.dataSource, start, direction, depth);

test('walking upstream leads from a version to the views that its dataset was made of', async () => {
  const { nodes, edges } = await walk('ModelVersion:1', 'UPSTREAM', 3);
  expect(nodes[0]).toBe('ModelVersion:1');
  expect([...nodes].sort()).toEqual([
    'Dataset:may',
    'FeatureView:billing',
    'FeatureView:usage',
    'ModelVersion:1',
    'TrainingRun:1',
  ]);
  expect(edges).toContainEqual({ from: 'FeatureView:usage', to: 'Dataset:may' });
  expect(edges).toHaveLength(5);
});

test('walking downstream leads from a view to everything that was made with it', async () => {
  const { nodes } = await walk('FeatureView:usage', 'DOWNSTREAM', 3);
  expect(nodes).toEqual(['FeatureView:usage', 'Dataset:may', 'ModelVersion:1', 'TrainingRun:1']);
});

test('the walk goes no further than its depth', async () => {
  const { nodes, edges } = await walk('ModelVersion:1', 'UPSTREAM', 1);
  expect([...nodes].sort()).toEqual(['Dataset:may', 'ModelVersion:1', 'TrainingRun:1']);
  expect(edges).toHaveLength(2);
});

test('recording the same edge again changes nothing', async () => {
  const before = await walk('Dataset:may', 'UPSTREAM', 1);
  await recordLineage(database.dataSource.manager, ['FeatureView:usage', 'FeatureView:usage'], 'Dataset:may');
  expect(await walk('Dataset:may', 'UPSTREAM', 1)).toEqual(before);
});

test('a node that nothing is known of has a lineage of itself alone', async () => {
  expect(await walk('Dataset:unknown', 'UPSTREAM', 5)).toEqual({ nodes: ['Dataset:unknown'], edges: [] });
});

test('a circle is walked once around', async () => {
  const { manager } = database.dataSource;
  await recordLineage(manager, ['Loop:a'], 'Loop:b');
  await recordLineage(manager, ['Loop:b'], 'Loop:c');
  await recordLineage(manager, ['Loop:c'], 'Loop:a');
  const { nodes, edges } = await walk('Loop:a', 'UPSTREAM', 20);
  expect(nodes).toEqual(['Loop:a', 'Loop:c', 'Loop:b']);
  expect(edges).toHaveLength(3);
});

test.each([0, 21, 1.5])('a depth of %p is refused', async (depth) => {
  await expect(walk('Dataset:may', 'UPSTREAM', depth)).rejects.toThrow(InvalidInput);
});
