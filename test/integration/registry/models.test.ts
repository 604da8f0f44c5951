import { AlreadyExists, CursorInvalid, InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import { aCandidate, engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

const create = (name: string) => registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);

describe('Models', () => {
  it('1: refuse a duplicate name', async () => {
    await create('twice');
    await expect(create('twice')).rejects.toThrow(AlreadyExists);
  });

  it.each(['', 'a b', '../x', 'a/b', 'x'.repeat(129)])('2: refuse the name %j', async (name) => {
    await expect(create(name)).rejects.toThrow(InvalidInput);
  });

  it('are created once for one idempotency key', async () => {
    const input = { name: 'once', taskType: 'BINARY_CLASSIFICATION', idempotencyKey: 'k' } as const;
    const [first, second] = await Promise.all([
      registry.models.create(input, engineer),
      registry.models.create(input, engineer),
    ]);
    expect(second.id).toBe(first.id);
  });

  it('take an update only at the revision that it was read at', async () => {
    const model = await create('revised');
    const updated = await registry.models.update(
      { model: 'revised', revision: model.revision, description: 'Churn within 30 days' },
      engineer,
    );
    expect(updated).toMatchObject({ description: 'Churn within 30 days', revision: 2 });
    await expect(registry.models.update({ model: 'revised', revision: 1, owner: 'bob' }, engineer)).rejects.toThrow(
      StaleRevision,
    );
  });

  it('refuse a quality policy that names no metric of the gate or points the wrong way', async () => {
    const policy = (metric: string, comparison: 'AT_LEAST' | 'AT_MOST') =>
      registry.models.create(
        {
          name: 'policed',
          taskType: 'BINARY_CLASSIFICATION',
          qualityPolicy: {
            minimumEvaluationRows: 1,
            rules: [{ metric, comparison, threshold: 0.5, maxRegression: null }],
          },
        },
        engineer,
      );
    await expect(policy('beauty', 'AT_LEAST')).rejects.toThrow(
      /is not a metric of the gate for BINARY_CLASSIFICATION; choose one of accuracy, auc/,
    );
    await expect(policy('logLoss', 'AT_LEAST')).rejects.toThrow(/better lower: use AT_MOST/);
  });

  it('are listed by name in pages that neither skip nor repeat, and a forged cursor is refused', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    for (const name of names) await create(name);
    const seen: string[] = [];
    let after: string | null = null;
    for (const first of [5, 10, 20, 100]) {
      const page = await registry.reader.listModels({ first, after });
      seen.push(...page.rows.map(({ name }) => name));
      after = page.cursors.at(-1) ?? null;
      if (!page.hasNextPage) break;
    }
    expect(seen.filter((name) => name.startsWith('page-'))).toEqual(names);
    expect(new Set(seen).size).toBe(seen.length);
    await expect(registry.reader.listModels({ first: 5, after: 'Zm9yZ2Vk' })).rejects.toThrow(CursorInvalid);
  });
});

describe('A model that is renamed', () => {
  it('3: takes all its versions along, frees its old name and cannot take one that is in use', async () => {
    const { id } = await create('before');
    await registry.versions.submit(id, aCandidate(), {}, engineer);
    await registry.models.update({ model: 'before', revision: 1, name: 'after' }, engineer);
    await expect(registry.versions.find({ model: 'after', version: 1 })).resolves.toMatchObject({ modelId: id });
    await expect(registry.models.get('before')).rejects.toThrow(NotFound);

    const { id: second } = await create('before');
    expect(second).not.toBe(id);
    const rename = registry.models.update({ model: 'before', revision: 1, name: 'after' }, engineer);
    await expect(rename).rejects.toThrow(AlreadyExists);
    await expect(registry.models.get('before')).resolves.toMatchObject({ id: second, revision: 1 });
  });

  it('loses to exactly one of two that want the same name at once', async () => {
    await create('left');
    await create('right');
    const race = await Promise.allSettled(
      ['left', 'right'].map((model) => registry.models.update({ model, revision: 1, name: 'wanted' }, engineer)),
    );
    expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(race.find((result) => result.status === 'rejected')?.reason).toBeInstanceOf(AlreadyExists);
  });
});

