import { outcomeOf, RETRY_PAUSES_MS } from '../../../src/services/webhooks/delivery-outcome.policy';

const NOW = new Date('2026-03-01T00:00:00Z');
const answer = (status: number | null, retryAfter: string | null = null) => ({ status, retryAfter, error: null });
/** After how many seconds it is tried again. */
const pause = (status: number | null, attempt: number, retryAfter: string | null = null, random = 0.5) => {
  const outcome = outcomeOf(answer(status, retryAfter), attempt, NOW, random);
  return outcome.kind === 'RETRY' ? (outcome.at.getTime() - NOW.getTime()) / 1000 : outcome.kind;
};

describe('What follows from an attempt', () => {
  it('is the end for 2xx and 410, and another attempt for anything else', () => {
    expect([200, 202, 204, 299].map((status) => pause(status, 1))).toEqual(new Array(4).fill('DELIVERED'));
    expect(pause(410, 1)).toBe('FAILED');
    expect([null, 301, 400, 404, 429, 500, 503].map((status) => pause(status, 1))).toEqual(new Array(7).fill(5));
  });

  it('comes later and later, over more than a day, and then not at all', () => {
    const pauses = RETRY_PAUSES_MS.map((_, index) => pause(500, index + 1) as number);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses.reduce((sum, seconds) => sum + seconds)).toBeGreaterThan(36 * 3600);
    expect(pause(500, RETRY_PAUSES_MS.length + 1)).toBe('FAILED');
  });

  it('is spread by a fifth to either side', () => {
    expect([0, 0.999].map((random) => pause(500, 1, null, random))).toEqual([4, expect.closeTo(6, 1)]);
  });

  it('23: waits as long as Retry-After says, in seconds or until a date, but no longer than a day', () => {
    expect(pause(429, 1, '120')).toBe(120);
    expect(pause(503, 1, 'Sun, 01 Mar 2026 00:10:00 GMT')).toBe(600);
    expect(pause(429, 1, '1')).toBe(5);
    expect(pause(429, 1, 'Sat, 28 Feb 2026 00:00:00 GMT')).toBe(5);
    expect(pause(429, 1, 'soon')).toBe(5);
    expect(pause(429, 1, '99999999')).toBe(24 * 3600);
  });
});
