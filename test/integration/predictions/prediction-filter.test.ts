import type { Prediction } from '../../../src/entities';
import { PredictionLog, PredictionReader } from '../../../src/services/predictions';
import { SeededRandom } from '../../../src/services/statistics';
import { aLoggedVersion, aPrediction, type VersionIds } from '../../support/prediction-rows';
import { openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
let reader: PredictionReader;
let versions: VersionIds[];
let rows: Prediction[];
const known = new Set<string>();

const VARIANTS = ['PRIMARY', 'PRIMARY', 'CANARY', 'SHADOW', null] as const;
const day = (number: number) => new Date(Date.UTC(2026, 0, number));

beforeAll(async () => {
  registry = await openRegistry();
  reader = new PredictionReader(registry);
  versions = [await aLoggedVersion(registry, 'listed'), await aLoggedVersion(registry, 'listed')];
  const random = new SeededRandom('prediction-filter');
  rows = Array.from({ length: 400 }, () =>
    aPrediction(versions[random.integer(2)], {
      entity: random.integer(5) === 0 ? null : { number: random.integer(10) },
      variant: VARIANTS[random.integer(VARIANTS.length)],
      predictedAt: day(random.integer(60)),
    }),
  );
  await new PredictionLog(registry).append(rows);
  for (const { id, predictedAt } of rows) {
    if (random.integer(3) > 0) continue;
    known.add(id);
    await registry.dataSource.query(
      `INSERT INTO prediction_outcomes (prediction_id, predicted_at, outcome, observed_at, actor) VALUES ($1, $2, true, now(), 'ada')`,
      [id, predictedAt],
    );
  }
});
afterAll(() => registry.close());

type Filter = Omit<Parameters<PredictionReader['list']>[0], 'modelId'>;

async function listed(filter: Filter): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page = await reader.list({ modelId: versions[0].modelId, ...filter }, { first: 37, after });
    ids.push(...page.rows.map(({ id }) => id));
    after = page.hasNextPage ? (page.cursors.at(-1) ?? null) : null;
    if (after === null) expect(await page.totalCount()).toBe(ids.length);
  } while (after !== null);
  return ids;
}

const expected = ({ modelVersionId, variant, entity, from, to, hasOutcome }: Filter): string[] =>
  rows
    .filter((row) => modelVersionId == null || row.modelVersionId === modelVersionId)
    .filter((row) => variant == null || row.variant === variant)
    .filter((row) => entity == null || String(row.entity?.number) === String(entity.number))
    .filter(({ predictedAt }) => (from == null || predictedAt >= from) && (to == null || predictedAt < to))
    .filter(({ id }) => hasOutcome == null || known.has(id) === hasOutcome)
    .sort((a, b) => b.predictedAt.getTime() - a.predictedAt.getTime() || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);

describe('The list of predictions', () => {
  it('has by each filter, and by several, what a search through all has, newest first, page by page', async () => {
    const [{ modelVersionId }] = versions as [VersionIds];
    const filters: Filter[] = [
      {},
      { modelVersionId },
      { variant: 'PRIMARY' },
      { variant: 'SHADOW' },
      { entity: { number: 3 } },
      { entity: { number: '3' } },
      { from: day(20) },
      { to: day(20) },
      { from: day(10), to: day(11) },
      { hasOutcome: true },
      { hasOutcome: false },
      { modelVersionId, variant: 'CANARY', from: day(5), to: day(50), hasOutcome: true },
      { entity: { number: 3 }, hasOutcome: false, from: day(5) },
    ];
    for (const filter of filters) {
      expect(expected(filter).length).toBeGreaterThan(0);
      expect(await listed(filter)).toEqual(expected(filter));
    }
  });

  it('refuses an entity without keys and a time that ends before it begins', () => {
    const list = (filter: Filter) => () => reader.list({ modelId: versions[0].modelId, ...filter }, { first: 1 });
    expect(list({ entity: {} })).toThrow(/entity: is empty/);
    expect(list({ from: day(2), to: day(2) })).toThrow(/to: must be later than from/);
  });

  it.each([
    ['entity', { entity: { number: 3 } }, /Index (Only )?Scan using predictions_w\d+_model_id_md5/],
    ['variant', { variant: 'SHADOW' }, /Index (Only )?Scan using predictions_w\d+_model_id_variant/],
    ['version', {}, /Index (Only )?Scan (Backward )?using predictions_w\d+_model_version_id/],
  ] as const)('finds by %s through an index, in order, without sorting', async (name, filter, index) => {
    const statements: [string, unknown[]][] = [];
    const modelVersionId = name === 'version' ? versions[0].modelVersionId : null;
    const { dataSource } = registry;
    const spy = jest.spyOn(dataSource, 'createQueryRunner').mockImplementation((...args) => {
      spy.mockRestore();
      const runner = dataSource.createQueryRunner(...args);
      const query = runner.query.bind(runner) as (...call: unknown[]) => Promise<unknown>;
      runner.query = ((sql: string, parameters: unknown[], ...rest: unknown[]) => {
        statements.push([sql, parameters]);
        return query(sql, parameters, ...rest);
      }) as typeof runner.query;
      return runner;
    });
    await reader.list({ modelId: versions[0].modelId, modelVersionId, ...filter }, { first: 10 });
    const [[sql, parameters]] = statements as [[string, unknown[]]];
    const plan = await dataSource.transaction(async (manager) => {
      // The table is so small that reading it whole would be cheaper.
      await manager.query(
        'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off',
      );
      return manager.query<{ 'QUERY PLAN': string }[]>(`EXPLAIN ${sql}`, parameters);
    });
    const lines = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(lines).toMatch(index);
    expect(lines).not.toMatch(/Sort\b(?! Key)/);
  });
});
