import { setTimeout as sleep } from 'node:timers/promises';
import type { EventConsumers, EventStream, MooringEvent } from '../../../src/services/events';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { EventBench, numbers, range } from './event-bench';

let database: TestDatabase;
let bench: EventBench;
let stream: EventStream;

beforeEach(async () => {
  database = await createTestDatabase();
  bench = new EventBench(database);
  bench.startRelay();
  stream = await bench.startStream();
});

afterEach(async () => {
  await bench.stop();
  await database.drop();
});

/** A consumer that keeps what it handled. */
async function startConsumer(handled: MooringEvent[], retryPausesMs?: readonly number[]): Promise<EventConsumers> {
  const consumers = bench.consumers(stream, retryPausesMs);
  consumers.add('test', ['DATASET_READY'], async (event) => void handled.push(event));
  await consumers.start();
  return consumers;
}

async function untilHandled(handled: readonly unknown[], count: number): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (handled.length < count && Date.now() < deadline) await sleep(10);
  expect(handled.length).toBeGreaterThanOrEqual(count);
}

const offset = async (): Promise<number> => {
  const [row] = await database.dataSource.query<{ last_sequence: string }[]>(
    `SELECT last_sequence FROM event_consumers WHERE name = 'test'`,
  );
  return Number(row?.last_sequence);
};

test('a consumer handles events in order and goes on where it stopped after a restart', async () => {
  const handled: MooringEvent[] = [];
  const first = await startConsumer(handled);
  for (const number of range(1, 5)) await bench.record(number);
  await untilHandled(handled, 5);
  await first.stop();
  for (const number of range(6, 10)) await bench.record(number);
  await startConsumer(handled);
  await untilHandled(handled, 10);
  expect(numbers(handled)).toEqual(range(1, 10));
});

test('a new consumer begins with what happens after it was first started', async () => {
  const listener = stream.subscribe({ types: ['DATASET_READY'], after: null });
  await bench.record(1);
  await listener.next();
  const handled: MooringEvent[] = [];
  await startConsumer(handled);
  await bench.record(2);
  await untilHandled(handled, 1);
  expect(numbers(handled)).toEqual([2]);
});

test('an event whose handling fails is tried again before the next one', async () => {
  const attempts: number[] = [];
  const consumers = bench.consumers(stream, [10, 10]);
  consumers.add('test', ['DATASET_READY'], async (event) => {
    const [number] = numbers([event]);
    attempts.push(number);
    if (number === 1 && attempts.length < 3) throw new Error('not yet');
  });
  await consumers.start();
  await bench.record(1);
  await bench.record(2);
  await untilHandled(attempts, 4);
  expect(attempts).toEqual([1, 1, 1, 2]);
});

test('an event that fails every time is skipped, and those after it are handled', async () => {
  const attempts: number[] = [];
  const consumers = bench.consumers(stream, [5, 5]);
  consumers.add('test', ['DATASET_READY'], async (event) => {
    const [number] = numbers([event]);
    attempts.push(number);
    if (number === 1) throw new Error('poison');
  });
  await consumers.start();
  await bench.record(1);
  await bench.record(2);
  await untilHandled(attempts, 4);
  expect(attempts).toEqual([1, 1, 1, 2]);
});

test('of two replicas one serves a consumer, and when its connection dies an event comes at least once', async () => {
  const handled: MooringEvent[] = [];
  await startConsumer(handled);
  await startConsumer(handled);
  for (const number of range(1, 20)) {
    await bench.record(number);
    if (number % 10 === 5) await bench.terminate('mooring consumers', 2);
  }
  await untilHandled(handled, 20);
  expect([...new Set(numbers(handled))]).toEqual(range(1, 20));
  // A repetition is only what was under way when a connection died.
  expect(handled.length).toBeLessThanOrEqual(22);
});

test('events that a consumer does not listen to do not hold its offset back', async () => {
  const handled: MooringEvent[] = [];
  const consumers = bench.consumers(stream);
  consumers.add('test', ['DRIFT_DETECTED'], async (event) => void handled.push(event));
  await consumers.start();
  for (const number of range(1, 3)) await bench.record(number);
  const deadline = Date.now() + 10_000;
  while ((await offset()) < 3 && Date.now() < deadline) await sleep(20);
  expect(await offset()).toBe(3);
  expect(handled).toEqual([]);
});

test('stopping waits for the handler that runs and keeps what it did', async () => {
  const ends: string[] = [];
  const consumers = bench.consumers(stream);
  let begun = (): void => undefined;
  const running = new Promise<void>((resolve) => (begun = resolve));
  consumers.add('test', ['DATASET_READY'], async () => {
    begun();
    await sleep(200);
    ends.push('handled');
  });
  await consumers.start();
  await bench.record(1);
  await running;
  await consumers.stop();
  expect(ends).toEqual(['handled']);
  expect(await offset()).toBe(1);
});
