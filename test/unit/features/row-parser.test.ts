import { MAX_REPORTED_PROBLEMS, RowParser } from '../../../src/services/features/rows/row-parser';
import { buffersOf, storedColumns, type RowSchema } from '../../../src/services/features/rows/row-slice';

const SCHEMA: RowSchema = {
  joinKeys: [{ name: 'id', dtype: 'STRING' }],
  fields: [
    { name: 'amount', dtype: 'DOUBLE' },
    { name: 'count', dtype: 'INT64' },
    { name: 'paid', dtype: 'BOOL' },
  ],
};
const ROW = { id: 'a', eventTimestamp: '1970-01-01T00:00:01Z' };

test('rows become columns in the order of the file, with nulls for what is missing', () => {
  const parser = new RowParser(SCHEMA);
  const rows = [
    { ...ROW, amount: 1.5, count: '7', paid: true, createdTimestamp: '1970-01-01T00:00:02Z' },
    { ...ROW, id: 'b', amount: null, paid: false },
  ];
  const slice = parser.parse(rows, 0, 2);
  expect(parser.problems).toEqual([]);
  expect(storedColumns(SCHEMA).map(({ name }) => name)).toEqual([
    'id',
    'event_timestamp',
    'created_timestamp',
    'amount',
    'count',
    'paid',
  ]);
  expect(slice).toEqual({
    rowCount: 2,
    columns: [
      { dtype: 'STRING', values: ['a', 'b'] },
      { dtype: 'TIMESTAMP', values: BigInt64Array.of(1_000_000n, 1_000_000n), nulls: Uint8Array.of(0, 0) },
      { dtype: 'TIMESTAMP', values: BigInt64Array.of(2_000_000n, 0n), nulls: Uint8Array.of(0, 1) },
      { dtype: 'DOUBLE', values: Float64Array.of(1.5, 0), nulls: Uint8Array.of(0, 1) },
      { dtype: 'INT64', values: BigInt64Array.of(7n, 0n), nulls: Uint8Array.of(0, 1) },
      { dtype: 'BOOL', values: Uint8Array.of(1, 0), nulls: Uint8Array.of(0, 0) },
    ],
  });
  expect(buffersOf(slice)).toHaveLength(10);
});

test('a slice of the rows is parsed, and problems are numbered by row', () => {
  const parser = new RowParser(SCHEMA);
  const { rowCount } = parser.parse([ROW, ROW, { ...ROW, amount: '1' }, ROW], 1, 3);
  expect(rowCount).toBe(2);
  expect(parser.problems).toEqual([{ row: 2, column: 'amount', problem: '"1" is not a finite number' }]);
});

test.each([
  ['a missing join key', { eventTimestamp: ROW.eventTimestamp }, 'id', 'is missing; every row needs it'],
  ['a null join key', { ...ROW, id: null }, 'id', 'is missing; every row needs it'],
  ['a missing event time', { id: 'a' }, 'eventTimestamp', 'is missing; every row needs it'],
  ['an unknown column', { ...ROW, amuont: 1 }, 'amuont', 'the view has no such column; it has id,'],
  ['a column that every object has', { ...ROW, toString: 1 }, 'toString', 'the view has no such column'],
])('%s is a problem of its column', (_, row, column, problem) => {
  const parser = new RowParser(SCHEMA);
  parser.parse([row], 0, 1);
  expect(parser.problems).toEqual([{ row: 0, column, problem: expect.stringContaining(problem) }]);
});

test('after twenty problems the rest is not looked at', () => {
  const parser = new RowParser(SCHEMA);
  parser.parse(
    Array.from({ length: 100 }, () => ({})),
    0,
    100,
  );
  expect(parser.full).toBe(true);
  expect(parser.problems).toHaveLength(MAX_REPORTED_PROBLEMS);
});

test('long values are cut short in messages', () => {
  const parser = new RowParser(SCHEMA);
  parser.parse([{ ...ROW, amount: 'x'.repeat(500) }], 0, 1);
  expect(parser.problems[0].problem.length).toBeLessThan(100);
});
