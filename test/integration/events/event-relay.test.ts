import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { EventBench, numbers, range, take } from './event-bench';

let database: TestDatabase;
let bench: EventBench;

beforeEach(async () => {
  database = await createTestDatabase();
  bench = new EventBench(database);
});

afterEach(async () => {
  await bench.stop();
  await database.drop();
});

const sequences = async (): Promise<number[]> => {
  const rows = await database.dataSource.query<{ sequence: string }[]>(
    'SELECT sequence FROM outbox_events WHERE sequence IS NOT NULL ORDER BY sequence',
  );
  return rows.map(({ sequence }) => Number(sequence));
};

async function until(condition: () => Promise<boolean>, withinMs = 10_000): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not so within ${withinMs} ms`);
    await sleep(10);
  }
  return performance.now() - startedAt;
}

test('however commits interleave, every event gets one sequence without a gap, and a listener gets each once, in order', async () => {
  bench.startRelay();
  const stream = await bench.startStream();
  let recorded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 9 }), async (pausesMs) => {
      const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
      const mine = pausesMs.map((_, index) => recorded + index);
      recorded += pausesMs.length;
      // The later a transaction took its id the sooner it may commit: the order by id is not the order of commits.
      await Promise.all(pausesMs.map((pauseMs, index) => bench.record(mine[index], { pauseMs })));
      const events = await take(listener, pausesMs.length);
      await listener.return?.();
      expect(numbers(events).sort((a, b) => a - b)).toEqual(mine);
      const first = events[0].sequence;
      expect(events.map(({ sequence }) => sequence)).toEqual(range(first, first + events.length - 1));
    }),
    { numRuns: 25 },
  );
  expect(await sequences()).toEqual(range(1, recorded));
});

test('an event that is rolled back is never told and leaves no gap', async () => {
  bench.startRelay();
  const stream = await bench.startStream();
  const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
  await bench.record(1);
  const failing = database.dataSource.transaction(async (manager) => {
    await manager.query(
      `INSERT INTO outbox_events (type, payload, actor, request_id) VALUES ('DATASET_READY', '{"datasetId": "9"}', 'a', 'r')`,
    );
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await bench.record(2);
  expect(numbers(await take(listener, 2))).toEqual([1, 2]);
  expect(await sequences()).toEqual([1, 2]);
});

test('a commit of this process is relayed at once, without waiting for a poll', async () => {
  bench.startRelay();
  const stream = await bench.startStream();
  // Long enough for the relay to have slowed down to its longest pause.
  await sleep(1500);
  const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
  const latenciesMs: number[] = [];
  for (const number of range(1, 5)) {
    await bench.record(number);
    const committedAt = performance.now();
    await take(listener, 1);
    latenciesMs.push(performance.now() - committedAt);
  }
  // The median, so that one pause of a busy machine does not decide.
  expect(latenciesMs.sort((a, b) => a - b)[2]).toBeLessThan(150);
});

test('when the active one of two relays loses its connection another goes on within 5 s, and nothing is lost or doubled', async () => {
  bench.startRelay();
  bench.startRelay();
  const stream = await bench.startStream();
  const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
  let stopped = false;
  let recorded = 0;
  const writer = (async () => {
    while (!stopped) await Promise.all(range(1, 5).map(() => bench.record((recorded += 1), { pauseMs: recorded % 7 })));
  })();
  for (let kill = 0; kill < 4; kill++) {
    await until(async () => (await bench.activeRelayPid()) !== null);
    await sleep(150);
    const pid = await bench.activeRelayPid();
    await database.dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
    const pausedMs = await until(async () => ![null, pid].includes(await bench.activeRelayPid()));
    expect(pausedMs).toBeLessThan(5000);
  }
  stopped = true;
  await writer;
  const events = await take(listener, recorded);
  expect(numbers(events).sort((a, b) => a - b)).toEqual(range(1, recorded));
  expect(events.map(({ sequence }) => sequence)).toEqual(range(1, recorded));
});

test('one relay takes over when the other stops', async () => {
  const first = bench.startRelay();
  await until(async () => (await bench.activeRelayPid()) !== null);
  bench.startRelay();
  await first.stop();
  const stream = await bench.startStream();
  const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
  await bench.record(1);
  expect(numbers(await take(listener, 1))).toEqual([1]);
});

test('PostgreSQL ends the session of a relay that hangs, so that its lock is free within 5 s', async () => {
  bench.startRelay();
  await until(async () => (await bench.activeRelayPid()) !== null);
  const pid = await bench.activeRelayPid();
  // What a hanging process looks like: the event loop does nothing for longer than the time-out.
  const until4500 = performance.now() + 4500;
  while (performance.now() < until4500);
  await until(async () => ![null, pid].includes(await bench.activeRelayPid()), 3000);
  expect(await bench.activeRelayPid()).not.toBe(pid);
});

test('what is past retention is forgotten, but nothing that a durable consumer has yet to handle', async () => {
  const relay = bench.startRelay({ retentionHours: 1 });
  const stream = await bench.startStream();
  const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
  for (const number of range(1, 6)) await bench.record(number);
  await take(listener, 6);
  await relay.stop();
  await database.dataSource.query(
    `UPDATE outbox_events SET occurred_at = now() - interval '2 hours' WHERE sequence <= 4`,
  );
  await database.dataSource.query(`INSERT INTO event_consumers VALUES ('slow', 3)`);
  bench.startRelay({ retentionHours: 1 });
  await until(async () => (await sequences()).length < 6);
  expect(await sequences()).toEqual([4, 5, 6]);

  await database.dataSource.query(`UPDATE event_consumers SET last_sequence = 6`);
  await bench.stop();
  bench.startRelay({ retentionHours: 1 });
  await until(async () => (await sequences()).length < 3);
  expect(await sequences()).toEqual([5, 6]);
});
