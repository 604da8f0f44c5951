import fc from 'fast-check';
import type { JoinKey } from '../../../src/entities';
import { entityKeyOf, parseEntityKey } from '../../../src/services/features/rows/entity-key';

const KEYS: JoinKey[] = [
  { name: 'name', dtype: 'STRING' },
  { name: 'number', dtype: 'INT64' },
];

test('22: different composite keys have different texts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { minLength: 2, maxLength: 2 }),
      fc.array(fc.string(), { minLength: 2, maxLength: 2 }),
      (a, b) => {
        const same = a.every((part, index) => part === b[index]);
        expect(entityKeyOf(a) === entityKeyOf(b)).toBe(same);
      },
    ),
  );
  expect(entityKeyOf(['1', '12'])).not.toBe(entityKeyOf(['11', '2']));
});

test('equal keys have one text, however a client spells them', () => {
  const key = parseEntityKey(KEYS, { name: 'a', number: 7 }, ['entity']);
  expect(key).toBe('["a","7"]');
  expect(parseEntityKey(KEYS, { number: '007', name: 'a', other: 1 }, ['entity'])).toBe(key);
  const moment: JoinKey[] = [{ name: 'at', dtype: 'TIMESTAMP' }];
  expect(parseEntityKey(moment, { at: '2026-01-01T02:00:00+02:00' }, [])).toBe(
    parseEntityKey(moment, { at: '2026-01-01' }, []),
  );
});

test.each([
  [{ name: 'a' }, 'entity.number: is missing; an entity is named by name, number'],
  [{ name: 'a', number: null }, 'entity.number: is missing'],
  [{ name: 1, number: 1 }, 'entity.name: 1 is not a text'],
])('%p is refused by the name of its join key', (entity, message) => {
  expect(() => parseEntityKey(KEYS, entity, ['entity'])).toThrow(message);
});
