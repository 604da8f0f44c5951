import fc from 'fast-check';
import type { Column, ColumnTable } from '../../../src/columns';

const number = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.double() },
);
const level = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.string() },
);

const column = (name: string, rowCount: number): fc.Arbitrary<Column> => {
  const rows = { minLength: rowCount, maxLength: rowCount };
  return fc.oneof(
    fc.array(number, rows).map((values) => ({ name, kind: 'NUMERIC' as const, values: Float64Array.from(values) })),
    fc.array(level, rows).map((values) => ({ name, kind: 'CATEGORICAL' as const, values })),
  );
};

/** Tables with nulls, infinities, huge and tiny numbers and odd levels. */
export const arbitraryTable: fc.Arbitrary<ColumnTable> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rowCount, columnCount]) =>
    fc
      .tuple(...Array.from({ length: columnCount }, (_, index) => column(`feature${index}`, rowCount)))
      .map((columns) => ({ rowCount, columns })),
  );

export const numeric = (name: string, values: readonly number[]): Column => ({
  name,
  kind: 'NUMERIC',
  values: Float64Array.from(values),
});

export const categorical = (name: string, values: readonly (string | null)[]): Column => ({
  name,
  kind: 'CATEGORICAL',
  values,
});

export const tableOf = (...columns: Column[]): ColumnTable => ({ rowCount: columns[0]?.values.length ?? 0, columns });

export const allRows = (table: ColumnTable): Uint32Array => Uint32Array.from({ length: table.rowCount }, (_, i) => i);
