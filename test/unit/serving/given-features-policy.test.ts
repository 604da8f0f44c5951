import fc from 'fast-check';
import type { ModelSignature } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import { readGivenFeatures } from '../../../src/services/serving/given-features.policy';

const signature: ModelSignature = {
  inputs: [
    { name: 'tenure', dtype: 'INT64' },
    { name: 'charges', dtype: 'DOUBLE' },
    { name: 'partner', dtype: 'BOOL' },
    { name: 'contract', dtype: 'STRING' },
    { name: 'since', dtype: 'TIMESTAMP' },
  ],
};
const row = { tenure: '12', charges: 70.5, partner: true, contract: 'yearly', since: '2026-01-01T00:00:00.000Z' };
const read = (changes: Record<string, string | number | boolean | null>) =>
  readGivenFeatures(signature, { ...row, ...changes }, ['input', 'rows', '3']);

function problemOf(work: () => unknown): { field: readonly string[] | null; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('Given features', () => {
  it('come in the order and the spelling of the signature, however they were sent', () => {
    const shuffled = {
      since: '2026-01-01T01:00:00+01:00',
      contract: 'yearly',
      partner: true,
      charges: 70.5,
      tenure: 12,
    };
    const values = readGivenFeatures(signature, shuffled, ['input', 'features']);
    expect(values).toEqual(row);
    expect(Object.keys(values)).toEqual(signature.inputs.map(({ name }) => name));
  });

  it('may be null one and all', () => {
    const nulls = Object.fromEntries(signature.inputs.map(({ name }) => [name, null]));
    expect(readGivenFeatures(signature, nulls, ['input', 'features'])).toEqual(nulls);
  });

  it.each<[string, Record<string, string | number | boolean | null>, string, RegExp]>([
    ['a misspelt name', { tenur: 3 }, 'tenur', /the model takes no such feature; it takes tenure, charges, partner/],
    ['a text for a number', { charges: '70.5' }, 'charges', /"70\.5" is not a finite number, nor null/],
    ['a fraction for a whole number', { tenure: 1.5 }, 'tenure', /1\.5 is not a 64-bit integer/],
    ['a number for a truth value', { partner: 1 }, 'partner', /1 is not true or false, nor null/],
    ['a text that cannot be stored', { contract: 'a\0b' }, 'contract', /without NUL characters/],
    ['no moment', { since: 'yesterday' }, 'since', /ISO 8601/],
  ])('are refused with their place for %s', (_, changes, name, problem) => {
    const { field, message } = problemOf(() => read(changes));
    expect(field).toEqual(['input', 'rows', '3', name]);
    expect(message).toMatch(problem);
  });

  it('are refused when one is missing, also where objects inherit something of that name', () => {
    const { charges: _, ...rest } = row;
    expect(problemOf(() => readGivenFeatures(signature, rest, ['input', 'features'])).message).toBe(
      'features.charges: is missing; send null if it is not known',
    );
    const inherited: ModelSignature = { inputs: [{ name: 'constructor', dtype: 'STRING' }] };
    expect(problemOf(() => readGivenFeatures(inherited, {}, ['input', 'features'])).message).toMatch(/is missing/);
  });

  it('are read the same again once they are in the spelling of the signature', () => {
    const values = fc.record({
      tenure: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
      charges: fc.double({ noNaN: true, noDefaultInfinity: true }),
      partner: fc.boolean(),
      contract: fc.string(),
      since: fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
        .map((date) => date.toISOString()),
    });
    fc.assert(
      fc.property(values, (given) => {
        fc.pre(!given.contract.includes('\0'));
        const once = readGivenFeatures(signature, given, []);
        expect(readGivenFeatures(signature, once, [])).toEqual(once);
        expect(once.tenure).toBe(BigInt(given.tenure).toString());
      }),
    );
  });
});
