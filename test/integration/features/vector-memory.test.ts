import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { readSlices } from '../../../src/services/features/offline/column-reader';
import { appendRows } from '../../../src/services/features/offline/table-writer';
import type { TypedValue } from '../../../src/services/features/rows/feature-value';
import { newColumnSlice, type StoredColumn, storeValue, valueAt } from '../../../src/services/features/rows/row-slice';

const COLUMNS: readonly StoredColumn[] = (
  ['INT64', 'DOUBLE', 'BOOL', 'STRING', 'TIMESTAMP', 'DOUBLE_LIST', 'TIMESTAMP_LIST'] as const
).map((dtype) => ({ name: dtype.toLowerCase(), dtype }));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const micros = fc.bigInt({ min: -(2n ** 50n), max: 2n ** 52n });
const row: fc.Arbitrary<(TypedValue | null)[]> = fc.tuple(
  ...[
    int64,
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
    micros,
    fc.array(fc.double({ noNaN: true }), { maxLength: 3 }),
    fc.array(micros, { maxLength: 3 }),
  ].map((value) => fc.option<TypedValue>(value, { freq: 3 })),
);

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

test('rows come back as they were appended, nulls and ends of chunks included', async () => {
  // A chunk has 2,048 rows: none, some, one, and more than one.
  const count = fc.constantFrom(0, 1, 63, 64, 65, 2047, 2048, 2049, 4200);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), count, async (rows, length) => {
      await connection.run('DROP TABLE IF EXISTS rows');
      const columns = COLUMNS.map(({ dtype }) => newColumnSlice(dtype, length));
      const expected = Array.from({ length }, (_, index) => rows[(index * 7) % rows.length]);
      expected.forEach((values, index) => {
        values.forEach((value, column) => value !== null && storeValue(columns[column], index, value));
      });
      // The first rows make the table; the others go on behind them.
      for (const firstRow of [0, length].slice(0, length === 0 ? 1 : 2))
        await appendRows(connection, 'rows', COLUMNS, { rowCount: length, columns }, firstRow);
      const read: (TypedValue | null)[][] = [];
      let notZero = 0;
      const numbered: StoredColumn[] = [{ name: '__row', dtype: 'INT64' }, ...COLUMNS];
      const sql = `SELECT CAST(__row AS BIGINT) AS __row, * EXCLUDE (__row) FROM rows`;
      await readSlices(connection, sql, numbered, (slices, rowCount) => {
        for (let index = 0; index < rowCount; index++) read.push(slices.map((slice) => valueAt(slice, index)));
        notZero += slices.flatMap((slice) =>
          'nulls' in slice ? [...slice.nulls].filter((isNull, at) => isNull && Number(slice.values[at]) !== 0) : [],
        ).length;
      });
      // Digests take the bytes as they are, so what is null has to be 0.
      expect(notZero).toBe(0);
      expect(read).toEqual([...expected, ...expected].map((values, index) => [BigInt(index), ...values]));
    }),
    { numRuns: 40 },
  );
});
