import { CursorInvalid, InvalidInput } from '../../../src/errors';
import { type LineageDirection, type LineageWalk, recordLineage, walkLineage } from '../../../src/services/lineage';
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

const page = (start: string, direction: LineageDirection, depth: number, rest: Partial<LineageWalk> = {}) =>
  walkLineage(database.dataSource, { start, direction, depth, first: 100, ...rest });
const walk = async (start: string, direction: LineageDirection, depth: number) => {
  const { nodes, edges } = await page(start, direction, depth);
  return { nodes: nodes.map(({ node }) => node), edges };
};

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

test('a page size of 0 or 101 is refused, and so is a cursor that was not given', async () => {
  for (const first of [0, 101])
    await expect(page('Dataset:may', 'UPSTREAM', 1, { first })).rejects.toThrow(InvalidInput);
  await expect(page('Dataset:may', 'UPSTREAM', 1, { after: 'forged' })).rejects.toThrow(CursorInvalid);
});

test('pages of any size give every node and every edge once, nearest first', async () => {
  const { manager } = database.dataSource;
  const runs = Array.from({ length: 30 }, (_, index) => `TrainingRun:wide-${index}`);
  for (const run of runs) {
    await recordLineage(manager, ['Dataset:wide'], run);
    await recordLineage(manager, [run, 'Dataset:wide'], 'ModelVersion:wide');
  }
  const whole = await page('Dataset:wide', 'DOWNSTREAM', 5);
  expect(whole.nodes).toHaveLength(32);
  expect(whole.nodes.map(({ distance }) => distance)).toEqual([0, ...Array<number>(31).fill(1)]);
  expect(whole.edges).toHaveLength(61);
  for (const first of [1, 7, 32]) {
    const [nodes, edges]: [unknown[], unknown[]] = [[], []];
    let after: string | null = null;
    for (;;) {
      const { hasNextPage, endCursor, ...next } = await page('Dataset:wide', 'DOWNSTREAM', 5, { first, after });
      nodes.push(...next.nodes);
      edges.push(...next.edges);
      if (!hasNextPage) break;
      after = endCursor;
    }
    expect(nodes).toEqual(whole.nodes);
    expect(edges).toEqual(whole.edges);
  }
});

test('what breaks if a view changes: the versions that are made with it, however far, and nothing else', async () => {
  const { nodes, edges } = await page('FeatureView:usage', 'DOWNSTREAM', 20, { kinds: ['ModelVersion'] });
  expect(nodes).toEqual([{ node: 'ModelVersion:1', distance: 2 }]);
  expect(edges).toEqual([
    { from: 'Dataset:may', to: 'ModelVersion:1' },
    { from: 'TrainingRun:1', to: 'ModelVersion:1' },
  ]);
});
