import fc from 'fast-check';
import { scoreDetections } from '../../../src/services/statistics';

describe('scoreDetections', () => {
  it("scores the reference page's case: two found after 10 and 30, one missed", () => {
    expect(scoreDetections([110, 530], [100, 500, 900], 50)).toEqual({
      meanDelay: 20,
      delays: [10, 30, null],
      missed: 1,
      falseAlarms: 0,
    });
  });

  it('counts alarms about nothing, and a repeated one not as another', () => {
    const score = scoreDetections([20, 105, 120, 150, 540], [100, 500], 50);
    expect(score).toEqual({ meanDelay: 22.5, delays: [5, 40], missed: 0, falseAlarms: 2 });
  });

  it('has no delay where nothing was found or nothing changed', () => {
    expect(scoreDetections([], [10], 5)).toEqual({ meanDelay: null, delays: [null], missed: 1, falseAlarms: 0 });
    expect(scoreDetections([3], [], 5)).toEqual({ meanDelay: null, delays: [], missed: 0, falseAlarms: 1 });
  });

  it('finds each change at most once, within the window, whatever the order', () => {
    const positions = fc.uniqueArray(fc.nat({ max: 500 }), { maxLength: 12 });
    fc.assert(
      fc.property(positions, positions, fc.integer({ min: 1, max: 100 }), (alarms, changes, window) => {
        const score = scoreDetections(alarms, changes, window);
        expect(scoreDetections(alarms.toReversed(), changes.toReversed(), window)).toEqual(score);
        const found = score.delays.filter((delay) => delay !== null);
        expect(found.every((delay) => delay >= 0 && delay < window)).toBe(true);
        expect(found.length + score.missed).toBe(changes.length);
        expect(found.length + score.falseAlarms).toBeLessThanOrEqual(alarms.length);
      }),
    );
  });

  it('refuses a window of nothing and positions that are none', () => {
    expect(() => scoreDetections([1], [1], 0)).toThrow('window: 0 is not above 0.');
    expect(() => scoreDetections([NaN], [1], 5)).toThrow(/alarms/);
  });
});
