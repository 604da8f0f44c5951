import { setTimeout as sleep } from 'node:timers/promises';
import { ask, endedJob, mutate, NoAnswer } from '../support/api-client';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';

const ROUNDS = 4;
const BATCH_ROWS = 10_000;
const BATCHES = 6;
const ENTITIES = BATCH_ROWS * BATCHES;
const START = Date.UTC(2026, 0, 1);

interface Job {
  readonly status: string;
  readonly attempt: number;
}

const random = seededTest('crash-materialization');
let server: RestartableServer;
let batchCount = 0;
let acknowledged = 0;

beforeAll(async () => {
  server = await RestartableServer.start();
  await mutate(
    server.url,
    'applyEntity',
    { name: 'device', joinKeys: [{ name: 'serial', dtype: 'INT64' }] },
    'entity { id }',
  );
  const fields = [
    { name: 'round', dtype: 'INT64' },
    { name: 'level', dtype: 'DOUBLE' },
    { name: 'note', dtype: 'STRING' },
  ];
  await mutate(server.url, 'applyFeatureView', { name: 'readings', entity: 'device', fields }, 'featureView { id }');
}, 60_000);
afterAll(() => server.end());

/** Sends a batch of a round until it is acknowledged, over whatever happens to the server. */
async function ingest(round: number, batch: number): Promise<void> {
  const rows = Array.from({ length: BATCH_ROWS }, (_, row) => {
    const serial = batch * BATCH_ROWS + row;
    const eventTimestamp = new Date(START + round * 86_400_000 + serial).toISOString();
    const note = row % 5 === 0 ? null : `r${round}-${serial}`;
    return { serial: String(serial), eventTimestamp, round: String(round), level: serial / 8 + round, note };
  });
  const input = { view: 'readings', rows, idempotencyKey: `batch-${batchCount++}` };
  for (;;) {
    try {
      await mutate(server.url, 'ingestFeatures', input, 'batch { rowCount }');
      acknowledged += BATCH_ROWS;
      return;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      await sleep(50);
    }
  }
}

async function jobOf(id: string): Promise<Job> {
  const { job } = await ask<{ job: Job }>(server.url, 'query Test($id: ID!) { job(id: $id) { status attempt } }', {
    id,
  });
  return job;
}

const materialize = async (): Promise<string> => {
  const { job } = await mutate<{ job: { id: string } }>(
    server.url,
    'materializeFeatures',
    { views: ['readings'] },
    'job { id }',
  );
  return job.id;
};

interface Consistency {
  readonly sampledCount: number;
  readonly consistentRatio: number;
  readonly counts: readonly { readonly outcome: string; readonly count: number }[];
  readonly examples: readonly unknown[];
}

async function consistency(seed: number): Promise<Consistency> {
  const { onlineConsistency } = await ask<{ onlineConsistency: Consistency }>(
    server.url,
    `query Test($seed: Int!) {
       onlineConsistency(view: "readings", sample: 10000, seed: $seed) {
         sampledCount consistentRatio counts { outcome count } examples { outcome entity differingFields }
       }
     }`,
    { seed },
  );
  return onlineConsistency;
}

const countOf = ({ counts }: Consistency, outcome: string) => counts.find((one) => one.outcome === outcome)?.count;

describe('kill -9 of the server while it materializes', () => {
  it('is made up for by the job that goes on: online equals offline, and nothing acknowledged is lost', async () => {
    const found = { attempts: [] as number[], afterMs: [] as number[] };
    // A round without a crash tells how long one takes.
    for (let batch = 0; batch < BATCHES; batch++) await ingest(0, batch);
    const whole = await materialize();
    const begun = performance.now();
    await expect(endedJob(server.url, whole)).resolves.toMatchObject({ status: 'SUCCEEDED' });
    const durationMs = performance.now() - begun;

    for (let round = 1; round <= ROUNDS; round++) {
      for (let batch = 0; batch < BATCHES; batch++) await ingest(round, batch);
      const id = await materialize();
      await until('running job', async () => (await jobOf(id)).status === 'RUNNING', { pauseMs: 10 });
      // Clients go on meanwhile, over the crash: with rows of the next round.
      const next = ingest(round + 1, random.integer(BATCHES));
      const afterMs = Math.round(durationMs * (0.15 + 0.7 * random.uniform()));
      await sleep(afterMs);
      await server.crash();
      await server.restart();
      await next;

      await expect(endedJob(server.url, id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
      found.afterMs.push(afterMs);
      found.attempts.push((await jobOf(id)).attempt);
      // What the job had not to cover is pending, and nothing is wrong.
      const report = await consistency(round);
      expect(report).toMatchObject({ sampledCount: 10_000, consistentRatio: 1 });
    }
    process.stdout.write(`crash-materialization: of ${Math.round(durationMs)} ms, ${JSON.stringify(found)}\n`);
    // Else the moments were badly chosen and nothing was shown.
    expect(found.attempts.filter((attempt) => attempt > 1).length).toBeGreaterThanOrEqual(2);

    await expect(endedJob(server.url, await materialize())).resolves.toMatchObject({ status: 'SUCCEEDED' });
    for (const seed of [1, 2, 3, 4]) {
      const report = await consistency(seed);
      expect(report.examples).toEqual([]);
      expect(countOf(report, 'EQUAL')).toBe(10_000);
    }
    const { featureView } = await ask<{ featureView: { rowCount: number; materializations: { totalCount: number } } }>(
      server.url,
      '{ featureView(name: "readings") { rowCount materializations { totalCount } } }',
    );
    expect(featureView).toEqual({ rowCount: acknowledged, materializations: { totalCount: ROUNDS + 2 } });
    expect(acknowledged).toBe(ENTITIES * (ROUNDS + 1) + BATCH_ROWS * ROUNDS);
  }, 180_000);

  it('leaves a whole audit trail', async () => {
    const { verifyAuditTrail } = await ask<{ verifyAuditTrail: { valid: boolean } }>(
      server.url,
      '{ verifyAuditTrail { valid } }',
    );
    expect(verifyAuditTrail.valid).toBe(true);
  });
});
