import { setTimeout as sleep } from 'node:timers/promises';
import { IdleCollector } from '../../src/idle-collector';
import { until } from '../support/until';

const LOOK_EVERY_MS = 50;
const MEGABYTE = 2 ** 20;

let collector: IdleCollector;
afterEach(() => collector.stop());

/** About so much, in small objects as JSON makes them. */
const rows = (megabytes: number) =>
  Array.from({ length: megabytes * 10_000 }, (_, index) => ({ id: index, name: `row ${index}`, tags: [index] }));

describe('IdleCollector', () => {
  it('gives back what work has left, once the process rests', async () => {
    let kept: object[] | null = rows(150);
    expect(kept).toHaveLength(1_500_000);
    const full = process.memoryUsage().heapUsed;
    kept = null;
    collector = new IdleCollector(undefined, LOOK_EVERY_MS, () => 0);
    await until('memory given back', () => process.memoryUsage().heapUsed < full - 100 * MEGABYTE, {
      timeoutMs: 20_000,
      pauseMs: 20,
    });
  });

  it('does not get in the way of work', async () => {
    let collections = 0;
    collector = new IdleCollector(() => (collections += 1), LOOK_EVERY_MS);
    const end = Date.now() + 6 * LOOK_EVERY_MS;
    while (Date.now() < end) {
      const busyUntil = Date.now() + LOOK_EVERY_MS / 5;
      while (Date.now() < busyUntil);
      await sleep(1);
    }
    expect(collections).toBe(0);
  });

  it('collects once for each rest', async () => {
    // As the event loop of a quiet machine would be: that of a loaded one may never rest.
    const shares = [0.5, 0.06, 0.04, 0, 0, 0, 0, 0];
    let looks = 0;
    const collectedAt: number[] = [];
    collector = new IdleCollector(
      () => collectedAt.push(looks - 1),
      1,
      () => shares[looks++] ?? 0,
    );
    await until('looks', () => looks > shares.length);
    expect(collectedAt).toEqual([2]);
  });
});
