import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditEntry, JobRecord } from '../../../src/entities';
import { InvalidInput, NotFound, ShuttingDown } from '../../../src/errors';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { ACTOR, JobBench, gate } from './job-bench';

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

test('a job runs with its input and its actor, reports its progress, and succeeds', async () => {
  const queue = bench.replica({ timing: { progressMs: 20 } });
  const seen: unknown[] = [];
  queue.define<{ rows: number }>('DATASET', async (input, job) => {
    seen.push(input, job.actor, job.attempt);
    job.progress(0.5, 'half way');
    await sleep(100);
  });
  await queue.start();
  const id = await bench.enqueue(queue, { rows: 7 });
  const states: [string, number, string][] = [];
  for await (const { status, progressRatio, progressMessage } of queue.watch(id)) {
    states.push([status, progressRatio, progressMessage]);
  }
  expect(seen).toEqual([{ rows: 7 }, ACTOR, 1]);
  expect(states).toContainEqual(['RUNNING', 0.5, 'half way']);
  expect(states.at(-1)).toEqual(['SUCCEEDED', 1, 'half way']);
  const [job] = await queue.find([id]);
  expect(job).toMatchObject({ subject: 'Dataset:1', actor: 'ada', requestId: 'r1', errorCode: null });
  expect(job.finishedAt!.getTime()).toBeGreaterThanOrEqual(job.startedAt!.getTime());
});

test('a job starts at once when its transaction commits, and not before', async () => {
  const queue = bench.replica({ timing: { pollMs: 5000 } });
  const started = gate();
  queue.define('DATASET', async () => started.open());
  await queue.start();
  await sleep(100);
  let committedAt = Infinity;
  let startedAt = 0;
  void started.opened.then(() => (startedAt = performance.now()));
  await database.dataSource.transaction(async (manager) => {
    await queue.enqueue(manager, { kind: 'DATASET', subject: 'Dataset:1', input: {}, actor: ACTOR });
    await sleep(300);
    committedAt = performance.now();
  });
  await started.opened;
  expect(startedAt).toBeGreaterThan(committedAt);
  expect(startedAt - committedAt).toBeLessThan(1000);
});

test('a transaction that is rolled back leaves neither a job nor a message', async () => {
  const queue = bench.replica();
  const runs: string[] = [];
  queue.define('DATASET', async (_, job) => void runs.push(job.jobId));
  await queue.start();
  const failing = database.dataSource.transaction(async (manager) => {
    await queue.enqueue(manager, { kind: 'DATASET', subject: 'Dataset:1', input: {}, actor: ACTOR });
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  const id = await bench.enqueue(queue);
  await queue.wait(id);
  expect(runs).toEqual([id]);
  expect(await database.dataSource.manager.count(JobRecord)).toBe(1);
  expect(await database.dataSource.query('SELECT id FROM pgboss.job')).toEqual([]);
});

test('a DomainError fails the job at once and its subject is told', async () => {
  const queue = bench.replica();
  const attempts: number[] = [];
  const told: unknown[] = [];
  queue.define<{ name: string }>(
    'DATASET',
    async (_, job) => {
      attempts.push(job.attempt);
      throw new InvalidInput('input.labels', 'there is no such field');
    },
    { onFailed: async (input, error, job) => void told.push([input.name, error.code, job.actor.name]) },
  );
  await queue.start();
  const job = await queue.wait(await bench.enqueue(queue, { name: 'may' }));
  expect(job).toMatchObject({
    status: 'FAILED',
    errorCode: 'INVALID_INPUT',
    errorMessage: 'labels: there is no such field',
  });
  expect(attempts).toEqual([1]);
  expect(told).toEqual([['may', 'INVALID_INPUT', 'ada']]);
});

test('a fault that passes is tried again', async () => {
  const queue = bench.replica();
  const attempts: number[] = [];
  queue.define('DATASET', async (_, job) => {
    attempts.push(job.attempt);
    if (job.attempt === 1) throw new Error('connection reset');
  });
  await queue.start();
  const job = await queue.wait(await bench.enqueue(queue));
  expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, errorCode: null });
  expect(attempts).toEqual([1, 2]);
});

test('a fault that stays fails the job after three attempts, masked', async () => {
  const queue = bench.replica();
  const told: string[] = [];
  queue.define(
    'DATASET',
    async () => {
      throw new Error('password=hunter2');
    },
    { onFailed: async (_, error) => void told.push(error.code) },
  );
  await queue.start();
  const job = await queue.wait(await bench.enqueue(queue));
  expect(job).toMatchObject({
    status: 'FAILED',
    attempt: 3,
    errorCode: 'INTERNAL_SERVER_ERROR',
    errorMessage: 'Internal error. Request r1',
  });
  expect(told).toEqual(['INTERNAL_SERVER_ERROR']);
});

