import fc from 'fast-check';
import type { Stage } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import { askRegistry } from '../../support/registry-api';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

const create = (name: string) => registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
const submit = async (name: string) => {
  const { id } = await registry.models.get(name);
  const production = await registry.versions.production(id);
  const figures = { rowCount: 9, production: { auc: 0.84 }, candidate: { auc: 0.84 } };
  const baseline = production && { modelVersionId: production.id, ...figures };
  await registry.versions.submit(id, aCandidate({ baseline }), {}, engineer);
};
/** @returns when it was made */
const move = async (model: string, version: number, toStage: Stage): Promise<Date> => {
  const expectedStage = (await registry.versions.find({ model, version }))!.stage;
  const { transition } = await registry.stages.transition({ model, version, expectedStage, toStage }, engineer);
  return transition.createdAt;
};
const before = (at: Date): Date => new Date(at.getTime() - 1);
const now = async (): Promise<Date> => {
  const [{ at }] = await registry.dataSource.query<[{ at: Date }]>('SELECT clock_timestamp()::timestamptz(3) AS at');
  // The next change is dated a millisecond later at least.
  await registry.dataSource.query('SELECT pg_sleep(0.002)');
  return at;
};
const past = async (name: string, at: Date) => {
  const model = await registry.modelHistory.find(name, at);
  if (!model) return null;
  const production = await registry.modelHistory.production(model);
  const { rows } = await registry.modelHistory.versions(model, { first: 100 });
  return { production: production?.version ?? null, stages: rows.map(({ version, stage }) => `${version} ${stage}`) };
};

describe('A model as it was', () => {
  it('is null before it was created, and has no versions before they were registered', async () => {
    const start = await now();
    await create('young');
    const created = await now();
    await submit('young');
    expect(await past('young', start)).toBeNull();
    expect(await past('young', created)).toEqual({ production: null, stages: [] });
    expect(await past('young', await now())).toEqual({ production: null, stages: ['1 NONE'] });
    expect(await past('nothing', created)).toBeNull();
  });

  it('has the new version in production exactly at the moment of the promotion, and the former one until then', async () => {
    await create('promoted');
    await submit('promoted');
    await submit('promoted');
    await move('promoted', 1, 'STAGING');
    await move('promoted', 2, 'STAGING');
    const first = await move('promoted', 1, 'PRODUCTION');
    const second = await move('promoted', 2, 'PRODUCTION');
    expect(await past('promoted', before(first))).toMatchObject({ production: null });
    expect(await past('promoted', first)).toEqual({ production: 1, stages: ['2 STAGING', '1 PRODUCTION'] });
    expect(await past('promoted', before(second))).toMatchObject({ production: 1 });
    expect(await past('promoted', second)).toEqual({ production: 2, stages: ['2 PRODUCTION', '1 ARCHIVED'] });
  });

  it('has the version that was rolled back to, and none after production was archived', async () => {
    await create('rolled');
    await submit('rolled');
    await submit('rolled');
    for (const version of [1, 2]) {
      await move('rolled', version, 'STAGING');
      await move('rolled', version, 'PRODUCTION');
    }
    const rollback = await move('rolled', 1, 'PRODUCTION');
    const archived = await move('rolled', 1, 'ARCHIVED');
    expect(await past('rolled', before(rollback))).toMatchObject({ production: 2 });
    expect(await past('rolled', rollback)).toEqual({ production: 1, stages: ['2 ARCHIVED', '1 PRODUCTION'] });
    expect(await past('rolled', archived)).toMatchObject({ production: null });
  });

  it('is null while it was deleted, and what it was before and after it was restored', async () => {
    await create('absent');
    await submit('absent');
    await move('absent', 1, 'STAGING');
    const alive = await now();
    const { id } = await registry.models.delete({ model: 'absent', revision: await revisionOf('absent') }, engineer);
    const deleted = await now();
    expect(await past('absent', alive)).toMatchObject({ stages: ['1 STAGING'] });
    expect(await past('absent', deleted)).toBeNull();
    await registry.models.restore({ id }, engineer);
    const restored = await now();
    expect(await past('absent', alive)).toMatchObject({ stages: ['1 STAGING'] });
    expect(await past('absent', deleted)).toBeNull();
    expect(await past('absent', restored)).toMatchObject({ stages: ['1 STAGING'] });
  });

  it('is the one that had the name at the time, when another has it today', async () => {
    const first = await create('inherited');
    const then = await now();
    await registry.models.delete({ model: 'inherited', revision: 1 }, engineer);
    const between = await now();
    const second = await create('inherited');
    const ids = [];
    for (const at of [then, between, await now()]) ids.push((await registry.modelHistory.find('inherited', at))?.id);
    expect(ids).toEqual([first.id, undefined, second.id]);
  });

  it('has a version until it was deleted, and not from then on', async () => {
    await create('thinned');
    await submit('thinned');
    const there = await now();
    await registry.catalog.delete({ model: 'thinned', version: 1, revision: 1 }, engineer);
    expect(await past('thinned', there)).toMatchObject({ stages: ['1 NONE'] });
    expect(await past('thinned', await now())).toMatchObject({ stages: [] });
  });

  it('is not foretold', async () => {
    await create('timeless');
    await expect(past('timeless', new Date(Date.now() + 60_000))).rejects.toThrow(InvalidInput);
  });

  it('is at every moment what it was seen to be then, whatever moves were made', async () => {
    let made = 0;
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2)), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, async (moves) => {
        const name = `walk${(made += 1)}`;
        await create(name);
        for (let version = 1; version <= 3; version++) await submit(name);
        const seen: { at: Date; production: number | null; stages: string[] }[] = [];
        for (const [version, choice] of moves) {
          const at = await move(name, version, (['STAGING', 'PRODUCTION', 'ARCHIVED'] as const)[choice]).catch(
            () => null,
          );
          if (!at) continue;
          const { rows } = await registry.reader.listVersions((await registry.models.get(name)).id, { first: 100 });
          const stages = rows.map((row) => `${row.version} ${row.stage}`);
          seen.push({ at, production: rows.find(({ stage }) => stage === 'PRODUCTION')?.version ?? null, stages });
        }
        for (const { at, ...state } of seen) expect(await past(name, at)).toEqual(state);
      }),
      { numRuns: 15 },
    );
  });

  it('is answered over the API, its versions and moves as of then', async () => {
    await create('asked');
    await submit('asked');
    await move('asked', 1, 'STAGING');
    const at = await move('asked', 1, 'PRODUCTION');
    await submit('asked');
    await move('asked', 1, 'ARCHIVED');
    const fields = `asOf production { version stage } latestVersion { version stage } versions { nodes { version } totalCount } transitions { totalCount }`;
    const { data, errors } = await askRegistry(
      registry,
      `query ($asOf: DateTime) { then: model(name: "asked", asOf: $asOf) { ${fields} } now: model(name: "asked") { ${fields} } }`,
      { asOf: at.toISOString() },
    );
    expect(errors).toEqual([]);
    const one = { version: 1, stage: 'PRODUCTION' };
    expect(data).toEqual({
      then: {
        ...{ asOf: at.toISOString(), production: one, latestVersion: one },
        ...{ versions: { nodes: [{ version: 1 }], totalCount: 1 }, transitions: { totalCount: 2 } },
      },
      now: {
        ...{ asOf: null, production: null, latestVersion: { version: 2, stage: 'NONE' } },
        ...{ versions: { nodes: [{ version: 2 }, { version: 1 }], totalCount: 2 }, transitions: { totalCount: 3 } },
      },
    });
  });
});

const revisionOf = async (model: string) => (await registry.models.get(model)).revision;
