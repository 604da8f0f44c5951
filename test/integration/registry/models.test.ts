import { AlreadyExists, CursorInvalid, InvalidInput, StaleRevision } from '../../../src/errors';
import { engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

const create = (name: string) => registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);

describe('Models', () => {
  it('refuse a duplicate name', async () => {
    await create('twice');
    await expect(create('twice')).rejects.toThrow(AlreadyExists);
  });

  it.each(['', 'a b', '../x', 'a/b', 'x'.repeat(129)])('refuse the name %j', async (name) => {
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
    await expect(policy('beauty', 'AT_LEAST')).rejects.toThrow(/is not a metric of the gate; choose one of auc/);
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
