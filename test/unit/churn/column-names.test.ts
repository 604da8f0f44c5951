import fc from 'fast-check';
import { featureNames } from '../../../examples/churn/csv/column-names';
import { namePrefix, safeName } from '../../../examples/churn/safe-name';

describe('safeName', () => {
  it.each([
    ['customerID', 'customer_id'],
    ['SeniorCitizen', 'senior_citizen'],
    ['StreamingTV', 'streaming_tv'],
    ['Monthly Charges ($)', 'monthly_charges'],
    ['HTTPErrors', 'http_errors'],
    ['Größe', 'grosse'],
    ['Téléphone', 'telephone'],
    ['2G calls', 'n_2_g_calls'],
    ['  __x__ ', 'x'],
  ])('makes %j into %s', (column, name) => {
    expect(safeName(column)).toBe(name);
  });

  it('has nothing to offer for another script or for signs alone', () => {
    expect([safeName('年龄'), safeName('%'), safeName('')]).toEqual([null, null, null]);
  });
});

describe('namePrefix', () => {
  it('leaves room for what follows it, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (name) => {
        expect(namePrefix(name) ?? 'table').toMatch(/^[a-z]([a-z0-9_]{0,46}[a-z0-9])?$/);
      }),
    );
  });
});

describe('featureNames', () => {
  it('gives every column a valid name of its own that is not reserved', () => {
    const column = fc.oneof(fc.string(), fc.constantFrom('total', 'Total', 'TOTAL ', 'total_2', 'id', '年龄'));
    fc.assert(
      fc.property(fc.array(column, { maxLength: 30 }), (columns) => {
        const names = featureNames(columns, ['id', 'churned']);
        expect(names).toHaveLength(columns.length);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
        expect(names).not.toContain('id');
      }),
    );
  });

  it('numbers the later of two names that become alike, and spares a column that has that number already', () => {
    expect(featureNames(['Total', 'total', 'total_2'], [])).toEqual(['total', 'total_3', 'total_2']);
  });
});
