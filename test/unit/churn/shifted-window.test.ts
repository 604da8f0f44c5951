import type { TableFeature } from '../../../examples/churn/csv/churn-table';
import { chooseShift, drawWindow } from '../../../examples/churn/csv/shifted-window';
import { Random } from '../../../examples/churn/random';

const random = new Random(5);
const COUNT = 2_000;
const allRows = Array.from({ length: COUNT }, (_, row) => row);
const numeric = (name: string, value: (row: number) => number | null): TableFeature => ({
  name,
  column: name,
  dtype: 'DOUBLE',
  values: allRows.map(value),
});
const tenure = numeric('tenure', () => random.below(72));
const noise = numeric('noise', () => random.next());
const labels = allRows.map((row) => random.chance(Number(tenure.values[row]) < 24 ? 0.5 : 0.1));
const flag: TableFeature = { name: 'flag', column: 'flag', dtype: 'INT64', values: labels.map(Number) };
const plan: TableFeature = { name: 'plan', column: 'plan', dtype: 'STRING', values: labels.map(String) };
const meanOf = (feature: TableFeature, rows: readonly number[]) =>
  rows.reduce((sum, row) => sum + Number(feature.values[row]), 0) / rows.length;

describe('chooseShift', () => {
  it('takes the numeric column of many values that goes along best with the label, and the side with more churn', () => {
    expect(chooseShift([noise, plan, flag, tenure], labels, allRows)).toEqual({ feature: tenure, towards: 'LOWER' });
    const opposite = numeric('months_since_joining_the_rival', (row) => -Number(tenure.values[row]));
    expect(chooseShift([noise, opposite], labels, allRows)?.towards).toBe('HIGHER');
  });

  it('looks at the given rows only', () => {
    const half = allRows.slice(0, COUNT / 2);
    const misleading = numeric('misleading', (row) =>
      row < COUNT / 2 ? Number(noise.values[row]) : Number(labels[row]) * 100,
    );
    expect(chooseShift([misleading, tenure], labels, half)?.feature).toBe(tenure);
  });

  it('is null where no numeric column has ten values', () => {
    expect(chooseShift([flag, plan], labels, allRows)).toBeNull();
  });
});

describe('drawWindow', () => {
  const rows = allRows.slice(500);

  it('draws as many different rows as it is asked for, the same for the same seed', () => {
    const drawn = drawWindow(rows, 600, { feature: tenure, towards: 'LOWER' }, new Random(9));
    expect(new Set(drawn).size).toBe(600);
    expect(drawn.every((row) => rows.includes(row))).toBe(true);
    expect(drawWindow(rows, 600, { feature: tenure, towards: 'LOWER' }, new Random(9))).toEqual(drawn);
  });

  it('moves the column in the stated direction, and without a shift not', () => {
    const whole = meanOf(tenure, rows);
    expect(meanOf(tenure, drawWindow(rows, 600, { feature: tenure, towards: 'LOWER' }, new Random(9)))).toBeLessThan(
      0.8 * whole,
    );
    expect(
      meanOf(tenure, drawWindow(rows, 600, { feature: tenure, towards: 'HIGHER' }, new Random(9))),
    ).toBeGreaterThan(1.2 * whole);
    expect(meanOf(tenure, drawWindow(rows, 600, null, new Random(9)))).toBeCloseTo(whole, -1);
  });

  it('leaves the columns that have nothing to do with it alone', () => {
    expect(meanOf(noise, drawWindow(rows, 600, { feature: tenure, towards: 'LOWER' }, new Random(9)))).toBeCloseTo(
      meanOf(noise, rows),
      1,
    );
  });
});
