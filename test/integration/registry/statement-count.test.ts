import { graphql } from 'graphql';
import { Client } from 'pg';
import type { Context, Services } from '../../../src/schema/context';
import { buildApiSchema } from '../../../src/server/build-schema';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const schema = buildApiSchema();
const MOVES = 12;
const COUNTS = { few: 3, many: 100 };

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
  for (const [name, count] of Object.entries(COUNTS)) await modelWith(name, count);
  await modelWith('none', 0);
});
afterAll(() => registry.close());

/** A model with so many versions, each with moves more than a page. */
async function modelWith(name: string, count: number): Promise<void> {
  const model = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  for (let version = 1; version <= count; version++) {
    // Bytes of their own, so that the versions share no artifact.
    const modelBytes = new TextEncoder().encode(`${name} ${version}`);
    await registry.versions.submit(model.id, aCandidate({ modelBytes }), {}, engineer);
  }
  await registry.dataSource.query(
    `INSERT INTO model_experiments (model_version_id, tracking_uri, experiment_id, run_id, created_by, metrics)
     SELECT id, 'http://mlflow', '1', run, 'ada', '[{"name": "auc", "value": 0.8, "step": 0, "recordedAtMs": 0}]'
     FROM model_versions, generate_series(1, 2) AS run WHERE model_id = $1`,
    [model.id],
  );
  // Interleaved, so that the moves of one version are not neighbours.
  await registry.dataSource.query(
    `INSERT INTO model_transitions (model_id, model_version_id, from_stage, to_stage, reason, actor, request_id)
     SELECT model_id, id, 'STAGING', 'ARCHIVED', version || '.' || move, 'ada', 'request-1'
     FROM model_versions, generate_series(1, ${MOVES}) AS move WHERE model_id = $1 ORDER BY move, version`,
    [model.id],
  );
}

/** Runs a query as one operation. @returns what it answers and the statements it made */
async function run(source: string, services: object = registryServices()) {
  const contextValue: Context = {
    actor: engineer,
    requestId: 'request-1',
    services: services as Services,
    loaders: new Map(),
    signal: new AbortController().signal,
  };
  const query = jest.spyOn(Client.prototype, 'query');
  try {
    const { data, errors } = await graphql({ schema, source, contextValue });
    return { data, errors, statements: query.mock.calls.length };
  } finally {
    query.mockRestore();
  }
}

const registryServices = () => ({
  models: registry.models,
  versions: registry.versions,
  registry: registry.reader,
  search: registry.search,
});

