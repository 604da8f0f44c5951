import { BaselineChanged } from '../../../src/errors';
import { aCandidate, engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

const createModel = (name: string) => registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);

async function inProduction(name: string) {
  const model = await createModel(name);
  const { modelVersion } = await registry.versions.submit(model.id, aCandidate(), {}, engineer);
  const move = { model: name, version: 1 };
  await registry.stages.transition({ ...move, expectedStage: 'NONE', toStage: 'STAGING' }, engineer);
  await registry.stages.transition({ ...move, expectedStage: 'STAGING', toStage: 'PRODUCTION' }, engineer);
  if (!modelVersion) throw new Error('The gate rejected the fixture');
  return { model, modelVersion };
}

describe('Registering versions', () => {
  it('5, 24: gives 32 submissions at once the versions 1 to 32, without gap or duplicate', async () => {
    const model = await createModel('crowded');
    const submitted = await Promise.all(
      Array.from({ length: 32 }, () => registry.versions.submit(model.id, aCandidate(), {}, engineer)),
    );
    const numbers = submitted.map(({ modelVersion }) => modelVersion?.version ?? 0).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  });

  it('keeps a rejected submission with all its checks and uses no number for it', async () => {
    const model = await createModel('picky');
    const rejected = await registry.versions.submit(model.id, aCandidate({ metrics: { auc: 0.55 } }), {}, engineer);
    expect(rejected.modelVersion).toBeNull();
    expect(rejected.submission).toMatchObject({ status: 'REJECTED', metrics: { auc: 0.55 } });
    expect(rejected.submission.checks).toContainEqual(
      expect.objectContaining({ name: 'auc', threshold: 0.6, actual: 0.55, passed: false }),
    );
    const passed = await registry.versions.submit(model.id, aCandidate(), {}, engineer);
    expect(passed.modelVersion?.version).toBe(1);
  });

  it('refuses a comparison with a version that is no longer in production', async () => {
    const { model } = await inProduction('moving');
    const baseline = {
      modelVersionId: crypto.randomUUID(),
      rowCount: 500,
      production: { auc: 0.8 },
      candidate: { auc: 0.84 },
    };
    await expect(registry.versions.submit(model.id, aCandidate({ baseline }), {}, engineer)).rejects.toThrow(
      BaselineChanged,
    );
    await expect(registry.versions.submit(model.id, aCandidate(), {}, engineer)).rejects.toThrow(BaselineChanged);
    expect((await registry.models.get('moving')).lastVersion).toBe(1);
  });

  it('rejects a candidate that is worse than production on the same rows by more than the policy accepts', async () => {
    const { model, modelVersion } = await inProduction('regressing');
    const baseline = {
      modelVersionId: modelVersion.id,
      rowCount: 500,
      production: { auc: 0.86 },
      candidate: { auc: 0.84 },
    };
    const { submission } = await registry.versions.submit(model.id, aCandidate({ baseline }), {}, engineer);
    expect(submission.status).toBe('REJECTED');
    expect(submission.comparison).toEqual(baseline);
  });

  it('refuses a viewer and leaves nothing behind', async () => {
    const model = await createModel('guarded');
    await expect(registry.versions.submit(model.id, aCandidate(), {}, viewer)).rejects.toThrow(
      /vic may not version\.register/,
    );
    expect((await registry.reader.listSubmissions(model.id, { first: 10 })).rows).toEqual([]);
  });

  it('records every change in the audit chain of the model, whole and verifiable', async () => {
    const model = await createModel('audited');
    await registry.versions.submit(model.id, aCandidate(), {}, engineer);
    await registry.stages.transition(
      { model: 'audited', version: 1, expectedStage: 'NONE', toStage: 'STAGING', reason: 'trial' },
      engineer,
    );
    expect(await registry.audit.verify(model.id)).toMatchObject({ valid: true, entryCount: 3 });
  });

  it('compares versions side by side', async () => {
    const model = await createModel('compared');
    const first = await registry.versions.submit(model.id, aCandidate({ metrics: { auc: 0.81 } }), {}, engineer);
    const second = await registry.versions.submit(model.id, aCandidate({ metrics: { auc: 0.84 } }), {}, engineer);
    const ids = [first, second].map(({ modelVersion }) => modelVersion?.id ?? '');
    const comparison = await registry.reader.compare(ids);
    expect(comparison.versions.map(({ version }) => version)).toEqual([1, 2]);
    expect(comparison.metrics).toMatchObject([{ name: 'auc', split: 'held_out', values: [0.81, 0.84], bestIndex: 1 }]);
  });
});
