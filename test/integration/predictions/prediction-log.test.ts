import { randomUUID } from 'node:crypto';
import type { Prediction } from '../../../src/entities';
import { ShuttingDown } from '../../../src/errors';
import { PredictionLog, PredictionReader } from '../../../src/services/predictions';
import { aLoggedVersion, aPrediction, type VersionIds } from '../../support/prediction-rows';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
let reader: PredictionReader;
let log: PredictionLog;
let ids: VersionIds;

beforeAll(async () => {
  registry = await openRegistry();
  reader = new PredictionReader(registry);
  ids = await aLoggedVersion(registry, 'logged');
});
afterAll(() => registry.close());
beforeEach(() => (log = new PredictionLog(registry)));
afterEach(async () => {
  await log.close();
  jest.restoreAllMocks();
});

const prediction = (changes: Partial<Prediction> = {}) => aPrediction(ids, changes);

const predictions = (count: number, changes: Partial<Prediction> = {}) =>
  Array.from({ length: count }, () => prediction(changes));

describe('The prediction log', () => {
  it('holds a row as it was when the append resolves', async () => {
    const row = prediction();
    await log.append([row]);
    expect(await reader.find([row.id])).toEqual([row]);
  });

  it('finds rows by ids that say their time and by those that do not, in one call', async () => {
    const rows = [prediction(), prediction({ id: randomUUID() }), prediction({ predictedAt: new Date() })];
    await log.append(rows);
    const found = await reader.find([
      ...rows.map(({ id }) => id),
      randomUUID(),
      'ffffffff-ffff-7fff-bfff-ffffffffffff',
    ]);
    expect(new Set(found)).toEqual(new Set(rows));
  });

  it('counts the predictions that name an entity, by number or by text, each part of its key', async () => {
    const entities = [{ device: 'd1', slot: 12 }, { device: 'd1', slot: '12' }, { device: 'd1', slot: 1 }, null];
    await log.append(entities.map((entity) => prediction({ entity })));
    expect(await reader.countOfEntity({ device: 'd1', slot: '12' })).toBe(2);
    expect(await reader.countOfEntity({ device: 'd1' })).toBe(3);
    expect(await reader.countOfEntity({ device: "d'2", slot: '12' })).toBe(0);
  });

  it('writes what arrives together, and what arrives during a write, in one statement each', async () => {
    const query = jest.spyOn(registry.dataSource, 'query');
    const first = Promise.all(predictions(50).map((row) => log.append([row])));
    await new Promise((resolve) => setImmediate(resolve));
    const second = Promise.all(predictions(50).map((row) => log.append([row])));
    await Promise.all([first, second]);
    expect(query).toHaveBeenCalledTimes(2);
  });

  it('writes the rows of one request together, however many requests there are', async () => {
    const query = jest.spyOn(registry.dataSource, 'query');
    await Promise.all([700, 200, 900, 1000].map((count) => log.append(predictions(count))));
    const calls = query.mock.calls as [string, [string]][];
    const sizes = calls.map(([, [rows]]) => (JSON.parse(rows) as unknown[]).length);
    expect(sizes).toEqual([900, 900, 1000]);
  });

  it('fails only the request whose row cannot be stored, and stores nothing of it', async () => {
    const good = predictions(3);
    const bad = [prediction(), prediction({ features: { plan: 'a\0b' } })];
    const results = await Promise.allSettled([log.append([good[0]]), log.append(bad), log.append(good.slice(1))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const found = await reader.find([...good, ...bad].map(({ id }) => id));
    expect(found.map(({ id }) => id).sort()).toEqual(good.map(({ id }) => id).sort());
  });

  it('rejects what waits when the database is away, and goes on when it is back', async () => {
    jest.spyOn(registry.dataSource, 'query').mockRejectedValueOnce(new Error('connection refused'));
    const lost = await Promise.allSettled(predictions(2).map((row) => log.append([row])));
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(log.append(predictions(1))).resolves.toBeUndefined();
  });

  it('writes what waits before it is closed, and then takes no more', async () => {
    const rows = predictions(20);
    const written = Promise.all(rows.map((row) => log.append([row])));
    await log.close();
    expect(await reader.find(rows.map(({ id }) => id))).toHaveLength(20);
    await written;
    await expect(log.append(predictions(1))).rejects.toThrow(ShuttingDown);
  });

  it('is listed newest first, in pages that neither skip nor repeat', async () => {
    const model = await registry.models.create({ name: 'listed', taskType: 'BINARY_CLASSIFICATION' }, engineer);
    const times = [3, 1, 2, 2, 5].map((day) => new Date(Date.UTC(2026, 0, day)));
    await log.append(times.map((predictedAt) => prediction({ modelId: model.id, predictedAt })));
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const page = await reader.list({ modelId: model.id }, { first: 2, after });
      seen.push(...page.rows.map(({ predictedAt }) => predictedAt.getUTCDate()));
      after = page.hasNextPage ? (page.cursors.at(-1) ?? null) : null;
    } while (after !== null);
    expect(seen).toEqual([5, 3, 2, 2, 1]);
  });

  it('gives a window of a version in the order of making, bounds as they are said, page by page', async () => {
    const { modelVersion } = await registry.versions.submit(ids.modelId, aCandidate(), {}, engineer);
    const at = (ms: number) => new Date(Date.UTC(2026, 5, 1) + ms);
    // More than one page, many of one millisecond: the cursor has to part them by id.
    const rows = Array.from({ length: 6000 }, (_, index) =>
      prediction({
        modelVersionId: modelVersion?.id,
        predictedAt: at(Math.floor(index / 100)),
        probability: index / 6000,
      }),
    );
    await log.append(rows);
    await log.append([prediction({ modelVersionId: modelVersion?.id, predictedAt: at(10), variant: 'SHADOW' })]);
    const read = async (from: Date, to: Date) => {
      const pages: string[][] = [];
      for await (const page of reader.window(modelVersion?.id ?? '', from, to)) pages.push(page.map(({ id }) => id));
      return pages;
    };
    const whole = await read(at(0), at(60));
    expect(whole.map((page) => page.length)).toEqual(Array(24).fill(250));
    expect(new Set(whole.flat()).size).toBe(6000);
    expect((await read(at(10), at(12))).flat()).toHaveLength(200);
    expect(await read(at(60), at(70))).toEqual([]);
  });
});
