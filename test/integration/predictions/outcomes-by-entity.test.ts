import type { Prediction } from '../../../src/entities';
import type { DomainError } from '../../../src/errors';
import { type Outcome, OutcomeService, PredictionLog, PredictionReader } from '../../../src/services/predictions';
import { SeededRandom } from '../../../src/services/statistics';
import { aLoggedVersion, aPrediction, type VersionIds } from '../../support/prediction-rows';
import { engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
let log: PredictionLog;
let reader: PredictionReader;
let outcomes: OutcomeService;
let first: VersionIds;
let second: VersionIds;

beforeAll(async () => {
  registry = await openRegistry();
  log = new PredictionLog(registry);
  reader = new PredictionReader(registry);
  outcomes = new OutcomeService({ ...registry, retentionDays: 10_000 });
  first = await aLoggedVersion(registry, 'asked');
  second = await aLoggedVersion(registry, 'asked');
});
afterAll(() => registry.close());

const day = (number: number, ms = 0) => new Date(Date.UTC(2026, 2, number) + ms);
const ENTITY = { model: 'asked', outcome: true };

let made = 0;
/** Predictions about an entity of this test's own, in the order given. */
async function logAbout(...changes: Partial<Prediction>[]): Promise<{ entity: { id: string }; rows: Prediction[] }> {
  const entity = { id: `e${(made += 1)}` };
  const rows = changes.map((change) => aPrediction(first, { entity, ...change }));
  await log.append(rows);
  return { entity, rows };
}

const record = (...list: Outcome[]) => outcomes.record(list, engineer);
const labelled = async (rows: readonly Prediction[]) => {
  const known = new Set((await reader.outcomes(rows.map(({ id }) => id))).map(({ predictionId }) => predictionId));
  return rows.map(({ id }) => known.has(id));
};
const problem = (work: Promise<unknown>) =>
  work.then(
    () => 'it was not refused',
    (error: unknown) => {
      const { code, field, message } = error as DomainError;
      return [code, field?.slice(2).join('.'), message];
    },
  );

describe('An outcome at a moment', () => {
  it('is that of the newest prediction at or before it, whichever version made it', async () => {
    const { entity, rows } = await logAbout(
      { predictedAt: day(1) },
      { predictedAt: day(3), ...second },
      { predictedAt: day(3, 1) },
    );
    expect(await record({ ...ENTITY, entity, at: day(3) })).toBe(1);
    expect(await labelled(rows)).toEqual([false, true, false]);
  });

  it('is that of an answer of the traffic, not of a shadow or a trial', async () => {
    const { entity, rows } = await logAbout(
      { predictedAt: day(1), variant: 'CANARY' },
      { predictedAt: day(2), variant: 'SHADOW' },
      { predictedAt: day(3), variant: null },
    );
    await record({ ...ENTITY, entity, at: day(9) });
    expect(await labelled(rows)).toEqual([true, false, false]);
  });

  it('is refused when the newest one is older than the horizon, which counts to the millisecond', async () => {
    const { entity, rows } = await logAbout({ predictedAt: day(1) });
    const late = { ...ENTITY, entity, at: day(1, 2001) };
    expect(await problem(record({ ...late, horizonSeconds: 2 }))).toEqual([
      'INVALID_INPUT',
      '0.entity',
      expect.stringContaining(`has made no prediction about id = ${entity.id} from 2026-03-01T00:00:00.001Z up to`),
    ]);
    await record({ ...late, horizonSeconds: 2.001 });
    expect(await labelled(rows)).toEqual([true]);
  });

  it('is, of several in one millisecond, that of the first in the list of predictions', async () => {
    const { entity, rows } = await logAbout(...Array.from({ length: 5 }, () => ({ predictedAt: day(5) })));
    await record({ ...ENTITY, entity, at: day(5) });
    const page = await reader.list({ modelId: first.modelId, entity }, { first: 5 });
    const isLabelled = await labelled(rows);
    expect(rows.filter((_, index) => isLabelled[index]).map(({ id }) => id)).toEqual([page.rows[0].id]);
  });
});

describe('An outcome of a period', () => {
  it('is that of every prediction about the entity from its beginning to before its end, of all variants and versions', async () => {
    const { entity, rows } = await logAbout(
      { predictedAt: day(1, -1) },
      { predictedAt: day(1), ...second },
      { predictedAt: day(20), variant: 'SHADOW' },
      { predictedAt: day(31, 86_399_999), variant: null },
      { predictedAt: day(32) },
    );
    expect(await record({ ...ENTITY, entity, from: day(1), to: day(32) })).toBe(3);
    expect(await labelled(rows)).toEqual([false, true, true, true, false]);
  });

  it('may come late and be corrected: one audit entry for all its predictions', async () => {
    const { entity } = await logAbout({ predictedAt: day(1) }, { predictedAt: day(2) });
    const march = { ...ENTITY, entity, from: day(1), to: day(32) };
    await record(march);
    await record({ ...march, outcome: false });
    const entries = await registry.dataSource.query<{ details: object }[]>(
      "SELECT details FROM audit_entries WHERE action = 'outcome.correct' ORDER BY recorded_at DESC LIMIT 1",
    );
    expect(entries[0].details).toEqual({ count: 2, toTrue: 0, toFalse: 2 });
  });
});

describe('The entity', () => {
  it('is the same by number and by text, in any order of its keys, and only as a whole', async () => {
    const entity = { device: 'd1', slot: 12, since: '2026-01-01T00:00:00.000Z', ok: true };
    const rows = [aPrediction(first, { entity }), aPrediction(first, { entity: { device: 'd1' } })];
    await log.append(rows);
    const at = day(9);
    await record({
      ...ENTITY,
      entity: { slot: '12', ok: 'true', since: '2026-01-01T00:00:00.000Z', device: 'd1' },
      at,
    });
    expect(await labelled(rows)).toEqual([true, false]);
    const other = { ...entity, slot: '12 ' };
    expect(await problem(record({ ...ENTITY, entity: other, at }))).toEqual([
      'INVALID_INPUT',
      '0.entity',
      expect.anything(),
    ]);
  });

  it('may have a key that is longer than an index takes', async () => {
    const entity = { id: Array.from({ length: 2000 }, (_, index) => `${index * 7919}`).join('-') };
    const row = aPrediction(first, { entity });
    await log.append([row]);
    await record({ ...ENTITY, entity, at: day(9) });
    expect(await labelled([row])).toEqual([true]);
  });
});

describe('A request', () => {
  it('is recorded all or none, and names the first outcome at fault by its place', async () => {
    const { entity, rows } = await logAbout({ predictedAt: day(1) }, { predictedAt: day(2) });
    const good = { ...ENTITY, entity, at: day(1) };
    const faults: [Outcome, unknown[]][] = [
      [{ ...good, entity: { id: 'nobody' } }, ['INVALID_INPUT', '1.entity', expect.stringContaining('nobody')]],
      [{ ...good, model: 'nothing' }, ['NOT_FOUND', '1.model', expect.stringContaining('nothing')]],
      [
        { predictionId: rows[0].id, outcome: true },
        ['INVALID_INPUT', '1.predictionId', expect.stringMatching(/outcomes\.0/)],
      ],
      [
        { ...ENTITY, entity, from: day(1), to: day(3) },
        ['INVALID_INPUT', '1.entity', expect.stringMatching(/outcomes\.0/)],
      ],
      [{ ...good }, ['INVALID_INPUT', '1.entity', expect.stringMatching(/outcomes\.0/)]],
      [
        { outcome: true },
        ['INVALID_INPUT', '1.predictionId', expect.stringMatching(/give predictionId, or model and entity/)],
      ],
      [{ ...good, from: day(1) }, ['INVALID_INPUT', '1.from', expect.stringMatching(/give at, or from and to/)]],
      [
        { ...ENTITY, entity, from: day(2), to: day(2) },
        ['INVALID_INPUT', '1.to', expect.stringMatching(/later than from/)],
      ],
      [
        { ...good, entity: { id: [1] } },
        ['INVALID_INPUT', '1.entity.id', expect.stringMatching(/a join key is a text/)],
      ],
    ];
    for (const [fault, expected] of faults) expect(await problem(record(good, fault))).toEqual(expected);
    expect(await labelled(rows)).toEqual([false, false]);
  });

  it('tells once for each version what is new or changed, with the times of its predictions', async () => {
    const { entity, rows } = await logAbout(
      { predictedAt: day(4) },
      { predictedAt: day(6) },
      { predictedAt: day(5), ...second },
    );
    const events = () =>
      registry.dataSource.query<{ payload: { modelVersionId: string; count: number } }[]>(
        `SELECT payload FROM outbox_events WHERE type = 'OUTCOMES_RECORDED' AND model_id = $1 ORDER BY id`,
        [first.modelId],
      );
    const before = (await events()).length;
    const all = { ...ENTITY, entity, from: day(1), to: day(32), observedAt: day(40) };
    await record(all);
    const told = (await events()).slice(before).map(({ payload }) => payload);
    const of = ({ modelVersionId }: VersionIds, from: Date, to: Date, count: number) => ({
      modelVersionId,
      firstPredictedAt: from.toISOString(),
      lastPredictedAt: to.toISOString(),
      count,
    });
    expect(new Set(told)).toEqual(new Set([of(first, day(4), day(6), 2), of(second, day(5), day(5), 1)]));
    // Again the same: nothing is new. One of them another way: that one is.
    await record(all);
    await record({ predictionId: rows[1].id, outcome: false, observedAt: day(40) });
    expect((await events()).slice(before + 2).map(({ payload }) => payload)).toEqual([of(first, day(6), day(6), 1)]);
  });

  it('of many finds what a search through all predictions finds', async () => {
    const random = new SeededRandom('outcomes-by-entity');
    const variants = ['PRIMARY', 'PRIMARY', 'CANARY', 'SHADOW', null] as const;
    const time = () => day(1, random.integer(40) * 86_400_000 * 7 + random.integer(3));
    const rows = Array.from({ length: 600 }, () =>
      aPrediction(random.integer(2) === 0 ? first : second, {
        entity: { number: random.integer(25), side: random.integer(2) === 0 ? 'a' : 'b' },
        variant: variants[random.integer(variants.length)],
        predictedAt: time(),
      }),
    );
    await log.append(rows);
    const newestFirst = rows.toSorted(
      (a, b) => b.predictedAt.getTime() - a.predictedAt.getTime() || (a.id < b.id ? 1 : -1),
    );
    const entityOf = (row: Prediction) => JSON.stringify(row.entity);
    let found = 0;
    for (let round = 0; round < 40; round++) {
      const { entity } = rows[random.integer(rows.length)];
      const about = newestFirst.filter((row) => entityOf(row) === JSON.stringify(entity));
      const at = time();
      const horizonSeconds = 1 + random.integer(300) * 86_400;
      const answers = about.filter(({ variant, predictedAt }) => {
        const age = at.getTime() - predictedAt.getTime();
        return (variant === 'PRIMARY' || variant === 'CANARY') && age >= 0 && age <= horizonSeconds * 1000;
      });
      const to = new Date(at.getTime() + 1 + random.integer(100) * 86_400_000);
      const inPeriod = about.filter(({ predictedAt }) => predictedAt >= at && predictedAt < to);
      for (const [reference, expected] of [
        [{ at, horizonSeconds }, answers.slice(0, 1)],
        [{ from: at, to }, inPeriod],
      ] as const) {
        await registry.dataSource.query('DELETE FROM prediction_outcomes');
        const result = record({ ...ENTITY, entity, ...reference });
        expect(await result.catch((error: unknown) => (error as DomainError).code)).toBe(
          expected.length || 'INVALID_INPUT',
        );
        const known = new Set(
          (await reader.outcomes(rows.map(({ id }) => id))).map(({ predictionId }) => predictionId),
        );
        expect(known).toEqual(new Set(expected.map(({ id }) => id)));
        found += expected.length;
      }
    }
    expect(found).toBeGreaterThan(60);
  });
});
