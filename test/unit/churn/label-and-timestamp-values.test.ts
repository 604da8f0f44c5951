import fc from 'fast-check';
import { labelValue } from '../../../examples/churn/csv/label-values';
import { timestampValue } from '../../../examples/churn/csv/timestamp-values';

describe('labelValue', () => {
  it.each([
    ['Yes', 'No'],
    ['Y', 'N'],
    ['1', '0'],
    ['1.0', '0.0'],
    ['True', 'False'],
    ['T', 'F'],
  ])('knows %s and %s in any case', (positive, negative) => {
    for (const word of [positive, positive.toUpperCase(), positive.toLowerCase()])
      expect(labelValue(word, null)).toBe(true);
    for (const word of [negative, negative.toUpperCase(), negative.toLowerCase()])
      expect(labelValue(word, null)).toBe(false);
  });

  it('knows neither of other words, nor of a blank', () => {
    expect(['maybe', '', '2', 'Attrited Customer'].map((text) => labelValue(text, null))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('knows only the two given words where two are given', () => {
    const words = { positive: 'Attrited Customer', negative: 'Existing Customer' };
    expect(labelValue('attrited customer', words)).toBe(true);
    expect(labelValue('Existing Customer', words)).toBe(false);
    expect(labelValue('Yes', words)).toBeNull();
    // The words can turn the usual sense round: Active = No means churned.
    expect(labelValue('No', { positive: 'No', negative: 'Yes' })).toBe(true);
  });
});

describe('timestampValue', () => {
  it.each([
    ['2024-01-31', '2024-01-31T00:00:00.000Z'],
    ['2024/1/5', '2024-01-05T00:00:00.000Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z'],
    ['2024-02-29 08:30', '2024-02-29T08:30:00.000Z'],
    ['2024-02-29T08:30:15.25Z', '2024-02-29T08:30:15.250Z'],
    ['2024-02-29 08:30:15+02:00', '2024-02-29T06:30:15.000Z'],
    ['2024-02-29T08:30:15-0530', '2024-02-29T14:00:15.000Z'],
    ['1706659200', '2024-01-31T00:00:00.000Z'],
    ['1706659200000', '2024-01-31T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(timestampValue(text) ?? NaN).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '31.01.2024',
    '01/31/2024',
    '2024-02-30',
    '2024-13-01',
    '2024-01-01T25:00',
    '2024-01-01T10:61',
    '12',
    '2024-01-01T10:00+99:00',
  ])('does not take %j for a timestamp', (text) => {
    expect(timestampValue(text)).toBeNull();
  });

  it('reads back every moment that JavaScript writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2999-12-31T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          expect(timestampValue(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});
