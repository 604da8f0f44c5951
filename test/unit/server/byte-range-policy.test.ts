import fc from 'fast-check';
import { rangeHolds, requestedRange } from '../../../src/server/byte-range.policy';

describe('A Range header', () => {
  it.each([
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=0-499', { first: 0, last: 499 }],
    ['bytes=500-', { first: 500, last: 999 }],
    ['bytes=-1', { first: 999, last: 999 }],
    ['BYTES=10-20', { first: 10, last: 20 }],
    // Beyond the end there is nothing more to be had.
    ['bytes=900-5000', { first: 900, last: 999 }],
    ['bytes=-5000', { first: 0, last: 999 }],
    ['bytes=0-99999999999999999999999', { first: 0, last: 999 }],
  ])('asks with %j for a part of 1000 bytes', (header, range) => {
    expect(requestedRange(header, 1000)).toEqual(range);
  });

  it.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0', 'bytes=99999999999999999999999-'])(
    'asks with %j for nothing that is there',
    (header) => {
      expect(requestedRange(header, 1000)).toBe('UNSATISFIABLE');
    },
  );

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=5-4',
    'bytes=a-b',
    'bytes=1.5-2',
    'bytes=--1',
    'bytes=0-0,5-9',
    'bytes=0-0, 5-9',
    'bytes=0-0,',
    'lines=0-1',
    '0-1',
  ])('asks with %j for the whole', (header) => {
    expect(requestedRange(header, 1000)).toBeNull();
  });

  it('asks nothing of an empty artifact that could be given in part', () => {
    expect(requestedRange('bytes=0-', 0)).toBe('UNSATISFIABLE');
    expect(requestedRange('bytes=-5', 0)).toBeNull();
  });

  it('gives exactly the bytes that were asked for, and none is refused that is there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.option(fc.nat(60)), fc.option(fc.nat(60)), (size, from, to) => {
        fc.pre(from === null ? to !== null : to === null || to >= from);
        const isAsked = (at: number) => (from === null ? at >= size - to! : at >= from && at <= (to ?? size));
        const positions = Array.from({ length: size }, (_, index) => index);
        const range = requestedRange(`bytes=${from ?? ''}-${to ?? ''}`, size);
        const given = range === null || range === 'UNSATISFIABLE' ? [] : positions.slice(range.first, range.last + 1);
        expect(given).toEqual(positions.filter(isAsked));
      }),
    );
  });

  it('holds without a condition or with the very tag, and not with a date, a weak tag or another one', () => {
    expect(rangeHolds(undefined, '"a"')).toBe(true);
    expect(rangeHolds('"a"', '"a"')).toBe(true);
    for (const other of ['"b"', 'W/"a"', 'a', 'Sun, 01 Mar 2026 00:00:00 GMT', '"a", "b"', ''])
      expect(rangeHolds(other, '"a"')).toBe(false);
  });
});