test('no more jobs of a kind run at once than its concurrency allows, over many jobs', async () => {
  const queue = bench.replica();
  let running = 0;
  let most = 0;
  queue.define(
    'DATASET',
    async () => {
      most = Math.max(most, (running += 1));
      await sleep(20);
      running -= 1;
    },
    { concurrency: 2 },
  );
  await queue.start();
  const ids = await Promise.all(Array.from({ length: 9 }, () => bench.enqueue(queue)));
  const jobs = await Promise.all(ids.map((id) => queue.wait(id)));
  expect(jobs.map(({ status }) => status)).toEqual(Array(9).fill('SUCCEEDED'));
  expect(most).toBe(2);
});

test('over two replicas every job runs once', async () => {
  const runs: string[] = [];
  const replicas = [bench.replica(), bench.replica()];
  for (const queue of replicas) {
    queue.define('DATASET', async (_, job) => {
      runs.push(job.jobId);
      await sleep(5);
    });
  }
  // Together, on a database where pg-boss is not installed yet.
  await Promise.all(replicas.map((queue) => queue.start()));
  const ids = await Promise.all(Array.from({ length: 20 }, (_, index) => bench.enqueue(replicas[index % 2])));
  await Promise.all(ids.map((id) => replicas[0].wait(id)));
  expect([...runs].sort()).toEqual([...ids].sort());
});

describe('cancelling', () => {
  const cancellable = (told: string[], running: () => void) => (queue: ReturnType<JobBench['replica']>) =>
    queue.define(
      'DATASET',
      async (_, job) => {
        running();
        await sleep(60_000, undefined, { signal: job.signal });
      },
      { onFailed: async (_, error) => void told.push(error.code) },
    );

  test('a running job is told to stop and ends as cancelled', async () => {
    const told: string[] = [];
    const { opened, open } = gate();
    const queue = bench.replica();
    cancellable(told, open)(queue);
    await queue.start();
    const id = await bench.enqueue(queue);
    await opened;
    await queue.cancel(id, { name: 'bob', requestId: 'r2' });
    const job = await queue.wait(id);
    expect(job).toMatchObject({ status: 'CANCELLED', errorCode: 'CANCELLED', cancelRequested: true });
    expect(told).toEqual(['CANCELLED']);
    const [entry] = await database.dataSource.manager.findBy(AuditEntry, { action: 'job.cancel' });
    expect(entry).toMatchObject({ actor: 'bob', requestId: 'r2', subject: `Job:${id}`, chain: 'platform' });
  });

  test('a job that runs on another replica is told through the database', async () => {
    const told: string[] = [];
    const { opened, open } = gate();
    const here = bench.replica({ timing: { heartbeatMs: 100 } });
    cancellable(told, open)(here);
    await here.start();
    const elsewhere = bench.replica();
    cancellable(told, open)(elsewhere);
    const id = await bench.enqueue(here);
    await opened;
    expect(await elsewhere.cancel(id, ACTOR)).toMatchObject({ status: 'RUNNING', cancelRequested: true });
    expect(await here.wait(id)).toMatchObject({ status: 'CANCELLED' });
    expect(told).toEqual(['CANCELLED']);
  });

  test('a waiting job is cancelled at once, although another one runs, and its subject is told', async () => {
    const told: string[] = [];
    const { opened, open } = gate();
    const queue = bench.replica();
    cancellable(told, open)(queue);
    await queue.start();
    const running = await bench.enqueue(queue);
    await opened;
    const waiting = await bench.enqueue(queue);
    expect(await queue.cancel(waiting, ACTOR)).toMatchObject({ status: 'CANCELLED' });
    expect(told).toEqual(['CANCELLED']);
    expect((await queue.find([running]))[0]).toMatchObject({ status: 'RUNNING' });
    await queue.cancel(running, ACTOR);
  });

  test('a finished job stays as it is, without an entry in the audit trail', async () => {
    const queue = bench.replica();
    queue.define('DATASET', async () => undefined);
    await queue.start();
    const id = await bench.enqueue(queue);
    await queue.wait(id);
    expect(await queue.cancel(id, ACTOR)).toMatchObject({ status: 'SUCCEEDED', cancelRequested: false });
    expect(await database.dataSource.manager.countBy(AuditEntry, { action: 'job.cancel' })).toBe(0);
  });

  test('a handler that ends well although it was told to stop has succeeded', async () => {
    const queue = bench.replica();
    const { opened, open } = gate();
    queue.define('DATASET', async (_, job) => {
      open();
      while (!job.signal.aborted) await sleep(5);
    });
    await queue.start();
    const id = await bench.enqueue(queue);
    await opened;
    await queue.cancel(id, ACTOR);
    expect(await queue.wait(id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a job that does not exist cannot be cancelled', async () => {
    await expect(bench.replica().cancel(randomUUID(), ACTOR)).rejects.toThrow(NotFound);
  });
});

test('a kind without a handler cannot be enqueued', async () => {
  await expect(bench.enqueue(bench.replica())).rejects.toThrow('No handler is defined for jobs of kind DATASET');
});

test('whoever watches a job when the server stops is told', async () => {
  const queue = bench.replica();
  queue.define('DATASET', async (_, job) => sleep(60_000, undefined, { signal: job.signal }));
  await queue.start();
  const told = queue.wait(await bench.enqueue(queue)).catch((error: unknown) => error);
  await sleep(200);
  await bench.stop();
  expect(await told).toBeInstanceOf(ShuttingDown);
});
