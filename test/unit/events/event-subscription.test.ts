import fc from 'fast-check';
import { ListenerTooSlow, ShuttingDown } from '../../../src/errors';
import type { EventFilter } from '../../../src/services/events';
import { eventCursor } from '../../../src/services/events/event-cursor';
import { EventSubscription } from '../../../src/services/events/event-subscription';
import { anEvent } from './event-builder';

const ANY: EventFilter = { types: ['DATASET_READY', 'DRIFT_DETECTED'] };

function listener({ wanted = ANY, position = 0, capacity = 3 } = {}) {
  const ends: EventSubscription[] = [];
  const subscription = new EventSubscription(wanted, position, capacity, (ended) => ends.push(ended));
  return { subscription, ends };
}

const DONE = { value: undefined, done: true };

test('events are taken in the order in which they were offered', async () => {
  const { subscription } = listener();
  const waiting = subscription.next();
  for (const sequence of [1, 2, 3]) subscription.offer(anEvent(sequence));
  expect((await waiting).value?.sequence).toBe(1);
  expect((await subscription.next()).value?.sequence).toBe(2);
  expect((await subscription.next()).value?.sequence).toBe(3);
});

test('what was offered before is not given again, so replay and live may overlap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), async (offers) => {
      const { subscription } = listener({ position: 5, capacity: 100 });
      for (const sequence of offers) subscription.offer(anEvent(sequence));
      const expected = offers.filter((sequence, index) => sequence > Math.max(5, ...offers.slice(0, index)));
      const taken: (number | undefined)[] = [];
      for (const _ of expected) taken.push((await subscription.next()).value?.sequence);
      expect(taken).toEqual(expected);
    }),
  );
});

test('only events of the types, the model and the condition are given', async () => {
  const wanted: EventFilter = { types: ['DRIFT_DETECTED'], modelId: 'm', filter: ({ actor }) => actor === 'ada' };
  const { subscription } = listener({ wanted });
  subscription.offer(anEvent(1));
  subscription.offer(anEvent(2, { type: 'DRIFT_DETECTED' }));
  subscription.offer(anEvent(3, { type: 'DRIFT_DETECTED', modelId: 'm', actor: 'eve' }));
  subscription.offer(anEvent(4, { type: 'DRIFT_DETECTED', modelId: 'm' }));
  expect((await subscription.next()).value?.sequence).toBe(4);
});

test('one event more than the queue holds ends the listener, saying where to resume', async () => {
  const { subscription, ends } = listener({ capacity: 2 });
  subscription.offer(anEvent(1));
  await subscription.next();
  for (const sequence of [2, 3, 4]) subscription.offer(anEvent(sequence));
  const failure = await subscription.next().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ListenerTooSlow);
  expect((failure as ListenerTooSlow).details).toEqual({ lastCursor: eventCursor(1) });
  expect(ends).toEqual([subscription]);
  expect(await subscription.next()).toEqual(DONE);
});

test('a listener that took nothing yet can resume where it began', async () => {
  const { subscription } = listener({ position: 7, capacity: 1 });
  subscription.offer(anEvent(8));
  subscription.offer(anEvent(9));
  await expect(subscription.next()).rejects.toMatchObject({ details: { lastCursor: eventCursor(7) } });
});

test('events that are not wanted take no room in the queue', async () => {
  const { subscription } = listener({ wanted: { types: ['DRIFT_DETECTED'] }, capacity: 1 });
  for (let sequence = 1; sequence < 100; sequence++) subscription.offer(anEvent(sequence));
  subscription.offer(anEvent(100, { type: 'DRIFT_DETECTED' }));
  expect((await subscription.next()).value?.sequence).toBe(100);
});

test('a condition that throws ends its own listener', async () => {
  const filter = (): boolean => {
    throw new Error('mine');
  };
  const { subscription, ends } = listener({ wanted: { ...ANY, filter } });
  subscription.offer(anEvent(1));
  await expect(subscription.next()).rejects.toThrow('mine');
  expect(ends).toEqual([subscription]);
});

test('returning ends a listener that waits, at once', async () => {
  const { subscription, ends } = listener();
  const waiting = [subscription.next(), subscription.next()];
  await subscription.return();
  expect(await Promise.all(waiting)).toEqual([DONE, DONE]);
  expect(ends).toEqual([subscription]);
});

test('breaking out of a loop frees the listener, and what comes later is dropped', async () => {
  const { subscription, ends } = listener();
  subscription.offer(anEvent(1));
  subscription.offer(anEvent(2));
  for await (const { sequence } of subscription) {
    expect(sequence).toBe(1);
    break;
  }
  expect(ends).toEqual([subscription]);
  subscription.offer(anEvent(3));
  expect(await subscription.next()).toEqual(DONE);
});

test('throwing into the iterator frees the listener', async () => {
  const { subscription, ends } = listener();
  await expect(subscription.throw(new Error('mine'))).rejects.toThrow('mine');
  expect(ends).toEqual([subscription]);
});

test('a failure reaches one who waits, once', async () => {
  const { subscription } = listener();
  const waiting = subscription.next();
  subscription.fail(new ShuttingDown());
  await expect(waiting).rejects.toThrow(ShuttingDown);
  expect(await subscription.next()).toEqual(DONE);
});

test('whoever fills the queue is told when it is empty, or when nobody takes any more', async () => {
  const { subscription } = listener();
  const order: string[] = [];
  subscription.offer(anEvent(1));
  const emptied = subscription.emptied().then(() => order.push('emptied'));
  order.push('taking');
  await subscription.next();
  await emptied;
  expect(order).toEqual(['taking', 'emptied']);

  subscription.offer(anEvent(2));
  const ended = subscription.emptied();
  await subscription.return();
  await expect(ended).resolves.toBeUndefined();
});
