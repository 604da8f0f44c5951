import fc from 'fast-check';
import { dueWindows } from '../../../../src/services/monitoring/alerts/due-windows.policy';
import {
  LATENCY_BUCKET_COUNT,
  latencyBucket,
  latencyQuantile,
} from '../../../../src/services/monitoring/alerts/latency-buckets.math';

const at = (second: number): Date => new Date(second * 1000);
const ends = (schedule: Partial<Parameters<typeof dueWindows>[0]>, now: number) =>
  dueWindows(
    { windowSeconds: 60, settleSeconds: 30, atMost: 3, since: at(0), lastEnd: null, ...schedule },
    at(now),
  ).map(({ from, to }) => [from.getTime() / 1000, to.getTime() / 1000]);

describe('The windows that are due', () => {
  it('are complete only when figures have had time to arrive', () => {
    expect(ends({}, 89)).toEqual([]);
    expect(ends({}, 90)).toEqual([[0, 60]]);
  });

  it('after a time without a server are the latest ones', () => {
    expect(ends({ lastEnd: at(60) }, 60_000)).toEqual([
      [59_760, 59_820],
      [59_820, 59_880],
      [59_880, 59_940],
    ]);
  });

  it('ended after the rule was made, and are none before', () => {
    expect(ends({ since: at(119) }, 150)).toEqual([[60, 120]]);
    expect(ends({ since: at(121) }, 150)).toEqual([]);
  });

  it('follow on each other, and each is due once however often somebody looks', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 50 });
    fc.assert(
      fc.property(looks, fc.constantFrom(60, 120, 300), (pauses, windowSeconds) => {
        let now = 0;
        let lastEnd: Date | null = null;
        let before = 0;
        for (const pause of pauses) {
          now += pause;
          for (const { from, to } of dueWindows(
            { windowSeconds, settleSeconds: 30, atMost: 5, since: at(0), lastEnd },
            at(now),
          )) {
            expect(from.getTime()).toBe(before);
            expect(to.getTime() - from.getTime()).toBe(windowSeconds * 1000);
            expect(to.getTime()).toBeLessThanOrEqual((now - 30) * 1000);
            before = to.getTime();
            lastEnd = to;
          }
        }
        expect(before).toBe(Math.max(0, Math.floor((now - 30) / windowSeconds)) * windowSeconds * 1000);
      }),
    );
  });
});

describe('Counted latencies', () => {
  it('lie in a bucket whose bounds are around them', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65_000, noNaN: true }), (ms) => {
        const bucket = latencyBucket(ms);
        const upper = 0.25 * 2 ** (bucket / 4);
        expect(bucket === 0 || ms > 0.25 * 2 ** ((bucket - 1) / 4)).toBe(true);
        expect(ms <= upper).toBe(true);
      }),
    );
    expect(latencyBucket(1e9)).toBe(LATENCY_BUCKET_COUNT - 1);
  });

  it('give quantiles within a bucket of the exact ones, and null for none', () => {
    const latencies = fc.array(fc.double({ min: 0.3, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1), (values, quantile) => {
        const counts = new Array<number>(LATENCY_BUCKET_COUNT).fill(0);
        for (const value of values) counts[latencyBucket(value)]++;
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(quantile * values.length - 1e-9) - 1] ?? 0;
        const ratio = (latencyQuantile(counts, quantile) ?? 0) / exact;
        expect(ratio).toBeLessThanOrEqual(2 ** 0.25 + 1e-9);
        expect(ratio).toBeGreaterThanOrEqual(2 ** -0.25 - 1e-9);
      }),
    );
    expect(latencyQuantile(new Array<number>(LATENCY_BUCKET_COUNT).fill(0), 0.5)).toBeNull();
  });
});
