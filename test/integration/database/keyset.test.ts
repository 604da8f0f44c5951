import fc from 'fast-check';
import { LineageEdge, Model } from '../../../src/entities';
import { CursorInvalid, InvalidInput } from '../../../src/errors';
import { listPage, type KeysetOrder } from '../../../src/services/database';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const COUNT = 23;
const BY_NAME: KeysetOrder = { by: ['name'], direction: 'ASC' };
const BY_NODES: KeysetOrder = { by: ['fromNode', 'toNode'], direction: 'ASC' };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // Groups of five share a time, so that only the id tells them apart.
  await database.dataSource.query(
    `INSERT INTO models (name, task_type, quality_policy, created_by, created_at)
     SELECT 'model-' || lpad(n::text, 2, '0'), 'REGRESSION', '{}', 'ann', '2026-01-01T00:00:00.123Z'::timestamptz + (n / 5) * interval '1 ms'
     FROM generate_series(0, $1::int - 1) AS n`,
    [COUNT],
  );
});
afterAll(() => database.drop());

const models = () => database.dataSource.createQueryBuilder(Model, 'model');

async function walk(size: number, order?: KeysetOrder): Promise<Model[]> {
  const seen: Model[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await listPage(models(), { first: size, after }, order);
    seen.push(...page.rows);
    if (!page.hasNextPage) return seen;
    after = page.cursors.at(-1);
  }
}

describe('a list in pages', () => {
  it('shows every row once and in order, whatever the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (size) => {
        const rows = await walk(size);
        const expected = [...rows].sort(
          (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1),
        );
        expect(rows).toEqual(expected);
        expect(new Set(rows.map(({ id }) => id)).size).toBe(COUNT);
      }),
      { numRuns: 10 },
    );
  });

  it('can go upwards by name', async () => {
    const names = (await walk(7, BY_NAME)).map(({ name }) => name);
    expect(names).toEqual(Array.from({ length: COUNT }, (_, n) => `model-${String(n).padStart(2, '0')}`));
  });

  it('neither repeats nor skips when rows come and go between pages', async () => {
    const first = await listPage(models(), { first: 10 }, BY_NAME);
    await database.dataSource.query(
      `INSERT INTO models (name, task_type, quality_policy, created_by) VALUES ('model-00a', 'REGRESSION', '{}', 'ann')`,
    );
    const second = await listPage(models(), { first: 10, after: first.cursors.at(-1) }, BY_NAME);
    await database.dataSource.query(`DELETE FROM models WHERE name = 'model-00a'`);
    expect(second.rows[0]?.name).toBe('model-10');
  });

  it('keeps its filter, and counts the filtered rows over all pages, at most once', async () => {
    const query = models().where('model.name >= :name', { name: 'model-20' });
    const page = await listPage(query, { first: 2, after: null }, BY_NAME);
    expect(page).toMatchObject({ rows: [{ name: 'model-20' }, { name: 'model-21' }], hasNextPage: true });
    const rest = await listPage(query, { first: 2, after: page.cursors[1] }, BY_NAME);
    expect(rest).toMatchObject({ rows: [{ name: 'model-22' }], hasNextPage: false });
    await expect(rest.totalCount()).resolves.toBe(3);
    expect(rest.totalCount()).toBe(rest.totalCount());
  });

  it('has no next page behind the last row, and none when it is empty', async () => {
    await expect(listPage(models(), { first: COUNT })).resolves.toHaveProperty('hasNextPage', false);
    const empty = await listPage(models().where('false'), { first: 5 });
    expect(empty).toMatchObject({ rows: [], cursors: [], hasNextPage: false });
    await expect(empty.totalCount()).resolves.toBe(0);
  });

  it.each([0, -1, 101, 1.5, Number.NaN])('refuses pages of %d rows', async (first) => {
    await expect(listPage(models(), { first })).rejects.toThrow(InvalidInput);
  });

  it('refuses the cursor of another order and of another table', async () => {
    const byName = (await listPage(models(), { first: 1 }, BY_NAME)).cursors[0];
    await expect(listPage(models(), { first: 1, after: byName })).rejects.toThrow(CursorInvalid);
    const edges = database.dataSource.createQueryBuilder(LineageEdge, 'edge');
    await expect(listPage(edges, { first: 1, after: byName }, BY_NODES)).rejects.toThrow(CursorInvalid);
    await expect(listPage(models(), { first: 1, after: 'rubbish' })).rejects.toThrow(CursorInvalid);
  });

  it('sorts by nothing that has no simple order', async () => {
    await expect(listPage(models(), { first: 1 }, { by: ['tags'], direction: 'ASC' })).rejects.toThrow(
      'model.tags cannot be a sort key',
    );
  });
});
