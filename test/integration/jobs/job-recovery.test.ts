import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobRecord } from '../../../src/entities';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { ACTOR, JobBench, gate, startJobProcess, untilRunning } from './job-bench';

let database: TestDatabase;
let bench: JobBench;

beforeEach(async () => {
  database = await createTestDatabase();
  bench = new JobBench(database);
});

afterEach(async () => {
  await bench.stop();
  await database.drop();
});

const onlyJob = async (): Promise<JobRecord> => {
  const [job] = await database.dataSource.manager.find(JobRecord);
  return job;
};

test('a job whose process is killed goes on at once after the next start', async () => {
  const killed = startJobProcess(database.url, 'hang');
  await untilRunning(killed);
  expect(await onlyJob()).toMatchObject({ status: 'RUNNING', attempt: 1, progressRatio: 0.5 });
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const queue = bench.replica();
  const attempts: number[] = [];
  queue.define<{ rows: number }>('DATASET', async (input, job) => void attempts.push(input.rows, job.attempt));
  const startedAt = performance.now();
  await queue.start();
  const job = await queue.wait((await onlyJob()).id);
  expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  expect(attempts).toEqual([7, 2]);
  // Far below the 15 s after which a heartbeat is stale.
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test('a job that lives on in another process is left alone by a start', async () => {
  const living = startJobProcess(database.url, 'hang');
  try {
    await untilRunning(living);
    const queue = bench.replica({ timing: { sweepMs: 100 } });
    const runs: number[] = [];
    queue.define('DATASET', async (_, job) => void runs.push(job.attempt));
    await queue.start();
    await sleep(1000);
    expect(runs).toEqual([]);
    expect(await onlyJob()).toMatchObject({ status: 'RUNNING', attempt: 1 });
  } finally {
    living.kill('SIGKILL');
    await once(living, 'exit');
  }
});

test('a job that kills its process every time is given up after three attempts, and its subject is told', async () => {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const child = startJobProcess(database.url, 'crash');
    await once(child, 'exit');
    expect(await onlyJob()).toMatchObject({ status: 'RUNNING', attempt });
  }
  const queue = bench.replica();
  const told: string[] = [];
  queue.define('DATASET', async () => void told.push('ran'), {
    onFailed: async (_, error) => void told.push(error.code),
  });
  await queue.start();
  expect(await onlyJob()).toMatchObject({ status: 'FAILED', errorCode: 'WORKER_LOST', attempt: 3 });
  expect(told).toEqual(['WORKER_LOST']);
});

test('a worker that is silent for too long loses its job to another, and what it still writes changes nothing', async () => {
  const silent = bench.replica({ timing: { heartbeatMs: 60_000 }, shutdownGraceSeconds: 0 });
  const { opened, open } = gate();
  const { opened: letGo, open: release } = gate();
  silent.define('DATASET', async () => {
    open();
    await letGo;
    throw new Error('too late');
  });
  await silent.start();
  const id = await bench.enqueue(silent);
  await opened;
  const other = bench.replica({ timing: { staleMs: 300, sweepMs: 100 } });
  const { opened: otherRuns, open: otherRan } = gate();
  const { opened: finish, open: letFinish } = gate();
  other.define('DATASET', async () => {
    otherRan();
    await finish;
  });
  await other.start();
  await otherRuns;
  release();
  await sleep(300);
  expect(await onlyJob()).toMatchObject({ status: 'RUNNING', attempt: 2 });
  letFinish();
  expect(await other.wait(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
});

test('a worker that learns that its job was taken over stops working on it', async () => {
  const queue = bench.replica({ timing: { heartbeatMs: 100 } });
  const reasons: string[] = [];
  const { opened, open } = gate();
  queue.define('DATASET', async (_, job) => {
    open();
    await sleep(10_000, undefined, { signal: job.signal }).catch(() => reasons.push(String(job.signal.reason)));
  });
  await queue.start();
  await bench.enqueue(queue);
  await opened;
  await database.dataSource.query('UPDATE jobs SET worker_id = gen_random_uuid()');
  const deadline = Date.now() + 5000;
  while (reasons.length === 0 && Date.now() < deadline) await sleep(20);
  expect(reasons).toEqual([expect.stringContaining('took this job over')]);
});

test('a handler that gives way to a shutdown leaves its job to the next start, which does not count as an attempt', async () => {
  const first = bench.replica();
  const { opened, open } = gate();
  first.define('DATASET', async (_, job) => {
    open();
    await sleep(60_000, undefined, { signal: job.signal });
  });
  await first.start();
  const id = await bench.enqueue(first);
  await opened;
  await bench.stop();
  expect(await onlyJob()).toMatchObject({ status: 'QUEUED', attempt: 0 });
  const second = bench.replica();
  second.define('DATASET', async () => undefined);
  await second.start();
  expect(await second.wait(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
});

test('a job that waits for another one is left to the next start too', async () => {
  const queue = bench.replica();
  const { opened, open } = gate();
  queue.define('TRAINING', async (_, job) => sleep(60_000, undefined, { signal: job.signal }));
  queue.define('DATASET', async () => {
    const job = { kind: 'TRAINING', subject: 'TrainingRun:1', input: {}, actor: ACTOR } as const;
    const { id } = await database.dataSource.transaction((manager) => queue.enqueue(manager, job));
    open();
    await queue.wait(id);
  });
  await queue.start();
  await bench.enqueue(queue);
  await opened;
  await bench.stop();
  const jobs = await database.dataSource.manager.find(JobRecord);
  expect(jobs.map(({ status, errorCode }) => [status, errorCode])).toEqual([
    ['QUEUED', null],
    ['QUEUED', null],
  ]);
});

test('a handler that is nearly done may finish within the grace', async () => {
  const queue = bench.replica();
  const { opened, open } = gate();
  queue.define('DATASET', async () => {
    open();
    await sleep(300);
  });
  await queue.start();
  await bench.enqueue(queue);
  await opened;
  await bench.stop();
  expect(await onlyJob()).toMatchObject({ status: 'SUCCEEDED' });
});

test('a handler that outlasts the grace is left running, and the next start takes its job without counting the attempt', async () => {
  const stubborn = bench.replica({ shutdownGraceSeconds: 0.1 });
  const { opened, open } = gate();
  const { opened: letGo, open: release } = gate();
  stubborn.define('DATASET', async () => {
    open();
    await letGo;
  });
  await stubborn.start();
  const id = await bench.enqueue(stubborn);
  await opened;
  await bench.stop();
  expect(await onlyJob()).toMatchObject({ status: 'RUNNING', attempt: 0 });
  const next = bench.replica();
  next.define('DATASET', async () => undefined);
  await next.start();
  expect(await next.wait(id)).toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
  release();
});

test('a job whose message was lost is sent again', async () => {
  const queue = bench.replica({ timing: { sweepMs: 100 } });
  const runs: number[] = [];
  queue.define('DATASET', async (_, job) => void runs.push(job.attempt));
  await queue.start();
  await database.dataSource.query(
    `INSERT INTO jobs (kind, subject, input, actor, request_id, created_at) VALUES ('DATASET', 'Dataset:1', '{}', 'ada', 'r1', now() - interval '1 minute')`,
  );
  expect(await queue.wait((await onlyJob()).id)).toMatchObject({ status: 'SUCCEEDED' });
  expect(runs).toEqual([1]);
});

test('a message for a job that is done already is ignored', async () => {
  const queue = bench.replica();
  const runs: string[] = [];
  queue.define('DATASET', async (_, job) => void runs.push(job.jobId));
  await queue.start();
  const id = await bench.enqueue(queue);
  await queue.wait(id);
  await database.dataSource.query(
    `INSERT INTO pgboss.job (name, data, policy, singleton_key) VALUES ('DATASET', jsonb_build_object('jobId', $1::text), 'short', $1)`,
    [id],
  );
  const next = await bench.enqueue(queue);
  await queue.wait(next);
  expect(runs).toEqual([id, next]);
});

test('work goes on after the connections of the queue were cut', async () => {
  const queue = bench.replica();
  queue.define('DATASET', async () => undefined);
  await queue.start();
  const cut = await database.dataSource.query<unknown[]>(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('mooring jobs', 'mooring worker')`,
  );
  expect(cut.length).toBeGreaterThanOrEqual(2);
  const id = await bench.enqueue(queue);
  expect(await queue.wait(id)).toMatchObject({ status: 'SUCCEEDED' });
});
