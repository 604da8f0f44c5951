import { InUse, InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import { aCandidate, engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

/** A model with versions 1 to count. */
async function withVersions(name: string, count: number): Promise<string> {
  const { id } = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  for (let version = 1; version <= count; version++) await registry.versions.submit(id, aCandidate(), {}, engineer);
  return id;
}

const remove = (model: string, version: number, revision = 1) =>
  registry.catalog.delete({ model, version, revision }, engineer);
const setAlias = (model: string, version: number, alias: string) =>
  registry.catalog.setAlias({ model, version, alias }, engineer);
const byAlias = (model: string, alias: string) => registry.versions.find({ model, alias });

describe('A version that is deleted', () => {
  it('6, 7: is found nowhere, and its number is not given again', async () => {
    const modelId = await withVersions('counted', 3);
    const third = (await registry.versions.find({ model: 'counted', version: 3 }))!;
    await remove('counted', 3);
    await expect(registry.versions.find({ model: 'counted', version: 3 })).resolves.toBeNull();
    await expect(registry.reader.liveVersions([third.id])).resolves.toEqual([]);
    await expect(registry.reader.compare([third.id, crypto.randomUUID()])).rejects.toThrow(NotFound);
    const numbers = async () =>
      (await registry.reader.listVersions(modelId, { first: 10 })).rows.map(({ version }) => version);
    expect(await numbers()).toEqual([2, 1]);
    const [page] = await registry.reader.firstVersions([modelId], 10);
    expect(page.rows.map(({ version }) => version)).toEqual([2, 1]);
    await expect(remove('counted', 3)).rejects.toThrow(NotFound);

    const { modelVersion } = await registry.versions.submit(modelId, aCandidate(), {}, engineer);
    expect(modelVersion?.version).toBe(4);
    expect(await numbers()).toEqual([4, 2, 1]);
    const filter = { version: { atLeast: 1 } };
    const found = await registry.search.versions({ model: 'counted', filter, first: 10 });
    expect(found.rows.map(({ version }) => version)).toEqual([4, 2, 1]);
    const withThird = { name: { equals: 'counted' }, hasVersion: { version: { equals: 3 } } };
    expect((await registry.search.models({ filter: withThird, first: 10 })).rows).toEqual([]);
  });

  it('8: leaves the next one as the latest, of the model and of its stage', async () => {
    const modelId = await withVersions('latest', 3);
    for (const version of [1, 2, 3])
      await registry.stages.transition(
        { model: 'latest', version, expectedStage: 'NONE', toStage: 'STAGING' },
        engineer,
      );
    const { revision } = (await registry.versions.find({ model: 'latest', version: 3 }))!;
    await remove('latest', 3, revision);
    await expect(registry.reader.latestVersions([modelId])).resolves.toMatchObject([{ version: 2 }]);
    await expect(registry.versions.find({ model: 'latest', stage: 'STAGING' })).resolves.toMatchObject({ version: 2 });
  });

  it('16: frees its aliases', async () => {
    const modelId = await withVersions('freed', 2);
    await setAlias('freed', 1, 'champion');
    await remove('freed', 1);
    await expect(byAlias('freed', 'champion')).resolves.toBeNull();
    await expect(registry.reader.aliasesOfModels([modelId])).resolves.toEqual([]);
    await setAlias('freed', 2, 'champion');
    await expect(byAlias('freed', 'champion')).resolves.toMatchObject({ version: 2 });
  });

  it('must not be in production, by the rule and by the database', async () => {
    await withVersions('serving', 1);
    const move = { model: 'serving', version: 1 } as const;
    await registry.stages.transition({ ...move, expectedStage: 'NONE', toStage: 'STAGING' }, engineer);
    await registry.stages.transition({ ...move, expectedStage: 'STAGING', toStage: 'PRODUCTION' }, engineer);
    const { id, revision } = (await registry.versions.find(move))!;
    await expect(remove('serving', 1, revision)).rejects.toThrow(InUse);
    await expect(remove('serving', 1, revision - 1)).rejects.toThrow(StaleRevision);
    const past = registry.dataSource.query('UPDATE model_versions SET deleted_at = now() WHERE id = $1', [id]);
    await expect(past).rejects.toThrow(/model_versions_production_is_kept/);
  });
});

describe('An alias', () => {
  it('points to one version and moves to another', async () => {
    await withVersions('moved', 2);
    await setAlias('moved', 1, 'champion');
    await setAlias('moved', 1, 'baseline');
    await setAlias('moved', 2, 'champion');
    await expect(byAlias('moved', 'champion')).resolves.toMatchObject({ version: 2 });
    await expect(byAlias('moved', 'baseline')).resolves.toMatchObject({ version: 1 });
    await expect(registry.versions.select({ model: 'moved', alias: 'nobody' })).rejects.toThrow(
      /It has versions 1 to 2\. Point the alias to one with setModelAlias\./,
    );
  });

  it.each(['a'.repeat(255), '123', 'v123_temp', 'champion.eu-west'])('14: may be called %j', async (alias) => {
    const model = `good-${alias.slice(0, 9)}`;
    await withVersions(model, 1);
    await setAlias(model, 1, alias);
    await expect(byAlias(model, alias)).resolves.toMatchObject({ version: 1 });
  });

  it.each(['', 'a b', '/', ':', 'a'.repeat(256)])('14: may not be called %j', async (alias) => {
    await expect(setAlias('moved', 1, alias)).rejects.toThrow(/an alias is 1 to 255 letters/);
  });

  it.each(['latest', 'v123', 'V1', 'production', 'Staging'])(
    '15: may not be called %j, which is reserved',
    async (alias) => {
      await expect(setAlias('moved', 1, alias)).rejects.toThrow(/is reserved/);
    },
  );

  it('is removed, and removing one that is not there does nothing', async () => {
    const modelId = await withVersions('removed', 1);
    await setAlias('removed', 1, 'champion');
    const drop = () => registry.catalog.deleteAlias({ model: 'removed', alias: 'champion' }, engineer);
    await expect(drop()).resolves.toMatchObject({ version: 1 });
    await expect(drop()).resolves.toBeNull();
    await expect(registry.audit.verify(modelId)).resolves.toMatchObject({ valid: true, entryCount: 4 });
  });

  it('ends where one of many that set it at once has put it', async () => {
    await withVersions('contested', 4);
    await Promise.all([1, 2, 3, 4].map((version) => setAlias('contested', version, 'champion')));
    const { version } = (await byAlias('contested', 'champion'))!;
    expect([1, 2, 3, 4]).toContain(version);
  });

  it('is not for viewers to set', async () => {
    const asViewer = registry.catalog.setAlias({ model: 'moved', version: 1, alias: 'mine' }, viewer);
    await expect(asViewer).rejects.toThrow(/vic may not version\.update/);
  });
});

describe('What is noted about a version', () => {
  it('changes at the revision that it was read at', async () => {
    await withVersions('noted', 1);
    const update = (revision: number, change: object) =>
      registry.catalog.update({ model: 'noted', version: 1, revision, ...change }, engineer);
    await expect(update(1, { description: 'Fewer features', setTags: { team: 'growth' } })).resolves.toMatchObject({
      description: 'Fewer features',
      tags: { team: 'growth' },
      revision: 2,
    });
    await expect(update(1, { description: 'Late' })).rejects.toThrow(StaleRevision);
    await expect(update(2, { removeTags: ['team', 'absent'] })).resolves.toMatchObject({ tags: {}, revision: 3 });
  });

  it('has the tags that the model asks of every version; a new one takes what it lacks from production', async () => {
    const { id, qualityPolicy } = await registry.models.create(
      { name: 'strict', taskType: 'BINARY_CLASSIFICATION' },
      engineer,
    );
    await registry.models.update(
      { model: 'strict', revision: 1, qualityPolicy: { ...qualityPolicy, requiredTags: ['owner', 'risk'] } },
      engineer,
    );
    const metrics = { auc: 0.84, logLoss: 0.41 };
    const submit = (tags: Record<string, string>, production?: string) => {
      const comparison = { rowCount: 1000, production: metrics, candidate: metrics };
      const baseline = production === undefined ? null : { modelVersionId: production, ...comparison };
      return registry.versions.submit(id, aCandidate({ metrics, baseline }), { tags }, engineer);
    };
    await expect(submit({ owner: 'ada', risk: '' })).rejects.toThrow(/policy asks for "risk": give a value/);
    const { modelVersion: first } = await submit({ owner: 'ada', risk: 'low', note: 'mine' });
    expect(first?.version).toBe(1);
    const change = { model: 'strict', version: 1, revision: 1, removeTags: ['owner'] };
    await expect(registry.catalog.update(change, engineer)).rejects.toThrow(InvalidInput);

    const move = { model: 'strict', version: 1 } as const;
    await registry.stages.transition({ ...move, expectedStage: 'NONE', toStage: 'STAGING' }, engineer);
    await registry.stages.transition({ ...move, expectedStage: 'STAGING', toStage: 'PRODUCTION' }, engineer);
    const { modelVersion: second } = await submit({ risk: 'high' }, first!.id);
    expect(second?.tags).toEqual({ owner: 'ada', risk: 'high' });
  });
});
