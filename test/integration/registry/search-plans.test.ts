import { Client } from 'pg';
import { fillRegistry } from '../../../bench/fill-registry';
import { runSearch, TYPICAL_SEARCHES } from '../../../bench/typical-searches';
import { openRegistry, type RegistryFixture } from '../../support/registry-fixture';

/** At 20,000 versions PostgreSQL would rather read a whole table than take a detour by an index that is not selective: the more it says when it does not. */
const MODELS = 200;
const VERSIONS_PER_MODEL = 100;
const LARGE_TABLES = ['model_versions', 'model_version_metrics', 'model_version_params'];

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
  await fillRegistry(registry.dataSource, MODELS, VERSIONS_PER_MODEL);
  await analyze();
}, 60_000);
afterAll(() => registry.close());

async function analyze(): Promise<void> {
  const client = new Client({ connectionString: registry.ownerUrl });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.end();
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** What a search asks, with the plans by which PostgreSQL answered. */
async function plansOf(search: (typeof TYPICAL_SEARCHES)[number]): Promise<{ sql: string; plan: Plan }[]> {
  const query = jest.spyOn(Client.prototype, 'query');
  await runSearch(registry.search, search);
  const asked = query.mock.calls.map(([sql, values]) => [sql, values] as unknown as [string, unknown[]]);
  query.mockRestore();
  return Promise.all(
    asked.map(async ([sql, values]) => {
      const [row] = await registry.dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
        values,
      );
      return { sql, plan: row['QUERY PLAN'][0].Plan };
    }),
  );
}

describe('A typical search', () => {
  it.each(TYPICAL_SEARCHES.map((search) => [search.search, search.of, search] as const))(
    'reads no large table to its end: "%s" of %s',
    async (_search, _of, search) => {
      const plans = await plansOf(search);
      expect(plans.length).toBeGreaterThan(0);
      const sequential = plans.flatMap(({ sql, plan }) =>
        nodesOf(plan)
          .filter((node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0)
          .filter((node) => LARGE_TABLES.includes(node['Relation Name'] ?? ''))
          .map((node) => `${node['Relation Name']} in ${sql}`),
      );
      expect(sequential).toEqual([]);
    },
  );
});
