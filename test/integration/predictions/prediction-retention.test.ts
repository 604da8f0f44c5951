import { randomUUID } from 'node:crypto';
import { createLogger } from '../../../src/logger';
import {
  OutcomeService,
  PredictionExpired,
  PredictionLog,
  PredictionReader,
  PredictionRetention,
} from '../../../src/services/predictions';
import { aLoggedVersion, aPrediction, type VersionIds } from '../../support/prediction-rows';
import { engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 30;
/** Monday of this week, 0:00 UTC. The 1st of January 1970 was a Thursday. */
const MONDAY = (Math.floor((Date.now() / DAY_MS + 3) / 7) * 7 - 3) * DAY_MS;
/** This Tuesday. Thirty days before, a Sunday, the week began that has to stay: 36 days before. */
const NOW = new Date(MONDAY + 1.4 * DAY_MS);

let registry: RegistryFixture;
let ids: VersionIds;
let log: PredictionLog;
let reader: PredictionReader;
let retention: PredictionRetention;
let outcomes: OutcomeService;

beforeEach(async () => {
  registry = await openRegistry();
  ids = await aLoggedVersion(registry, 'kept');
  log = new PredictionLog(registry);
  reader = new PredictionReader(registry);
  const options = { ...registry, retentionDays: RETENTION_DAYS };
  retention = new PredictionRetention({ ...options, logger: createLogger('silent') });
  outcomes = new OutcomeService(options);
});
afterEach(() => registry.close());

const week = (number: number) => new Date(MONDAY + number * 7 * DAY_MS);
const weekName = (number: number) => week(number).toISOString().slice(0, 10).replaceAll('-', '');
const daysBefore = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const weeks = async (table: string): Promise<string[]> => {
  const rows = await registry.dataSource.query<{ name: string }[]>(
    'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1',
    [table],
  );
  return rows.map(({ name }) => name.replace(`${table}_w`, ''));
};

/** Logs one prediction at each of these ages, with an outcome. */
async function logAt(days: readonly number[]) {
  const rows = days.map((age) => aPrediction(ids, { predictedAt: daysBefore(age) }));
  await log.append(rows);
  for (const { id } of rows) await outcomes.record([{ predictionId: id, outcome: true }], engineer);
  return rows;
}

describe('Retention of the prediction log', () => {
  it('drops the weeks that lie wholly before it, with their outcomes, and leaves the others', async () => {
    const rows = await logAt([0, 29, 36, 37, 60, 300]);
    await retention.keepUp(engineer, NOW);
    const found = await reader.find(rows.map(({ id }) => id));
    expect(new Set(found)).toEqual(new Set(rows.slice(0, 3)));
    expect(await reader.outcomes(rows.map(({ id }) => id))).toHaveLength(3);
    expect(await weeks('predictions')).toEqual(await weeks('prediction_outcomes'));
    expect((await weeks('predictions'))[0]).toBe(weekName(-5));
  });

  it('writes what it drops into the audit trail, a week at a time', async () => {
    await logAt([37, 38, 60]);
    await retention.keepUp(engineer, NOW);
    await retention.keepUp(engineer, NOW);
    const entries = await registry.dataSource.query<{ details: object }[]>(
      "SELECT details FROM audit_entries WHERE action = 'prediction.expire' ORDER BY sequence",
    );
    const weekOf = (number: number, count: number) => ({
      from: week(number).toISOString(),
      to: week(number + 1).toISOString(),
      predictionCount: count,
      outcomeCount: count,
    });
    expect(entries.map(({ details }) => details)).toEqual([weekOf(-9, 1), weekOf(-6, 2)]);
  });

  it('has partitions for this week and the four to come, however many servers keep up at once', async () => {
    await Promise.all([1, 2, 3].map(() => retention.keepUp(engineer, NOW)));
    expect(await weeks('predictions')).toEqual([0, 1, 2, 3, 4].map(weekName));
  });

  it('refuses outcomes of what is dropped as expired, of what never was as unknown', async () => {
    const [old] = await logAt([300]);
    await retention.keepUp(engineer, NOW);
    const record = (predictionId: string) =>
      outcomes.record([{ predictionId, outcome: true }], engineer).catch((error: unknown) => error);
    const expired = await record(old.id);
    expect(expired).toBeInstanceOf(PredictionExpired);
    expect(expired).toMatchObject({ code: 'PREDICTION_EXPIRED', field: ['input', 'outcomes', '0', 'predictionId'] });
    expect((expired as Error).message).toMatch(/kept for 30 days/);
    expect(await record(randomUUID())).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await record(aPrediction(ids, { predictedAt: new Date() }).id)).toMatchObject({ code: 'INVALID_INPUT' });
    const entity = { model: 'kept', entity: { subscriber_id: 's1' }, outcome: true };
    const byTime = await outcomes
      .record([{ ...entity, at: daysBefore(250) }], engineer)
      .catch((error: unknown) => error);
    expect(byTime).toMatchObject({ code: 'PREDICTION_EXPIRED', field: ['input', 'outcomes', '0', 'at'] });
  });

  it('never leaves an outcome without its prediction, when both are at work', async () => {
    const rows = await logAt(Array.from({ length: 20 }, (_, week) => 40 + 7 * week));
    const recording = rows.map(({ id }) => outcomes.record([{ predictionId: id, outcome: false }], engineer));
    const [results] = await Promise.all([Promise.allSettled(recording), retention.keepUp(engineer, NOW)]);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(reasons.filter((reason) => !(reason instanceof PredictionExpired))).toEqual([]);
    expect(await reader.find(rows.map(({ id }) => id))).toEqual([]);
    expect(await reader.outcomes(rows.map(({ id }) => id))).toEqual([]);
  });
});

