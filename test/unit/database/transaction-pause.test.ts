import fc from 'fast-check';
import { pauseMs } from '../../../src/services/database/transaction';

describe('the pause before a conflicting transaction is tried again', () => {
  it('grows from attempt to attempt up to half a second, and chance decides how much of it is waited', () => {
    expect([1, 2, 3, 9].map((attempt) => pauseMs(attempt, 1))).toEqual([10, 20, 40, 500]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        expect(pauseMs(attempt, random)).toBeCloseTo(pauseMs(attempt, 1) * random);
        expect(pauseMs(attempt, random)).toBeLessThanOrEqual(500);
      }),
    );
  });
});
