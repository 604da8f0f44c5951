import fc from 'fast-check';
import { inferColumn, oddValueAmongNumbers } from '../../../examples/churn/csv/column-types';

const infer = (texts: readonly string[]) => inferColumn(texts, false);
const blank = fc.constantFrom('', 'NA', 'n/a', 'NaN', 'null', 'NULL');
const withBlanks = (value: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: blank }), { maxLength: 20 }),
      value,
    )
    .map(([texts, one]) => [...texts, one]);

describe('inferColumn', () => {
  it('finds whole numbers, whatever their sign, and keeps blanks as nulls', () => {
    fc.assert(
      fc.property(withBlanks(fc.maxSafeInteger().map(String)), (texts) => {
        const column = infer(texts);
        expect(column?.dtype).toBe('INT64');
        expect(column?.values).toEqual(texts.map((text) => (/^-?\d+$/.test(text) ? Number(text) : null)));
      }),
    );
  });

  it('finds decimals as soon as one value has a fraction or an exponent', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }).map(String);
    fc.assert(
      fc.property(withBlanks(double), fc.array(fc.integer().map(String), { maxLength: 5 }), (doubles, integers) => {
        const column = infer([...integers, ...doubles]);
        expect(column?.dtype).toBe('DOUBLE');
        expect(column?.values.slice(0, integers.length)).toEqual(integers.map(Number));
      }),
    );
  });

  it('finds True and False in any case', () => {
    expect(infer(['True', 'FALSE', '', 'true'])).toEqual({ dtype: 'BOOL', values: [true, false, null, true] });
  });

  it('takes everything else as text, unchanged', () => {
    fc.assert(
      fc.property(withBlanks(fc.constantFrom('Yes', 'No', 'Fiber optic', '3+', '12,5', '1 000', '—')), (texts) => {
        const column = infer(texts);
        expect(column?.dtype).toBe('STRING');
        column?.values.forEach((value, i) => expect([null, texts[i]]).toContain(value));
      }),
    );
  });

  it('takes 0/1 as numbers, as Telco’s SeniorCitizen', () => {
    expect(infer(['0', '1', '0'])?.dtype).toBe('INT64');
  });

  it('keeps leading zeros, which only codes have', () => {
    expect(infer(['00501', '10001'])).toEqual({ dtype: 'STRING', values: ['00501', '10001'] });
    expect(infer(['0', '0.5', '-0.5'])?.dtype).toBe('DOUBLE');
  });

  it('keeps every digit of whole numbers beyond 2^53, and takes those beyond 2^63 as text', () => {
    expect(infer(['9007199254740993', '-1'])).toEqual({ dtype: 'INT64', values: ['9007199254740993', -1] });
    expect(infer(['9223372036854775807'])?.dtype).toBe('INT64');
    expect(infer(['9223372036854775808'])?.dtype).toBe('STRING');
  });

  it('takes no number that overflows', () => {
    expect(infer(['1e999', '1.5'])?.dtype).toBe('STRING');
  });

  it('reads decimal commas where commas do not delimit, unless they could be thousands', () => {
    expect(inferColumn(['29,85', '3', ''], true)).toEqual({ dtype: 'DOUBLE', values: [29.85, 3, null] });
    expect(inferColumn(['29,85'], false)?.dtype).toBe('STRING');
    expect(inferColumn(['1,234', '12,500'], true)?.dtype).toBe('STRING');
  });

  it('has no type for a column of blanks', () => {
    expect(infer(['', 'NA', 'null'])).toBeNull();
    expect(infer([])).toBeNull();
  });

  it('holds as many values as there were texts, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.boolean(), (texts, decimalComma) => {
        const column = inferColumn(texts, decimalComma);
        expect(column === null || column.values.length === texts.length).toBe(true);
      }),
    );
  });
});

describe('oddValueAmongNumbers', () => {
  const numbers = Array.from({ length: 40 }, (_, i) => String(i * 1.5));

  it('finds the one text in a column of numbers', () => {
    expect(oddValueAmongNumbers([...numbers.slice(0, 20), 'abc', ...numbers.slice(20)], false)).toBe(20);
  });

  it('leaves categories that look like numbers alone, and columns that are half text', () => {
    expect(oddValueAmongNumbers([...new Array<string>(99).fill('0'), '3+'], false)).toBeNull();
    expect(oddValueAmongNumbers([...numbers, ...numbers.map((text) => `n${text}`)], false)).toBeNull();
  });

  it('finds nothing in numbers and blanks', () => {
    expect(oddValueAmongNumbers([...numbers, '', 'NA'], false)).toBeNull();
  });
});