describe('A model that is deleted', () => {
  const remove = (model: string, revision = 1) => registry.models.delete({ model, revision, reason: 'over' }, engineer);

  it('4, 7: is found nowhere, nor are its versions, and cannot be deleted twice', async () => {
    const { id } = await create('gone');
    const { modelVersion } = await registry.versions.submit(id, aCandidate(), {}, engineer);
    await remove('gone');
    await expect(registry.models.find('gone')).resolves.toBeNull();
    await expect(registry.versions.find({ model: 'gone', version: 1 })).resolves.toBeNull();
    await expect(registry.reader.liveModels([id])).resolves.toEqual([]);
    await expect(registry.reader.liveVersions([modelVersion!.id])).resolves.toEqual([]);
    const listed = await registry.reader.listModels({ first: 100 });
    expect(listed.rows.map(({ name }) => name)).not.toContain('gone');
    await expect(remove('gone')).rejects.toThrow(NotFound);
    await expect(registry.versions.submit(id, aCandidate(), {}, engineer)).rejects.toThrow(/It was deleted/);
  });

  it('17: takes its aliases along', async () => {
    const { id } = await create('aliased');
    await registry.versions.submit(id, aCandidate(), {}, engineer);
    await registry.catalog.setAlias({ model: 'aliased', version: 1, alias: 'champion' }, engineer);
    await remove('aliased');
    await registry.models.restore({ id }, engineer);
    await expect(registry.reader.aliasesOfModels([id])).resolves.toEqual([]);
    await expect(registry.versions.find({ model: 'aliased', version: 1 })).resolves.toMatchObject({ version: 1 });
  });

  it('is brought back, under another name where its own was taken, and goes on counting', async () => {
    const { id } = await create('back');
    await registry.versions.submit(id, aCandidate(), {}, engineer);
    await remove('back');
    const { rows } = await registry.reader.listDeletedModels({ first: 1 });
    expect(rows[0]).toMatchObject({ id, name: 'back' });

    await create('back');
    await expect(registry.models.restore({ id }, engineer)).rejects.toThrow(AlreadyExists);
    const restored = await registry.models.restore({ id, name: 'back-again' }, engineer);
    expect(restored).toMatchObject({ name: 'back-again', deletedAt: null });
    const { modelVersion } = await registry.versions.submit(id, aCandidate(), {}, engineer);
    expect(modelVersion?.version).toBe(2);
    await expect(registry.models.restore({ id }, engineer)).rejects.toThrow(NotFound);
    await expect(registry.audit.verify(id)).resolves.toMatchObject({ valid: true, entryCount: 5 });
  });

  it('must not be in production, nor have been changed since it was read', async () => {
    const { id } = await create('live');
    await registry.versions.submit(id, aCandidate(), {}, engineer);
    const move = { model: 'live', version: 1 } as const;
    await registry.stages.transition({ ...move, expectedStage: 'NONE', toStage: 'STAGING' }, engineer);
    await registry.stages.transition({ ...move, expectedStage: 'STAGING', toStage: 'PRODUCTION' }, engineer);
    await expect(remove('live')).rejects.toThrow(
      /is used by production: version 1\. Move it to ARCHIVED first with transitionModelVersion\./,
    );
    await expect(remove('live', 7)).rejects.toThrow(/you have revision 7, it is at 1/);
    await expect(registry.models.delete({ model: 'live', revision: 1 }, viewer)).rejects.toThrow(/vic may not/);
  });
});

describe('Tags of a model', () => {
  it('11: are overridden one by one, and removing one that is not there does nothing', async () => {
    await create('tagged');
    const update = (change: object, revision: number) =>
      registry.models.update({ model: 'tagged', revision, ...change }, engineer);
    await update({ tags: { team: 'growth', tier: '1' } }, 1);
    await update({ setTags: { tier: '2', empty: '' }, removeTags: ['team', 'nothing'] }, 2);
    expect((await registry.models.get('tagged')).tags).toEqual({ tier: '2', empty: '' });
    await expect(update({ tags: {}, setTags: {} }, 3)).rejects.toThrow(/replaces all tags/);
  });

  it('12: are texts within limits under a key', async () => {
    await create('limited');
    const set = (setTags: object) =>
      registry.models.update({ model: 'limited', revision: 1, setTags: { ...setTags } }, engineer);
    await expect(set({ key: null })).rejects.toThrow(/a tag value is a text of at most 5000 characters/);
    await expect(set({ key: 'x'.repeat(5001) })).rejects.toThrow(InvalidInput);
    await expect(set({ '': 'value' })).rejects.toThrow(/a tag key has 1 to 250 characters/);
    await expect(set({ key: 'x'.repeat(5000) })).resolves.toMatchObject({ revision: 2 });
  });
});
