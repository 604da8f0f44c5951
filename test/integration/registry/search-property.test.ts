import fc from 'fast-check';
import { fillRegistry } from '../../../bench/fill-registry';
import { RegistrySearch } from '../../../src/services/registry';
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
});
