import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { CursorExpired, CursorInvalid, ListenerTooSlow, ShuttingDown } from '../../../src/errors';
import type { EventStream, MooringEvent } from '../../../src/services/events';
import { eventCursor } from '../../../src/services/events/event-cursor';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { EventBench, numbers, range, take } from './event-bench';

let database: TestDatabase;
let bench: EventBench;

beforeEach(async () => {
  database = await createTestDatabase();
  bench = new EventBench(database);
  bench.startRelay();
});

afterEach(async () => {
  await bench.stop();
  await database.drop();
});

const listen = (stream: EventStream, after: string | null = null, modelId: string | null = null) =>
  stream.subscribe({ types: ['DATASET_READY'], after, modelId });

async function recordAll(count: number, from = 1): Promise<void> {
  for (const number of range(from, from + count - 1)) await bench.record(number);
}

/** Records events and waits until the stream has heard them. */
async function recordAndHear(stream: EventStream, count: number, from = 1): Promise<MooringEvent[]> {
  const listener = listen(stream);
  const hearing = take(listener, count);
  await recordAll(count, from);
  const events = await hearing;
  await listener.return?.();
  return events;
}

test('an event carries its type, payload, model, actor, request and time', async () => {
  const stream = await bench.startStream();
  const listener = listen(stream);
  const modelId = randomUUID();
  await bench.record(7, { modelId });
  const [event] = await take(listener, 1);
  expect(event).toEqual({
    cursor: eventCursor(1),
    sequence: 1,
    type: 'DATASET_READY',
    modelId,
    payload: { datasetId: '7' },
    actor: 'ada',
    requestId: 'r1',
    occurredAt: expect.any(Date),
  });
});

test('after null a listener hears what comes from now on, and every listener hears it', async () => {
  const stream = await bench.startStream();
  await recordAndHear(stream, 3);
  const listeners = [listen(stream), listen(stream), listen(stream)];
  await recordAll(4, 4);
  for (const listener of listeners) expect(numbers(await take(listener, 4))).toEqual([4, 5, 6, 7]);
});

test('only events of the asked model are heard, live and replayed', async () => {
  // No place in the queue for any event but its own four.
  const stream = await bench.startStream({ subscriberQueueSize: 4 });
  const modelId = randomUUID();
  const live = listen(stream, null, modelId);
  for (const number of range(1, 12)) await bench.record(number, { modelId: number % 3 === 0 ? modelId : randomUUID() });
  expect(numbers(await take(live, 4))).toEqual([3, 6, 9, 12]);
  const replayed = listen(stream, eventCursor(0), modelId);
  expect(numbers(await take(replayed, 4))).toEqual([3, 6, 9, 12]);
});

test('a listener that disconnects anywhere resumes with every event once, while more keep coming', async () => {
  const stream = await bench.startStream({ subscriberQueueSize: 20 });
  let recorded = 0;
  let stopped = false;
  const writer = (async () => {
    while (!stopped) await Promise.all(range(1, 3).map((pauseMs) => bench.record((recorded += 1), { pauseMs })));
  })();
  const heard: MooringEvent[] = [];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.nat(60), async (count, awayMs) => {
      const listener = listen(stream, heard.at(-1)?.cursor ?? eventCursor(0));
      heard.push(...(await take(listener, count)));
      await listener.return?.();
      // Sometimes within the events in memory, sometimes long past them.
      await sleep(awayMs);
    }),
    { numRuns: 30 },
  );
  stopped = true;
  await writer;
  const last = listen(stream, heard.at(-1)!.cursor);
  heard.push(...(await take(last, recorded - heard.length)));
  expect(heard.map(({ sequence }) => sequence)).toEqual(range(1, recorded));
  expect(numbers(heard).sort((a, b) => a - b)).toEqual(range(1, recorded));
});

test('a listener resumes on another replica, and after a restart', async () => {
  const first = await bench.startStream();
  const events = await recordAndHear(first, 5);
  await first.stop();
  await recordAll(5, 6);
  const second = await bench.startStream();
  expect(numbers(await take(listen(second, events[2].cursor), 7))).toEqual(range(4, 10));
});

test('a connection that is cut while listening costs no event', async () => {
  const stream = await bench.startStream();
  const listener = listen(stream);
  await recordAll(5);
  for (const round of [1, 2, 3]) {
    await bench.terminate('mooring events');
    await recordAll(5, round * 5 + 1);
  }
  expect(numbers(await take(listener, 20))).toEqual(range(1, 20));
});