interface Moves {
  readonly nodes: readonly { readonly reason: string }[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
const MOVES_FIELDS = 'nodes { reason } totalCount pageInfo { hasNextPage endCursor }';

interface VersionsAnswer {
  readonly modelVersions: { readonly nodes: readonly { readonly version: number; readonly transitions: Moves }[] };
}

async function versionsOf(model: string) {
  const { data, ...rest } = await run(`{
    modelVersions(model: "${model}", first: 100) {
      nodes {
        version tags metrics { name value } params { name value } artifacts { role digest }
        submission { id status } transitions(first: 5) { ${MOVES_FIELDS} }
        experiments { status metrics { name value recordedAt } tags modelVersion { version } }
      }
    }
  }`);
  return { ...rest, versions: (data as unknown as VersionsAnswer).modelVersions.nodes };
}

interface ModelsAnswer {
  readonly models: {
    readonly nodes: readonly {
      readonly name: string;
      readonly versions: { readonly totalCount: number; readonly nodes: readonly unknown[] };
      readonly transitions: Moves;
    }[];
  };
}

async function firstModels(first: number) {
  const { data, statements } = await run(`{
    models(first: ${first}) {
      nodes { name versions(first: 2) { totalCount nodes { version } } transitions(first: 4) { ${MOVES_FIELDS} } }
    }
  }`);
  return { statements, models: (data as unknown as ModelsAnswer).models.nodes };
}

describe('The statements of a nested query', () => {
  it('are as many for 100 versions as for 3', async () => {
    const few = await versionsOf('few');
    const many = await versionsOf('many');
    expect([few.errors, many.errors]).toEqual([undefined, undefined]);
    expect(few.versions).toHaveLength(COUNTS.few);
    expect(many.versions).toHaveLength(COUNTS.many);
    expect(many.statements).toBe(few.statements);
    expect(few.statements).toBeGreaterThan(0);
  });

  it('are as many for a search that finds 100 versions as for one that finds 3', async () => {
    const found = async (name: string) => {
      const { data, errors, statements } = await run(`{
        modelVersions(first: 100, search: "name=${name} auc>0.5 stage:none", orderBy: [{ field: METRIC, metric: "auc" }]) {
          nodes {
            version tags metrics { name value } params { name value } model { name } transitions(first: 5) { ${MOVES_FIELDS} }
          }
        }
      }`);
      expect(errors).toBeUndefined();
      return { statements, versions: (data as unknown as VersionsAnswer).modelVersions.nodes };
    };
    const few = await found('few');
    const many = await found('many');
    expect([few.versions.length, many.versions.length]).toEqual([COUNTS.few, COUNTS.many]);
    expect(many.statements).toBe(few.statements);
  });

  it('are as many for three models as for one', async () => {
    const one = await firstModels(1);
    const three = await firstModels(3);
    expect(three.models.map(({ name, versions }) => [name, versions.totalCount, versions.nodes])).toEqual([
      ['few', 3, [{ version: 3 }, { version: 2 }]],
      ['many', 100, [{ version: 100 }, { version: 99 }]],
      ['none', 0, []],
    ]);
    const [few, many, none] = three.models.map(({ transitions }) => transitions);
    expect(few).toMatchObject({
      totalCount: COUNTS.few * MOVES,
      nodes: [{ reason: '3.12' }, {}, {}, { reason: '3.11' }],
    });
    expect(many).toMatchObject({ totalCount: COUNTS.many * MOVES, pageInfo: { hasNextPage: true } });
    expect(none).toEqual({ nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } });
    expect(three.statements).toBe(one.statements);
  });
});

describe('A first page that was loaded with those of other versions', () => {
  it('is continued by its cursor, without a gap and without a repetition', async () => {
    const { versions } = await versionsOf('many');
    for (const { version, transitions } of versions.slice(0, 3)) {
      const seen = [...transitions.nodes];
      let { pageInfo } = transitions;
      while (pageInfo.hasNextPage) {
        const next = await run(
          `{ modelVersion(model: "many", version: ${version}) {
            transitions(first: 5, after: "${pageInfo.endCursor}") { ${MOVES_FIELDS} }
          } }`,
        );
        const page = (next.data as unknown as { modelVersion: { transitions: Moves } }).modelVersion.transitions;
        seen.push(...page.nodes);
        ({ pageInfo } = page);
      }
      expect(seen.map(({ reason }) => reason)).toEqual(
        Array.from({ length: MOVES }, (_, index) => `${version}.${MOVES - index}`),
      );
      expect(transitions.totalCount).toBe(MOVES);
    }
  });

  it('is that of its own size where one query asks for two', async () => {
    const { data } = await run(
      `{ modelVersion(model: "few", version: 1) {
        two: transitions(first: 2) { ${MOVES_FIELDS} } twelve: transitions(first: 12) { ${MOVES_FIELDS} }
      } }`,
    );
    const { two, twelve } = (data as unknown as { modelVersion: { two: Moves; twelve: Moves } }).modelVersion;
    expect([two.nodes.length, two.pageInfo.hasNextPage]).toEqual([2, true]);
    expect([twelve.nodes.length, twelve.pageInfo.hasNextPage]).toEqual([MOVES, false]);
  });
});

describe('Statistics of one view under two names', () => {
  it('are computed once, and a view that fails leaves the others whole', async () => {
    const statistics = jest.fn(async (view: string) => {
      if (view === 'broken') throw new Error('broken view');
      return [];
    });
    const { data, errors } = await run(
      '{ a: featureStatistics(view: "usage") { __typename } b: featureStatistics(view: "usage") { __typename } }',
      { featureQuality: { statistics } },
    );
    expect([data, errors]).toEqual([{ a: [], b: [] }, undefined]);
    expect(statistics).toHaveBeenCalledTimes(1);
    const mixed = await run(
      '{ a: featureStatistics(view: "usage") { __typename } b: featureStatistics(view: "broken") { __typename } }',
      { featureQuality: { statistics } },
    );
    expect(mixed.errors?.map(({ path }) => path)).toEqual([['b']]);
  });
});
