import fc from 'fast-check';
import { checkedCron, nextRun } from '../../../src/services/jobs/schedule.policy';

const next = (cron: string, after: string) => nextRun(cron, new Date(after)).toISOString();

describe('a schedule', () => {
  test.each([
    ['0 3 * * *', '2026-03-28T03:00:00Z', '2026-03-29T03:00:00.000Z'],
    ['*/15 * * * *', '2026-03-28T03:46:00Z', '2026-03-28T04:00:00.000Z'],
    ['30 2 * * MON-FRI', '2026-03-27T12:00:00Z', '2026-03-30T02:30:00.000Z'],
    ['0 0 1,15 JAN,jul *', '2026-01-16T00:00:00Z', '2026-07-01T00:00:00.000Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 13 * 5', '2026-03-28T00:00:00Z', '2026-04-03T00:00:00.000Z'],
    ['0 0 * * 7', '2026-03-28T00:00:00Z', '2026-03-29T00:00:00.000Z'],
    ['@hourly', '2026-03-28T03:00:00Z', '2026-03-28T04:00:00.000Z'],
    ['@daily', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
    ['@weekly', '2026-03-28T00:00:00Z', '2026-03-29T00:00:00.000Z'],
    ['@monthly', '2026-03-28T00:00:00Z', '2026-04-01T00:00:00.000Z'],
  ])('%s after %s is due at %s', (cron, after, expected) => {
    expect(next(checkedCron(cron, 'input.schedule'), after)).toBe(expected);
  });

  it('is kept without needless blanks', () => {
    expect(checkedCron('  0   3 * *\t* ', 'input.schedule')).toBe('0 3 * * *');
  });

  test.each([
    ['', 'five fields'],
    ['0 3 * *', 'five fields'],
    ['0 0 3 * * *', 'five fields'],
    ['@yearly', 'five fields'],
    ['60 * * * *', 'minute "60" is not within 0 to 59'],
    ['0 24 * * *', 'hour "24" is not within 0 to 23'],
    ['0 0 0 * *', 'day of month "0" is not within 1 to 31'],
    ['0 0 1 FOO *', 'month "FOO" is not within 1 to 12 or JAN to DEC'],
    ['0 0 * * 8', 'day of week "8" is not within 0 to 7 or SUN to SAT'],
    ['*/0 * * * *', 'minute "*/0" has a step that is not within 1 to 59'],
    ['5-1 * * * *', 'minute "5-1" is a range that ends before it begins'],
    ['0 0 L * *', 'day of month "L" is not within'],
    ['0 0 * * 1#2', 'day of week "1#2" is neither "*" nor'],
    ['1,,2 * * * *', 'minute "" is neither'],
    ['0 0 30 2 *', 'no month that it names has such a day'],
    ['0 0 31 4,6,9,11 *', 'no month that it names has such a day'],
    [`${'0,'.repeat(150)}0 * * * *`, 'longer than 200 characters'],
  ])('%j is refused: %s', (cron, problem) => {
    const check = () => checkedCron(cron, 'input.materializationSchedule');
    expect(check).toThrow(problem);
    expect(check).toThrow(/^materializationSchedule: .*"0 3 \* \* \*"/);
    expect(check).toThrow(
      expect.objectContaining({ field: ['input', 'materializationSchedule'], code: 'INVALID_INPUT' }),
    );
  });

  it('is due at the first minute after a moment that it matches, whatever minutes, hours and days it has', () => {
    const list = (least: number, greatest: number) =>
      fc.oneof(
        fc.constant({ text: '*', has: () => true }),
        fc
          .uniqueArray(fc.integer({ min: least, max: greatest }), { minLength: 1, maxLength: 3 })
          .map((values) => ({ text: values.join(','), has: (value: number) => values.includes(value) })),
      );
    const moment = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) });
    fc.assert(
      fc.property(list(0, 59), list(0, 23), list(0, 6), moment, (minute, hour, day, after) => {
        const cron = checkedCron(`${minute.text} ${hour.text} * * ${day.text}`, 'cron');
        let naive = Math.floor(after / 60_000) * 60_000;
        let date;
        do date = new Date((naive += 60_000));
        while (!(minute.has(date.getUTCMinutes()) && hour.has(date.getUTCHours()) && day.has(date.getUTCDay())));
        expect(nextRun(cron, new Date(after))).toEqual(date);
      }),
      { numRuns: 200 },
    );
  });
});
