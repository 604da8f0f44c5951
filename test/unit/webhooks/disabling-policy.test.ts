import { disablingReason, FAILING_FOR_GOOD_MS } from '../../../src/services/webhooks/disabling.policy';
import { RETRY_PAUSES_MS } from '../../../src/services/webhooks/delivery-outcome.policy';

const NOW = new Date('2026-03-10T00:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const after = (status: number | null, failingSince: Date | null) =>
  disablingReason({ status, error: 'it answered 500', failingSince }, NOW);

describe('A webhook whose delivery was given up', () => {
  it('is switched off at once when its receiver is gone', () => {
    expect(after(410, null)).toMatch(/410 Gone/);
  });

  it('is switched off when every attempt has failed for five days, and not a moment earlier', () => {
    expect(after(500, ago(FAILING_FOR_GOOD_MS))).toBe(
      'Every attempt since 2026-03-05T00:00:00.000Z has failed; the last one: it answered 500.',
    );
    expect(after(null, ago(FAILING_FOR_GOOD_MS - 1))).toBeNull();
    expect(after(500, null)).toBeNull();
  });

  it('outlives a single delivery with all its attempts, twice', () => {
    const longest = 1.2 * RETRY_PAUSES_MS.reduce((sum, pause) => sum + pause);
    expect(2 * longest).toBeLessThan(FAILING_FOR_GOOD_MS);
  });
});
