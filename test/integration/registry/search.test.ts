import fs from 'node:fs';
import path from 'node:path';
import { graphql } from 'graphql';
import { fillRegistry } from '../../../bench/fill-registry';
import { CursorInvalid, InvalidInput, SearchInvalid } from '../../../src/errors';
import type { Context, Services } from '../../../src/schema/context';
import { buildApiSchema } from '../../../src/server/build-schema';
import type { ModelVersionOrder, ModelVersionSearch } from '../../../src/services/registry';
import { section, tableRows } from '../../support/markdown';
import { engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const schema = buildApiSchema();
const DOCUMENT = fs.readFileSync(path.resolve(__dirname, '../../../docs/search.md'), 'utf8');
const bare = (cell: string): string => cell.replaceAll('`', '');

let registry: RegistryFixture;
/** Names of the models by their ids. */
let names: ReadonlyMap<string, string>;
beforeAll(async () => {
  registry = await openRegistry();
  const { dataSource } = registry;
  await fillRegistry(dataSource, 10, 5);
  const rows = await dataSource.query<{ id: string; name: string }[]>('SELECT id, name FROM models');
  names = new Map(rows.map(({ id, name }) => [id, name]));
});
afterAll(() => registry.close());

const page = (input: Partial<ModelVersionSearch>) => registry.search.versions({ first: 100, ...input });
const found = async (search: string): Promise<string[]> =>
  (await page({ search, orderBy: [{ field: 'NAME' }] })).rows.map(
    ({ modelId, version }) => `${names.get(modelId)} ${version}`,
  );
const models = async (search: string): Promise<string[]> =>
  (await registry.search.models({ search, first: 100 })).rows.map(({ name }) => name);

async function run(source: string) {
  const services = { models: registry.models, registry: registry.reader, search: registry.search };
  const contextValue: Context = {
    actor: engineer,
    requestId: 'request-1',
    services: services as unknown as Services,
    loaders: new Map(),
    signal: new AbortController().signal,
  };
  return graphql({ schema, source, contextValue });
}

describe('A search', () => {
  it('19: takes LIKE with its case and ILIKE without', async () => {
    await expect(models('name LIKE "churn-%"')).resolves.toEqual(['churn-10', 'churn-5']);
    await expect(models('name ILIKE "churn-%"')).resolves.toEqual(['Churn-1', 'Churn-6', 'churn-10', 'churn-5']);
    await expect(models('name~CHURN-1')).resolves.toEqual(['Churn-1', 'churn-10']);
  });

  it('19: finds by != what has another value, and not what has none; NOT finds both', async () => {
    const [all, growth, others, notGrowth, absent] = await Promise.all(
      ['', 'tag.team=growth', 'tag.team!=growth', 'NOT tag.team=growth', 'NOT tag.team EXISTS'].map(found),
    );
    expect([growth.length, others.length, absent.length].every((count) => count > 0)).toBe(true);
    expect(growth.length + others.length + absent.length).toBe(all.length);
    expect(new Set(notGrowth)).toEqual(new Set([...others, ...absent]));
    await expect(found('tag.team EXISTS')).resolves.toHaveLength(growth.length + others.length);
  });

  it('19: takes two conditions on one key', async () => {
    await expect(found('tag.team=growth tag.team=Growth')).resolves.toEqual([]);
    await expect(found('tag.team!=growth tag.team!=Growth')).resolves.toEqual([]);
    const both = await found('tag.team=growth OR tag.team=Growth');
    await expect(found('tag.team IN (growth, Growth)')).resolves.toEqual(both);
    await expect(found('tag.team ILIKE growth')).resolves.toEqual(both);
    await expect(found('auc>0.6 auc<=0.8 metric.auc@training EXISTS')).resolves.toEqual(
      await found('auc>0.6 auc<=0.8'),
    );
  });

  it('holds together with a filter and within one model', async () => {
    const expected = (await found('stage:archived auc>0.7')).filter((name) => name.startsWith('fraud-2 '));
    const { rows } = await page({ model: 'fraud-2', search: 'auc>0.7', filter: { stage: ['ARCHIVED'] } });
    expect(rows.map(({ version }) => `fraud-2 ${version}`)).toEqual(expected.toSorted().toReversed());
    await expect(page({ model: 'none', search: 'auc>0.7' })).rejects.toThrow(/There is no model "none"/);
  });

  it('says of models what one of their versions is', async () => {
    const versions = await found('stage:production auc>0.7');
    expect(versions.length).toBeGreaterThan(0);
    const expected = versions.map((name) => name.split(' ')[0]).toSorted();
    await expect(models('stage:production auc>0.7')).resolves.toEqual(expected);
    await expect(models('stage:production stage:archived')).resolves.toEqual([]);
    await expect(models('NOT stage:production')).resolves.toEqual([]);
  });

  it('reads the ids of lineage as the API gives them, and refuses others', async () => {
    const id = (kind: string) => Buffer.from(`${kind}:00000000-0000-4000-8000-000000000001`).toString('base64url');
    await expect(found(`dataset:${id('Dataset')}`)).resolves.toHaveLength(20);
    await expect(found(`dataset:${id('Model')}`)).rejects.toThrow(/the id of a Model; expected one of a Dataset/);
    await expect(page({ filter: { trainingRunId: 'forged' } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: ['filter', 'trainingRunId'],
    });
  });

  it('18: answers what cannot be read as an error with its position', async () => {
    const { errors } = await run('{ modelVersions(search: "stage:production name IN ()") { totalCount } }');
    expect(errors?.[0].originalError).toBeInstanceOf(SearchInvalid);
    expect(errors?.[0].originalError).toMatchObject({
      extensions: { code: 'INVALID_INPUT', position: 27, expected: ['a text'], field: ['search'] },
    });
  });

  it('leaves out versions of deleted models', async () => {
    const before = await found('name=price-9');
    expect(before).toHaveLength(5);
    await registry.dataSource.query("UPDATE models SET deleted_at = now() WHERE name = 'price-9'");
    await expect(found('name=price-9')).resolves.toEqual([]);
    await expect(models('stage:production name=price-9')).resolves.toEqual([]);
    await registry.dataSource.query("UPDATE models SET deleted_at = NULL WHERE name = 'price-9'");
  });
});

describe('The order of a search', () => {
  it.each<[ModelVersionOrder[], RegExp]>([
    [[{ field: 'NAME' }, { field: 'NAME', direction: 'DESC' }], /orderBy.1.field: NAME stands twice/],
    [
      [
        { field: 'METRIC', metric: 'auc' },
        { field: 'METRIC', metric: 'auc', split: 'held_out' },
      ],
      /orderBy.1.field: METRIC auc of held_out stands twice/,
    ],
    [[{ field: 'METRIC' }], /orderBy.0.metric: give it with the field METRIC/],
    [[{ field: 'NAME', metric: 'auc' }], /orderBy.0.metric: give it with the field METRIC, and only then/],
  ])('20: refuses %j', async (orderBy, message) => {
    await expect(page({ orderBy })).rejects.toThrow(InvalidInput);
    await expect(page({ orderBy })).rejects.toThrow(message);
  });

  it('20: refuses an unknown field, and says so before anything is read', async () => {
    const { errors } = await run('{ modelVersions(orderBy: [{ field: COLOUR }]) { totalCount } }');
    expect(errors?.[0].message).toBe('Value "COLOUR" does not exist in "ModelVersionOrderField" enum.');
  });

  it('20: decides ties by name, and then by number, the highest first', async () => {
    const { rows } = await page({ orderBy: [{ field: 'UPDATED_AT' }] });
    const key = (row: (typeof rows)[number]) =>
      [row.updatedAt.getTime(), names.get(row.modelId) ?? '', -row.version] as const;
    const sorted = rows.toSorted((a, b) => compare(key(a), key(b)));
    expect(rows.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
    expect(rows).toHaveLength(50);
  });

  it('follows several fields in their directions, metrics among them', async () => {
    const orderBy = [
      { field: 'METRIC', metric: 'minutes', direction: 'DESC' },
      { field: 'NAME', direction: 'DESC' },
    ] as const;
    const { rows, totalCount } = await page({ orderBy });
    const metrics = await registry.reader.metrics(rows.map(({ id }) => id));
    const minutes = new Map(
      metrics.filter(({ name }) => name === 'minutes').map((row) => [row.modelVersionId, row.value]),
    );
    const keys = rows.map(({ id, modelId }) => [minutes.get(id) ?? NaN, names.get(modelId) ?? ''] as const);
    expect(keys).toEqual(keys.toSorted((a, b) => -compare(a, b)));
    // Every second version has it.
    expect(rows).toHaveLength(20);
    await expect(totalCount()).resolves.toBe(20);
  });
});

type Key = readonly (string | number)[];

function compare(a: Key, b: Key): number {
  const place = a.findIndex((part, index) => part !== b[index]);
  return place < 0 ? 0 : a[place] < b[place] ? -1 : 1;
}

describe('The pages of a search', () => {
  const ORDERS: readonly (readonly ModelVersionOrder[])[] = [
    [],
    [{ field: 'NAME', direction: 'DESC' }, { field: 'VERSION' }],
    [{ field: 'CREATED_AT' }],
    [{ field: 'UPDATED_AT', direction: 'DESC' }],
    [{ field: 'METRIC', metric: 'auc', direction: 'DESC' }],
    [{ field: 'METRIC', metric: 'logLoss' }, { field: 'NAME' }],
  ];

  it.each(ORDERS.map((orderBy) => [orderBy]))(
    '21: of 50 rows by sizes of 5, 10, 20 and 100 give the exact order: %j',
    async (orderBy) => {
      const whole = await page({ orderBy, search: 'auc EXISTS' });
      const seen: string[] = [];
      let after: string | null = null;
      const more: boolean[] = [];
      for (const first of [5, 10, 20, 100]) {
        const next = await registry.search.versions({ first, after, orderBy, search: 'auc EXISTS' });
        seen.push(...next.rows.map(({ id }) => id));
        after = next.cursors.at(-1) ?? null;
        more.push(next.hasNextPage);
      }
      expect(seen).toEqual(whole.rows.map(({ id }) => id));
      expect(new Set(seen).size).toBe(50);
      expect(more).toEqual([true, true, true, false]);
    },
  );

  it('21: end with a cursor of null, and models come in the same way', async () => {
    const pages =
      '{ models(search: "churn", first: 100) { nodes { name } totalCount pageInfo { hasNextPage endCursor } } }';
    const { data } = await run(pages);
    const { endCursor } = (data as unknown as { models: { pageInfo: { endCursor: string } } }).models.pageInfo;
    const last = await run(pages.replace('first: 100', `first: 100, after: "${endCursor}"`));
    expect(last.data).toMatchObject({ models: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } });
  });

  it('21: refuse a forged cursor, and that of another order, filter or model', async () => {
    const orderBy = [{ field: 'METRIC', metric: 'auc' }] as const;
    const { cursors } = await page({ search: 'auc>0.6', orderBy });
    const after = cursors[3];
    await expect(page({ search: 'auc>0.6', orderBy, after })).resolves.toHaveProperty(
      'rows.length',
      cursors.length - 4,
    );
    const [list, ...values] = JSON.parse(Buffer.from(after, 'base64url').toString()) as string[];
    const forge = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const forged = [
      { search: 'auc>0.6', orderBy, after: 'Zm9yZ2Vk' },
      { search: 'auc>0.6', orderBy, after: forge(list, '1e999', ...values.slice(1)) },
      { search: 'auc>0.6', orderBy, after: forge(list, 'x', ...values.slice(1)) },
      { search: 'auc>0.6', orderBy, after: forge(list, ...values.slice(1)) },
      { search: 'auc>0.61', orderBy, after },
      { search: 'auc>0.6', orderBy: [{ ...orderBy[0], direction: 'DESC' } as const], after },
      { search: 'auc>0.6', orderBy: [{ ...orderBy[0], split: 'training' }], after },
      { search: 'auc>0.6', after },
      { search: 'auc>0.6', orderBy, model: 'churn-5', after },
      { after },
    ];
    for (const input of forged) await expect(page(input)).rejects.toThrow(CursorInvalid);
  });
});

describe('docs/search.md', () => {
  const examples = tableRows(section(DOCUMENT, 'Examples')).map(([search]) => bare(search));

  it.each(examples)('has an example that can be read, of models and of versions: %s', async (search) => {
    await expect(found(search)).resolves.toBeInstanceOf(Array);
    await expect(models(search)).resolves.toBeInstanceOf(Array);
  });

  it.each(tableRows(section(DOCUMENT, 'What cannot be read')).map(([search, message]) => [bare(search), message]))(
    'tells the error of %s',
    async (search, message) => {
      await expect(found(search)).rejects.toThrow(message);
    },
  );

  it('has the query that it shows', async () => {
    const [, query] = /```graphql\n(.*?)```/s.exec(DOCUMENT) ?? [];
    const { errors, data } = await run(query ?? '');
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('modelVersions.nodes.length', 10);
  });
});