describe('The partitions', () => {
  it('that are missing are made when a prediction needs them', async () => {
    const far = aPrediction(ids, { predictedAt: new Date('2031-07-09T00:00:00Z') });
    await Promise.all([log.append([far]), log.append([aPrediction(ids, { predictedAt: new Date() })])]);
    expect(await reader.find([far.id])).toEqual([far]);
    expect(await weeks('predictions')).toContain('20310707');
  });

  it('wait for a long transaction on their tables, and predictions go on meanwhile', async () => {
    const blocker = registry.dataSource.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('UPDATE models SET description = description');
    const keptUp = retention.keepUp(engineer, new Date('2028-02-01T00:00:00Z'));
    await log.append([aPrediction(ids, { predictedAt: new Date() })]);
    await blocker.rollbackTransaction();
    await blocker.release();
    await keptUp;
    expect(await weeks('predictions')).toContain('20280131');
  });

  it('cannot be changed by the application but by their own rule: a week that has not ended is not dropped', async () => {
    const query = (sql: string) => registry.dataSource.query<unknown[]>(sql);
    const [present] = (await weeks('predictions')) as [string];
    await expect(query(`DROP TABLE predictions_w${present}`)).rejects.toThrow('must be owner');
    await expect(query('ALTER TABLE predictions DROP COLUMN entity')).rejects.toThrow('must be owner');
    expect(await query("SELECT * FROM drop_prediction_partition('infinity')")).toEqual([]);
    expect(await weeks('predictions')).toHaveLength(5);
  });

  it('are looked into one by one: an id tells which, a version 4 id leaves all', async () => {
    await logAt([0, 10, 20, 300]);
    const { id, predictedAt } = aPrediction(ids, { predictedAt: daysBefore(10) });
    const scanned = async (condition: string) => {
      const plan = await registry.dataSource.query<{ 'QUERY PLAN': string }[]>(
        `EXPLAIN SELECT 1 FROM predictions WHERE id = '${id}' ${condition}`,
      );
      return plan.filter((line) => / on predictions_w/.test(line['QUERY PLAN'])).length;
    };
    expect(
      await scanned(`AND predicted_at BETWEEN '${predictedAt.toISOString()}' AND '${predictedAt.toISOString()}'`),
    ).toBe(1);
    expect(await scanned('')).toBe((await weeks('predictions')).length);
  });
});
