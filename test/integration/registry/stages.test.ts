import { BaselineChanged, NotFound, StageConflict, StageTransitionNotAllowed } from '../../../src/errors';
import type { TransitionInput } from '../../../src/services/registry';
import { aCandidate, engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

const move = (
  model: string,
  version: number,
  expectedStage: TransitionInput['expectedStage'],
  toStage: TransitionInput['toStage'],
) => registry.stages.transition({ model, version, expectedStage, toStage }, engineer);

/** A model with staged versions 1 to count. */
async function staged(name: string, count: number) {
  const model = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  for (let version = 1; version <= count; version++) {
    await registry.versions.submit(model.id, aCandidate(), {}, engineer);
    await move(name, version, 'NONE', 'STAGING');
  }
  return model;
}

const productionCount = async (modelId: string): Promise<number> => {
  const [{ count }] = await registry.dataSource.query<[{ count: number }]>(
    "SELECT count(*)::int AS count FROM model_versions WHERE model_id = $1 AND stage = 'PRODUCTION'",
    [modelId],
  );
  return count;
};

describe('Stage transitions', () => {
  it('10: archive the former production version with the promotion, in one timestamp', async () => {
    const model = await staged('promoted', 2);
    await move('promoted', 1, 'STAGING', 'PRODUCTION');
    const { archivedVersion, transition } = await move('promoted', 2, 'STAGING', 'PRODUCTION');
    expect(archivedVersion).toMatchObject({ version: 1, stage: 'ARCHIVED' });
    const { rows } = await registry.reader.listTransitions({ modelId: model.id }, { first: 2 });
    expect(rows.map(({ toStage }) => toStage).sort()).toEqual(['ARCHIVED', 'PRODUCTION']);
    expect(new Set(rows.map(({ createdAt }) => createdAt.getTime()))).toEqual(
      new Set([transition.createdAt.getTime()]),
    );
  });

  it('let exactly one of two racing promotions of the same version through, and tell the other why', async () => {
    const model = await staged('raced', 1);
    const race = await Promise.allSettled([
      move('raced', 1, 'STAGING', 'PRODUCTION'),
      move('raced', 1, 'STAGING', 'PRODUCTION'),
    ]);
    expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = race.find((result) => result.status === 'rejected');
    expect(lost?.reason).toBeInstanceOf(StageConflict);
    expect(await productionCount(model.id)).toBe(1);
  });

  it('leave exactly one production version when different versions race, however often', async () => {
    const model = await staged('contested', 20);
    const versions = Array.from({ length: 20 }, (_, index) => index + 1);
    await Promise.all(versions.map((version) => move('contested', version, 'STAGING', 'PRODUCTION')));
    expect(await productionCount(model.id)).toBe(1);
    expect(await registry.audit.verify(model.id)).toMatchObject({ valid: true });
  });

  it('25: two racing promotions, 200 times: one wins, one is told why, and one version is in production', async () => {
    const model = await staged('raced-again', 3);
    for (const version of [1, 2, 3]) await move('raced-again', version, 'STAGING', 'PRODUCTION');
    const third = await registry.versions.production(model.id);
    for (let round = 0; round < 200; round++) {
      // Both were decided against version 3.
      const promote = (version: number) =>
        registry.stages.transition(
          {
            ...{ model: 'raced-again', version, expectedStage: 'ARCHIVED', toStage: 'PRODUCTION' },
            replaces: third!.id,
          },
          engineer,
        );
      const race = await Promise.allSettled([promote(1), promote(2)]);
      const reasons = race.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
      expect(reasons).toEqual([expect.any(BaselineChanged)]);
      expect(await productionCount(model.id)).toBe(1);
      await move('raced-again', 3, 'ARCHIVED', 'PRODUCTION');
    }
    expect(await registry.audit.verify(model.id)).toMatchObject({ valid: true });
  }, 90_000);

  it('are listed in the order in which they happened, also when they raced', async () => {
    const model = await staged('ordered', 20);
    const versions = Array.from({ length: 20 }, (_, index) => index + 1);
    await Promise.all(versions.map((version) => move('ordered', version, 'STAGING', 'PRODUCTION')));
    const { rows } = await registry.reader.listTransitions({ modelId: model.id }, { first: 39 });
    const promoted = rows.filter(({ toStage }) => toStage === 'PRODUCTION').map((row) => row.modelVersionId);
    const archived = rows.filter(({ toStage }) => toStage === 'ARCHIVED').map((row) => row.modelVersionId);
    // Newest first: each promotion archives the version that was promoted before it.
    expect(promoted).toHaveLength(20);
    expect(archived).toEqual(promoted.slice(1));
    expect(await registry.versions.production(model.id)).toMatchObject({ id: promoted[0] });
  });

  it('roll back to an archived version that was in production, at once', async () => {
    await staged('rolled-back', 2);
    await move('rolled-back', 1, 'STAGING', 'PRODUCTION');
    await move('rolled-back', 2, 'STAGING', 'PRODUCTION');
    const { archivedVersion } = await move('rolled-back', 1, 'ARCHIVED', 'PRODUCTION');
    expect(archivedVersion?.version).toBe(2);
  });

  it('are refused when the stage is not the expected one, when the table does not allow them, or to a viewer', async () => {
    await staged('refused', 1);
    await expect(move('refused', 1, 'NONE', 'STAGING')).rejects.toThrow(StageConflict);
    await expect(move('refused', 1, 'STAGING', 'STAGING')).rejects.toThrow(StageTransitionNotAllowed);
    await expect(move('refused', 7, 'NONE', 'STAGING')).rejects.toThrow(/It has version 1\./);
    await expect(move('nowhere', 1, 'NONE', 'STAGING')).rejects.toThrow(NotFound);
    const asViewer = registry.stages.transition(
      { model: 'refused', version: 1, expectedStage: 'STAGING', toStage: 'PRODUCTION' },
      viewer,
    );
    await expect(asViewer).rejects.toThrow(/vic may not version\.transition/);
  });

  it('are done once for one idempotency key', async () => {
    const model = await staged('repeated', 1);
    const input: TransitionInput = {
      model: 'repeated',
      version: 1,
      expectedStage: 'STAGING',
      toStage: 'PRODUCTION',
      idempotencyKey: 'k1',
    };
    const first = await registry.stages.transition(input, engineer);
    const second = await registry.stages.transition(input, engineer);
    expect(second.transition.id).toBe(first.transition.id);
    expect((await registry.reader.listTransitions({ modelId: model.id }, { first: 10 })).rows).toHaveLength(2);
  });

  it('can neither be changed nor deleted in the database', async () => {
    await staged('eternal', 1);
    for (const statement of [
      "UPDATE model_transitions SET reason = 'x'",
      'DELETE FROM model_transitions',
      'TRUNCATE model_transitions',
    ]) {
      await expect(registry.dataSource.query(statement)).rejects.toThrow(/append-only|permission denied/);
    }
  });
});
