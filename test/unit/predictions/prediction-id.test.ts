import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  type IdLookup,
  idLookups,
  newPredictionId,
  timeOfPredictionId,
} from '../../../src/services/predictions/prediction-id';

const times = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });

describe('The id of a prediction', () => {
  it('is a UUID of version 7 that says when it was made, to the millisecond', () => {
    fc.assert(
      fc.property(times, (time) => {
        const id = newPredictionId(time);
        expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
        expect(timeOfPredictionId(id)).toEqual(time);
      }),
    );
  });

  it('is in the order of time as text, and another each time', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        fc.pre(a < b);
        expect(newPredictionId(a) < newPredictionId(b)).toBe(true);
        expect(newPredictionId(a)).not.toBe(newPredictionId(a));
      }),
    );
  });

  it('of version 4 says no time', () => {
    expect(timeOfPredictionId(randomUUID())).toBeNull();
  });
});

describe('Lookups by id', () => {
  it('hold every id once, those with a time between the bounds', () => {
    fc.assert(
      fc.property(fc.array(times), fc.nat(5), (moments, undated) => {
        const ids = [...moments.map(newPredictionId), ...Array.from({ length: undated }, () => randomUUID())];
        const lookups = idLookups(ids);
        expect(lookups.flatMap((lookup) => lookup.ids).sort()).toEqual([...ids].sort());
        const isOutside = ({ first, last }: IdLookup, id: string) => {
          const time = timeOfPredictionId(id);
          return time ? first > time || time > last : first !== '-infinity' || last !== 'infinity';
        };
        expect(lookups.filter((lookup) => lookup.ids.some((id) => isOutside(lookup, id)))).toEqual([]);
      }),
    );
  });

  it('of many ids do not overflow the stack', () => {
    const ids = Array.from({ length: 200_000 }, (_, index) => newPredictionId(new Date(index)));
    expect(idLookups(ids)).toEqual([{ ids, first: new Date(0), last: new Date(199_999) }]);
  });
});
