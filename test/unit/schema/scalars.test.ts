import { parseValue } from 'graphql';
import fc from 'fast-check';
import { DateTime, FeatureRow, FeatureValue } from '../../../src/schema/scalars';

const literal = (text: string) => FeatureRow.parseLiteral(parseValue(text), {});

describe('DateTime', () => {
  it('takes a moment with its time zone and answers in UTC', () => {
    const moment = DateTime.parseValue('2026-03-01T12:00:00+02:00');
    expect(DateTime.serialize(moment)).toBe('2026-03-01T10:00:00.000Z');
  });

  it.each(['2026-03-01', '2026-03-01T12:00:00', '2026-02-30T12:00:00Z', 'yesterday', 1_700_000_000_000])(
    'refuses %s',
    (value) => {
      expect(() => DateTime.parseValue(value)).toThrow(/DateTime cannot represent/);
    },
  );
});

describe('FeatureRow', () => {
  it('takes rows of JSON scalars as they are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.maxSafeInteger())),
        (row) => {
          expect(FeatureRow.parseValue(row)).toEqual(row);
        },
      ),
    );
  });

  it.each([
    ['a list', [1, 2]],
    ['text', 'tenure=3'],
    ['null', null],
  ])('refuses %s in place of a row', (_what, value) => {
    expect(() => FeatureRow.parseValue(value)).toThrow(/FeatureRow is an object from name to value/);
  });

  it('names the entry that is not a scalar', () => {
    expect(() => FeatureRow.parseValue({ tenure: 3, address: { city: 'Bonn' } })).toThrow(
      'FeatureRow value "address" is a string, number, boolean or null, not a object',
    );
  });

  it('refuses whole numbers that JSON has already rounded', () => {
    expect(() => FeatureRow.parseValue({ id: 2 ** 53 })).toThrow(/send it as a string/);
  });

  it('keeps every digit of a large number in a literal', () => {
    expect(literal('{ id: 9007199254740993, tenure: 3, rate: 0.5 }')).toEqual({
      id: '9007199254740993',
      tenure: 3,
      rate: 0.5,
    });
  });

  it('takes variables inside of a literal', () => {
    expect(FeatureRow.parseLiteral(parseValue('{ id: $id }'), { id: 'a' })).toEqual({ id: 'a' });
  });

  it('answers 64-bit integers and moments as strings', () => {
    expect(FeatureRow.serialize({ id: 2n ** 60n, at: new Date(0), rate: 0.5, gone: undefined })).toEqual({
      id: '1152921504606846976',
      at: '1970-01-01T00:00:00.000Z',
      rate: 0.5,
      gone: null,
    });
  });

  it('does not let a row reach the prototype of all objects', () => {
    const row = FeatureRow.parseValue(JSON.parse('{ "__proto__": "x" }')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(Object.keys(row)).toEqual(['__proto__']);
  });
});

describe('FeatureValue', () => {
  it.each([NaN, Infinity, -Infinity])('answers %s as null, since JSON has no word for it', (value) => {
    expect(FeatureValue.serialize(value)).toBeNull();
  });

  it('takes lists, whose whole numbers keep their digits', () => {
    expect(FeatureValue.parseValue([1, 'a', null])).toEqual([1, 'a', null]);
    expect(FeatureValue.parseLiteral(parseValue('[9223372036854775807, 1.5]'), {})).toEqual([
      '9223372036854775807',
      1.5,
    ]);
    expect(FeatureValue.serialize([2n ** 60n, NaN])).toEqual(['1152921504606846976', null]);
    expect(() => FeatureValue.parseValue([[1]])).toThrow(/FeatureValue\[0\] is a string.* not a list/);
  });

  it('takes no objects', () => {
    expect(() => FeatureValue.parseValue({})).toThrow(/FeatureValue is a string, number, boolean or null/);
  });
});
