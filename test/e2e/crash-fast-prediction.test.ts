import { setTimeout as sleep } from 'node:timers/promises';
import { allPages, ApiError, eventsOnceThereAre, mutate, NoAnswer } from '../support/api-client';
import {
  buildDataset,
  createModel,
  drawCustomers,
  ingestCustomers,
  materializeCustomers,
  move,
  register,
  train,
} from '../support/customers-api';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';

const MODEL = 'leavers';
const ROUNDS = 3;
const CLIENTS = 6;
/** The bound that is configured, and that a crash must keep to. */
const BUFFER_ROWS = 1000;
const FLUSH_MS = 100;
/** Answered longer ago than this, a prediction is in the log: the flush, and what a loaded machine takes for a write. */
const SURELY_WRITTEN_MS = 5000;
const FAST = {
  MOORING_PREDICTION_LOG: 'fast',
  MOORING_PREDICTION_BUFFER: String(BUFFER_ROWS),
  MOORING_PREDICTION_FLUSH_MS: String(FLUSH_MS),
};

const random = seededTest('crash-fast-prediction');
const customers = drawCustomers(600, 'fast');
let server: RestartableServer;
/** When each prediction was answered. */
const answered = new Map<string, number>();
const requests: string[][] = [];

beforeAll(async () => {
  server = await RestartableServer.start({ env: FAST });
  const { url } = server;
  await ingestCustomers(url, customers);
  await materializeCustomers(url);
  await createModel(url, MODEL);
  const version = await register(url, MODEL, await train(url, MODEL, await buildDataset(url, 'customers')));
  await move(url, MODEL, version, 'NONE', 'STAGING', 'PRODUCTION');
}, 120_000);
afterAll(() => server.end());

/** Asks again and again until the server has gone; waits where it is told to. */
async function predictUntilGone(): Promise<void> {
  for (;;) {
    const rows = Array.from({ length: 1 + random.integer(40) }, (_, visits) => ({ spend: 10, visits, plan: 'plus' }));
    try {
      const { results } = await mutate<{ results: { prediction: { id: string } }[] }>(
        server.url,
        'predictBatch',
        { model: MODEL, rows },
        'results { prediction { id } }',
      );
      const ids = results.map(({ prediction }) => prediction.id);
      requests.push(ids);
      for (const id of ids) answered.set(id, Date.now());
    } catch (error) {
      if (error instanceof NoAnswer) return;
      if (!(error instanceof ApiError && error.code === 'OVERLOADED')) throw error;
      await sleep(FLUSH_MS);
    }
  }
}

/** Loads the server until there are so many answers more, and ends it in the midst of them. */
async function endUnderLoad(end: () => Promise<unknown>): Promise<number> {
  const before = answered.size;
  const running = Array.from({ length: CLIENTS }, predictUntilGone);
  await until('predictions', () => answered.size > before + 300);
  await sleep(random.integer(300));
  const endedAt = Date.now();
  await end();
  await Promise.all(running);
  await server.restart();
  return endedAt;
}

const readLog = async () =>
  new Set((await allPages<{ id: string }>(server.url, 'predictions', `model: "${MODEL}"`, 'id')).map(({ id }) => id));

const lostMetric = async () =>
  /^mooring_prediction_log_lost_total (\d+)$/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];

describe('The fast prediction log', () => {
  it('loses by kill -9 no more than its bound, whole requests, and nothing that was answered before its time', async () => {
    const lost = new Set<string>();
    for (let round = 1; round <= ROUNDS; round++) {
      const crashedAt = await endUnderLoad(() => server.crash());
      const log = await readLog();
      const missing = [...answered.keys()].filter((id) => !log.has(id) && !lost.has(id));
      expect(missing.length).toBeLessThanOrEqual(BUFFER_ROWS);
      for (const id of missing) expect(crashedAt - (answered.get(id) ?? 0)).toBeLessThan(SURELY_WRITTEN_MS);
      for (const id of missing) lost.add(id);
      for (const ids of requests) expect([0, ids.length]).toContain(ids.filter((id) => log.has(id)).length);
      process.stdout.write(
        `crash-fast-prediction: round ${round}, ${answered.size} answered, ${missing.length} lost\n`,
      );
    }
    answered.forEach((_, id) => lost.has(id) && answered.delete(id));
  }, 180_000);

  it('gets outcomes by entity and time, and is listed by them, once it is written', async () => {
    const entity = { customer_id: customers[0].id };
    const { prediction } = await mutate<{ prediction: { id: string; predictedAt: string } }>(
      server.url,
      'predict',
      { model: MODEL, entity },
      'prediction { id predictedAt }',
    );
    const listed = async (filter: string) => {
      const about = `model: "${MODEL}", version: 1, variant: PRIMARY, entity: { customer_id: "${customers[0].id}" }, ${filter}`;
      return (await allPages<{ id: string }>(server.url, 'predictions', about, 'id')).map(({ id }) => id);
    };
    const from = `from: "${prediction.predictedAt}"`;
    await until('prediction in the log', async () => (await listed(from)).length === 1);
    expect(await listed(`${from}, hasOutcome: true`)).toEqual([]);
    const outcome = { model: MODEL, entity, at: prediction.predictedAt, horizonSeconds: 1, outcome: true };
    const { recordedCount } = await mutate<{ recordedCount: number }>(
      server.url,
      'recordOutcomes',
      { outcomes: [outcome] },
      'recordedCount',
    );
    expect(recordedCount).toBe(1);
    expect(await listed(`${from}, hasOutcome: true`)).toEqual([prediction.id]);
    const [event] = await eventsOnceThereAre(1, server.url, '[OUTCOMES_RECORDED]');
    const { predictedAt: time } = prediction;
    expect(event.payload).toMatchObject({ firstPredictedAt: time, lastPredictedAt: time, count: 1 });
    const unknown = mutate(
      server.url,
      'recordOutcomes',
      { outcomes: [{ ...outcome, model: 'nothing' }] },
      'recordedCount',
    );
    await expect(unknown).rejects.toThrow(/NOT_FOUND.*nothing/);
  });

  it('loses nothing by SIGTERM, which waits for what was answered', async () => {
    await endUnderLoad(() => server.terminate());
    const log = await readLog();
    expect([...answered.keys()].filter((id) => !log.has(id))).toEqual([]);
    expect(await lostMetric()).toBe('0');
  }, 120_000);
});
