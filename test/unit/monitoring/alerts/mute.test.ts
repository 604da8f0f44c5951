import fc from 'fast-check';
import type { AlertKind, UnannouncedChange } from '../../../../src/entities';
import { ALERT_KINDS } from '../../../../src/entities';
import { announce, isMuted } from '../../../../src/services/monitoring/alerts/mute.policy';

const at = (second: number): Date => new Date(second * 1000);

describe('A mute', () => {
  const mute = { kinds: ['LATENCY'] as AlertKind[], startsAt: at(10), endsAt: at(20) };

  it('holds from its start, and no longer at its end, for its kinds', () => {
    const moments = [9, 10, 19, 20].map((second) => isMuted([mute], 'LATENCY', at(second)));
    expect(moments).toEqual([false, true, true, false]);
    expect(isMuted([mute], 'VOLUME', at(15))).toBe(false);
    expect(isMuted([{ ...mute, kinds: null }], 'VOLUME', at(15))).toBe(true);
  });

  it('holds at a second that any of them has among its own', () => {
    const mutes = fc.array(
      fc.record({
        kinds: fc.option(fc.subarray([...ALERT_KINDS], { minLength: 1 })),
        start: fc.integer({ min: 0, max: 12 }),
        length: fc.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(mutes, fc.constantFrom(...ALERT_KINDS), fc.integer({ min: 0, max: 20 }), (drawn, kind, second) => {
        const muted = new Set<number>();
        for (const { kinds, start, length } of drawn)
          for (let each = start; each < start + length; each++)
            if ((kinds ?? ALERT_KINDS).includes(kind)) muted.add(each);
        const windows = drawn.map(({ kinds, start, length }) => ({
          kinds,
          startsAt: at(start),
          endsAt: at(start + length),
        }));
        expect(isMuted(windows, kind, at(second))).toBe(muted.has(second));
      }),
    );
  });
});

describe('What listeners are told of an alert', () => {
  it.each([
    ['RAISED', null, false, 'RAISED', null],
    ['RAISED', null, true, null, 'RAISED'],
    ['RECURRED', 'RAISED', true, null, 'RAISED'],
    ['RECURRED', 'RAISED', false, 'RAISED', null],
    ['RECURRED', 'REOPENED', false, 'REOPENED', null],
    ['RECURRED', null, false, 'RECURRED', null],
    // They believe that it is open, and hear that it is not, mute or no mute.
    ['RESOLVED', null, true, 'RESOLVED', null],
    ['RESOLVED', 'RAISED', false, null, 'RAISED'],
    ['REOPENED', 'RAISED', false, 'RAISED', null],
    ['REOPENED', 'RAISED', true, null, 'RAISED'],
    ['REOPENED', null, true, null, 'REOPENED'],
  ] as const)('%s, with %s left to be told, muted: %s', (change, unannounced, muted, told, left) => {
    expect(announce(change, unannounced, muted)).toEqual({ told, unannounced: left });
  });

  it('makes sense to one who hears nothing else: opened before anything, never opened twice, and nothing but ends under a mute', () => {
    const step = fc.record({ breached: fc.boolean(), muted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let wrong = 0;
        let status: 'NONE' | 'OPEN' | 'RESOLVED' = 'NONE';
        let unannounced: UnannouncedChange | null = null;
        let believed: 'NONE' | 'OPEN' | 'RESOLVED' = 'NONE';
        for (const { breached, muted } of steps) {
          if (!breached && status !== 'OPEN') continue;
          const opening = status === 'NONE' ? 'RAISED' : status === 'OPEN' ? 'RECURRED' : 'REOPENED';
          const change = breached ? opening : 'RESOLVED';
          status = breached ? 'OPEN' : 'RESOLVED';
          const { told, unannounced: left } = announce(change, unannounced, muted);
          unannounced = left;
          const before = { RAISED: 'NONE', REOPENED: 'RESOLVED', RECURRED: 'OPEN', RESOLVED: 'OPEN' } as const;
          if (told !== null) {
            wrong += Number(believed !== before[told as keyof typeof before]);
            believed = told === 'RESOLVED' ? 'RESOLVED' : 'OPEN';
          }
          if (muted) wrong += Number(told !== null && told !== 'RESOLVED');
          // Without a mute nothing is left untold about an alert that is open.
          else wrong += Number(status === 'OPEN' && (believed !== 'OPEN' || unannounced !== null));
        }
        expect(wrong).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
