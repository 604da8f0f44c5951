import fc from 'fast-check';
import { RecentEvents } from '../../../src/services/events/recent-events';
import { anEvent } from './event-builder';

const upTo = (head: number, from: number, capacity: number): RecentEvents => {
  const recent = new RecentEvents(capacity, from);
  for (let sequence = from + 1; sequence <= head; sequence++) recent.add(anEvent(sequence));
  return recent;
};

test('what followed a sequence is given without a gap, or not at all when it is too far back', () => {
  fc.assert(
    fc.property(
      fc.nat(50),
      fc.nat(100),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(150),
      (from, more, capacity, after) => {
        const head = from + more;
        const given = upTo(head, from, capacity).after(after);
        const missed = Math.max(0, head - after);
        const kept = missed === 0 || (after >= from && missed <= capacity);
        const expected = kept ? Array.from({ length: missed }, (_, index) => after + 1 + index) : undefined;
        expect(given?.map(({ sequence }) => sequence)).toEqual(expected);
      },
    ),
  );
});

test('nothing from before a skip is given', () => {
  const recent = upTo(10, 0, 5);
  recent.skipTo(20);
  recent.add(anEvent(21));
  expect(recent.after(19)).toBeNull();
  expect(recent.after(20)?.map(({ sequence }) => sequence)).toEqual([21]);
  expect(recent.head).toBe(21);
});
