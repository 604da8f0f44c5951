import fc from 'fast-check';
import { ColumnDigest } from '../../../src/services/features/offline/column-digest';
import type { ColumnSlice } from '../../../src/services/features/rows/row-slice';

const digestOf = (...slices: ColumnSlice[]): string => {
  const digest = new ColumnDigest();
  slices.forEach((slice) => digest.update(slice));
  return digest.hex();
};
const texts = (values: (string | null)[]): ColumnSlice => ({ dtype: 'STRING', values });
const numbers = (values: (number | null)[]): ColumnSlice => ({
  dtype: 'DOUBLE',
  values: Float64Array.from(values, (value) => value ?? 0),
  nulls: Uint8Array.from(values, (value) => Number(value === null)),
});
const lists = (values: (readonly (number | bigint)[] | null)[]): ColumnSlice => ({ dtype: 'DOUBLE_LIST', values });

test('the digest does not depend on how the column is cut into slices', () => {
  const column = fc.array(fc.option(fc.string()));
  fc.assert(
    fc.property(column, fc.nat(), (values, seed) => {
      const cut = values.length === 0 ? 0 : seed % values.length;
      expect(digestOf(texts(values.slice(0, cut)), texts(values.slice(cut)))).toBe(digestOf(texts(values)));
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.option(fc.double()), { minLength: 1 }), (values) => {
      expect(digestOf(numbers(values.slice(0, 1)), numbers(values.slice(1)))).toBe(digestOf(numbers(values)));
    }),
  );
});

test.each([
  ['order', texts(['a', 'b']), texts(['b', 'a'])],
  ['borders of texts', texts(['a', 'b']), texts(['ab'])],
  ['null and its word', texts([null]), texts(['null'])],
  ['null and empty', texts([null]), texts([''])],
  ['null and zero', numbers([null]), numbers([0])],
  ['a null more', numbers([1]), numbers([1, null])],
  ['borders of lists', lists([[1], [2]]), lists([[1, 2]])],
  ['null and a list without elements', lists([null]), lists([[]])],
  ['the sign of a zero in a list', lists([[0]]), lists([[-0]])],
  ['digits beyond a double in a list', lists([[2n ** 53n]]), lists([[2n ** 53n + 1n]])],
])('%s makes a difference', (_, a, b) => {
  expect(digestOf(a)).not.toBe(digestOf(b));
});