test('a listener that stops reading is ended alone, and resumes where it stopped', async () => {
  const stream = await bench.startStream({ subscriberQueueSize: 10 });
  const slow = listen(stream);
  const prompt = listen(stream);
  const reading = take(prompt, 40);
  await recordAll(40);
  expect(numbers(await reading)).toEqual(range(1, 40));
  const failure: unknown = await slow.next().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ListenerTooSlow);
  const { lastCursor } = (failure as ListenerTooSlow).details as { lastCursor: string };
  expect(numbers(await take(listen(stream, lastCursor), 40))).toEqual(range(1, 40));
});

test('a burst larger than the queue does not end a listener that reads', async () => {
  const stream = await bench.startStream({ subscriberQueueSize: 10 });
  const listener = listen(stream);
  const reading = take(listener, 300);
  await Promise.all(range(1, 300).map((number) => bench.record(number)));
  expect(numbers(await reading).sort((a, b) => a - b)).toEqual(range(1, 300));
});

test('a listener that replays slowly keeps its place, however many events it missed', async () => {
  const stream = await bench.startStream({ subscriberQueueSize: 4 });
  await recordAndHear(stream, 60);
  const listener = listen(stream, eventCursor(0));
  expect(numbers(await take(listener, 10))).toEqual(range(1, 10));
  await recordAll(30, 61);
  await sleep(200);
  expect(numbers(await take(listener, 80))).toEqual(range(11, 90));
});

test('a cursor that is malformed, from the future, or from before retention is refused', async () => {
  const stream = await bench.startStream();
  await recordAndHear(stream, 5);
  expect(() => listen(stream, 'nonsense')).toThrow(CursorInvalid);
  await expect(listen(stream, eventCursor(6)).next()).rejects.toThrow(CursorInvalid);
  await database.dataSource.query('UPDATE event_sequence SET pruned_through = 3');
  await database.dataSource.query('DELETE FROM outbox_events WHERE sequence <= 3');
  const restarted = await bench.startStream();
  await expect(listen(restarted, eventCursor(2)).next()).rejects.toMatchObject({
    code: 'CURSOR_EXPIRED',
    details: { oldest: eventCursor(3) },
  });
  expect(numbers(await take(listen(restarted, eventCursor(3)), 2))).toEqual([4, 5]);
});

test('a cursor that another replica gave out a moment ago is not from the future', async () => {
  const stream = await bench.startStream();
  await stream.stop();
  await recordAndHear(await bench.startStream(), 2);
  // This one has not heard of them when it is asked: its connection is gone.
  const behind = await bench.startStream();
  await bench.terminate('mooring events');
  await database.dataSource.query('UPDATE event_sequence SET last_sequence = 3');
  await database.dataSource.query(
    `INSERT INTO outbox_events (type, payload, actor, request_id, sequence) VALUES ('DATASET_READY', '{"datasetId": "3"}', 'ada', 'r1', 3)`,
  );
  const listener = listen(behind, eventCursor(3));
  await bench.record(4);
  expect(numbers(await take(listener, 1))).toEqual([4]);
});

test('stopping tells every listener, and new ones are refused', async () => {
  const stream = await bench.startStream();
  const told = [listen(stream), listen(stream, eventCursor(0))].map((listener) =>
    listener.next().catch((error: unknown) => error),
  );
  await stream.stop();
  for (const error of await Promise.all(told)) expect(error).toBeInstanceOf(ShuttingDown);
  expect(() => listen(stream)).toThrow(ShuttingDown);
});

test('kept events are listed in pages, by type, from a cursor', async () => {
  const stream = await bench.startStream();
  await recordAndHear(stream, 5);
  const page = await stream.list({ after: null, types: null, first: 2 });
  expect(numbers(page)).toEqual([1, 2]);
  expect(numbers(await stream.list({ after: page[1].cursor, types: ['DATASET_READY'], first: 10 }))).toEqual([3, 4, 5]);
  expect(await stream.list({ after: null, types: ['DRIFT_DETECTED'], first: 10 })).toEqual([]);
  await expect(stream.list({ after: eventCursor(9), types: null, first: 1 })).rejects.toThrow(CursorInvalid);
  await database.dataSource.query('UPDATE event_sequence SET pruned_through = 3');
  await expect(stream.list({ after: eventCursor(1), types: null, first: 1 })).rejects.toThrow(CursorExpired);
});
