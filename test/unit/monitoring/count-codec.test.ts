import fc from 'fast-check';
import { addCounts, encodeCounts, mergeEncodedCounts } from '../../../src/services/monitoring/live/count-codec';

const counts = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(), fc.integer({ min: 2 ** 40, max: 2 ** 50 })), {
    maxLength: 300,
  })
  .map((values) => Float64Array.from(values));

const decoded = (bytes: Uint8Array, length: number): Float64Array => {
  const totals = new Float64Array(length);
  addCounts(totals, bytes);
  return totals;
};

describe('Encoded counts', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(counts, (values) => expect(decoded(encodeCounts(values), values.length)).toEqual(values)));
  });

  it('merge to the sum, in whatever order and groups', () => {
    const parts = fc.tuple(
      fc
        .integer({ min: 1, max: 40 })
        .chain((length) =>
          fc.array(fc.array(fc.nat(1e9), { minLength: length, maxLength: length }), { minLength: 1, maxLength: 12 }),
        ),
      fc.nat(),
    );
    fc.assert(
      fc.property(parts, ([rows, cut]) => {
        const [first] = rows;
        const sum = first.map((_, slot) => rows.reduce((total, row) => total + row[slot], 0));
        const encoded = rows.map((row) => encodeCounts(Float64Array.from(row)));
        const split = cut % (encoded.length + 1);
        const nested = mergeEncodedCounts([
          mergeEncodedCounts(encoded.slice(split)),
          mergeEncodedCounts(encoded.slice(0, split)),
        ]);
        expect(Array.from(decoded(nested, first.length))).toEqual(sum);
        expect(nested).toEqual(mergeEncodedCounts(encoded));
      }),
    );
  });

  it('of one row of 50 features take little, and of many rows not much more: 100M predictions fit in what ten do', () => {
    const few = new Float64Array(1100);
    const many = new Float64Array(1100);
    for (let feature = 0; feature < 50; feature++) few[feature * 22 + (feature % 22)] = 1;
    many.fill(100e6);
    expect(encodeCounts(few).length).toBeLessThanOrEqual(150);
    expect(encodeCounts(many).length).toBeLessThanOrEqual(6000);
  });

  it('that are cut off, or are of a longer profile, are refused', () => {
    const bytes = encodeCounts(Float64Array.of(1, 300, 2));
    expect(() => decoded(bytes.subarray(0, -1), 3)).toThrow(/cut off/);
    expect(() => decoded(bytes.subarray(0, 3), 3)).toThrow(/cut off/);
    expect(() => decoded(bytes, 2)).toThrow(/Slot 2 of 2/);
  });
});
