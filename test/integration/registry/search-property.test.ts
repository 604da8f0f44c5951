import fc from 'fast-check';
import { fillRegistry } from '../../../bench/fill-registry';
import type { Page } from '../../../src/services/database';
import { type ModelVersionOrder, RegistrySearch } from '../../../src/services/registry';
import { arbitraryModelFilter, arbitraryVersionFilter } from '../../support/arbitrary-filter';
import { modelMatches, readRegistry, type SearchedModel, versionMatches } from '../../support/naive-search';
import { openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
let search: RegistrySearch;
let all: SearchedModel[];
beforeAll(async () => {
  registry = await openRegistry();
  const { dataSource, reader } = registry;
  await fillRegistry(dataSource, 12, 7);
  await dataSource.query("UPDATE models SET deleted_at = now() WHERE name = 'fraud-12'");
  all = await readRegistry(dataSource);
  search = new RegistrySearch({ dataSource, reader, keyOf: (id) => id });
});
afterAll(() => registry.close());

const FIRST = 100;
const BY_NAME = [{ field: 'NAME' }, { field: 'VERSION' }] as const;

/** What the pages of a list hold, one after the other. */
async function walk<Row>(page: (after: string | null) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  for (;;) {
    const next = await page(after);
    rows.push(...next.rows);
    after = next.cursors.at(-1) ?? null;
    if (!next.hasNextPage) return rows;
  }
}

describe('A filter', () => {
  it('lists the versions that it means, as a look at every row finds them', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryVersionFilter, async (filter) => {
        const expected = all.flatMap(({ model, versions }) =>
          versions
            .filter((version) => versionMatches(model, version, filter))
            .map(({ version }) => `${model.name} ${version.version}`),
        );
        const page = await search.versions({ filter, orderBy: BY_NAME, first: FIRST });
        const nameOf = new Map(all.map(({ model }) => [model.id, model.name]));
        expect(page.rows.map(({ modelId, version }) => `${nameOf.get(modelId)} ${version}`)).toEqual(expected);
        await expect(page.totalCount()).resolves.toBe(expected.length);
      }),
      { numRuns: 150 },
    );
  });

  it('lists the models that it means', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryModelFilter, async (filter) => {
        const expected = all.filter((searched) => modelMatches(searched, filter)).map(({ model }) => model.name);
        const page = await search.models({ filter, first: FIRST });
        expect(page.rows.map(({ name }) => name)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('lists the same in pages, whichever way each of them is found', async () => {
    const { dataSource, reader } = registry;
    const reach = fc.record({ beginning: fc.integer({ min: 1, max: 40 }), few: fc.integer({ min: 0, max: 40 }) });
    const orderBy = fc.constantFrom<ModelVersionOrder[]>(
      [],
      [{ field: 'NAME', direction: 'DESC' }, { field: 'VERSION' }],
      [{ field: 'UPDATED_AT', direction: 'DESC' }],
      [
        { field: 'METRIC', metric: 'minutes' },
        { field: 'METRIC', metric: 'auc', direction: 'DESC' },
      ],
    );
    await fc.assert(
      fc.asyncProperty(
        arbitraryVersionFilter,
        orderBy,
        reach,
        fc.integer({ min: 3, max: 30 }),
        async (filter, order, limits, first) => {
          const tuned = new RegistrySearch({ dataSource, reader, keyOf: (id) => id }, limits);
          const whole = await search.versions({ filter, orderBy: order, first: FIRST });
          const rows = await walk((after) => tuned.versions({ filter, orderBy: order, first, after }));
          expect(rows.map(({ id }) => id)).toEqual(whole.rows.map(({ id }) => id));
        },
      ),
      { numRuns: 100 },
    );
  });
});
