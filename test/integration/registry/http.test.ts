import type { HttpServer } from '../../../src/server/http-server';
import { ApiError, ask, mutate } from '../../support/api-client';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';
import { serveRegistry } from '../../support/registry-server';

let registry: RegistryFixture;
let server: HttpServer;
beforeAll(async () => {
  registry = await openRegistry();
  server = await serveRegistry(registry);
});
afterAll(async () => {
  await server.stop(1000);
  await registry.close();
});

interface Version {
  readonly id: string;
  readonly version: number;
  readonly revision: number;
}

/** A model with as many versions, made by the services; all that follows goes over HTTP. */
async function withVersions(name: string, count: number): Promise<void> {
  const { id } = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  for (let version = 1; version <= count; version++) await registry.versions.submit(id, aCandidate(), {}, engineer);
}

const versionOf = async (model: string, selector: string): Promise<Version | null> =>
  (
    await ask<{ modelVersion: Version | null }>(
      server.url,
      `query Test($model: String!) { modelVersion(model: $model, ${selector}) { id version revision } }`,
      { model },
    )
  ).modelVersion;
const modelOf = async (name: string) =>
  (
    await ask<{
      model: { id: string; revision: number; aliases: { alias: string }[]; latestVersion: Version | null } | null;
    }>(
      server.url,
      'query Test($name: String!) { model(name: $name) { id revision aliases { alias } latestVersion { version } } }',
      { name },
    )
  ).model;
const nodesOf = async (ids: readonly string[]) =>
  (await ask<{ nodes: unknown[] }>(server.url, 'query Test($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })).nodes;
const setAlias = (model: string, version: number, alias: string) =>
  mutate(server.url, 'setModelAlias', { model, version, alias }, 'modelVersion { version }');
const deleteVersion = async (model: string, version: number) => {
  const { revision } = (await versionOf(model, `version: ${version}`))!;
  return mutate(server.url, 'deleteModelVersion', { model, version, revision }, 'modelVersion { version }');
};
const deleteModel = async (model: string, revision: number) =>
  mutate(server.url, 'deleteModel', { model, revision }, 'model { name }');
const refusal = (done: Promise<unknown>): Promise<string> =>
  done.then(
    () => 'done',
    (error: unknown) => (error instanceof ApiError ? error.code : String(error)),
  );

describe('Over HTTP', () => {
  it('4: a model that was deleted is found no more, and cannot be deleted again', async () => {
    await withVersions('gone', 1);
    const { id, revision } = (await modelOf('gone'))!;
    const version = (await versionOf('gone', 'version: 1'))!;
    await deleteModel('gone', revision);
    expect([await modelOf('gone'), await versionOf('gone', 'version: 1')]).toEqual([null, null]);
    expect(await nodesOf([id, version.id])).toEqual([null, null]);
    expect(await refusal(deleteModel('gone', revision + 1))).toBe('NOT_FOUND');
  });

  it('7: a version that was deleted is found by no number, stage, id, list or search, and cannot be deleted again', async () => {
    await withVersions('thinned', 2);
    const { id, revision } = (await versionOf('thinned', 'version: 1'))!;
    const move = { model: 'thinned', version: 1, expectedStage: 'NONE', toStage: 'STAGING' };
    await mutate(server.url, 'transitionModelVersion', move, 'modelVersion { version }');
    await deleteVersion('thinned', 1);
    expect([await versionOf('thinned', 'version: 1'), await versionOf('thinned', 'stage: STAGING')]).toEqual([
      null,
      null,
    ]);
    expect(await nodesOf([id])).toEqual([null]);
    const found = await ask<Record<'listed' | 'searched', { nodes: Version[] }>>(
      server.url,
      `{
        listed: modelVersions(model: "thinned") { nodes { version } }
        searched: modelVersions(search: "name~thinned") { nodes { version } }
      }`,
    );
    expect(found).toEqual({ listed: { nodes: [{ version: 2 }] }, searched: { nodes: [{ version: 2 }] } });
    const again = { model: 'thinned', version: 1, revision: revision + 2 };
    expect(await refusal(mutate(server.url, 'deleteModelVersion', again, 'modelVersion { version }'))).toBe(
      'NOT_FOUND',
    );
  });

  it('8: the latest of a stage and of the model falls back after a delete', async () => {
    await withVersions('falling', 3);
    for (const version of [1, 2, 3]) {
      const move = { model: 'falling', version, expectedStage: 'NONE', toStage: 'STAGING' };
      await mutate(server.url, 'transitionModelVersion', move, 'modelVersion { version }');
    }
    const latest = async () => [
      (await versionOf('falling', 'stage: STAGING'))?.version,
      (await modelOf('falling'))?.latestVersion?.version,
    ];
    expect(await latest()).toEqual([3, 3]);
    await deleteVersion('falling', 3);
    expect(await latest()).toEqual([2, 2]);
    await deleteVersion('falling', 2);
    expect(await latest()).toEqual([1, 1]);
  });

  it('16: a version that is deleted takes its aliases along, and they are free again', async () => {
    await withVersions('aliased', 2);
    await setAlias('aliased', 1, 'champion');
    await setAlias('aliased', 1, 'stable');
    await setAlias('aliased', 2, 'challenger');
    await deleteVersion('aliased', 1);
    for (const alias of ['champion', 'stable']) expect(await versionOf('aliased', `alias: "${alias}"`)).toBeNull();
    expect((await modelOf('aliased'))?.aliases).toEqual([{ alias: 'challenger' }]);
    expect(await refusal(setAlias('aliased', 1, 'champion'))).toBe('NOT_FOUND');
    await setAlias('aliased', 2, 'champion');
    expect((await versionOf('aliased', 'alias: "champion"'))?.version).toBe(2);
  });

  it('17: a model that is deleted takes its aliases along, also for another of its name', async () => {
    await withVersions('renewed', 1);
    await setAlias('renewed', 1, 'champion');
    await deleteModel('renewed', (await modelOf('renewed'))!.revision);
    expect(await versionOf('renewed', 'alias: "champion"')).toBeNull();
    expect(await refusal(setAlias('renewed', 1, 'champion'))).toBe('NOT_FOUND');
    await withVersions('renewed', 1);
    expect((await modelOf('renewed'))?.aliases).toEqual([]);
    expect(await versionOf('renewed', 'alias: "champion"')).toBeNull();
  });
});
