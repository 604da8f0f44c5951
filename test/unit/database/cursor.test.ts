import fc from 'fast-check';
import { CursorInvalid } from '../../../src/errors';
import { decodeCursor, encodeCursor } from '../../../src/services/database/cursor';

const LIST = 'models DESC createdAt id';
const TYPES = ['timestamptz', 'uuid'] as const;
const KEY = [new Date('2026-02-28T12:00:00.123Z'), '0192f0c1-5d5e-7aaa-8bbb-0123456789ab'];

function outcomeOf(cursor: string): string {
  try {
    return decodeCursor(LIST, ['text'], cursor).length === 1 ? 'read' : 'misread';
  } catch (error) {
    return error instanceof CursorInvalid ? 'refused' : String(error);
  }
}

const forge = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  it('brings back the sort key that it was made of', () => {
    const time = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(time, fc.uuid(), (createdAt, id) => {
        const cursor = encodeCursor(LIST, [createdAt, id]);
        expect(decodeCursor(LIST, TYPES, cursor)).toEqual([createdAt.toISOString(), id]);
        expect(cursor).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it('keeps any text and any whole number that a column can hold', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(text, fc.integer({ min: -999_999_999, max: 999_999_999 }), (name, version) => {
        const cursor = encodeCursor(LIST, [name, version]);
        expect(decodeCursor(LIST, ['text', 'integer'], cursor)).toEqual([name, String(version)]);
      }),
    );
  });

  it('of another list is refused', () => {
    const cursor = encodeCursor(LIST, KEY);
    expect(() => decodeCursor('models ASC createdAt id', TYPES, cursor)).toThrow(CursorInvalid);
    expect(() => decodeCursor('datasets DESC createdAt id', TYPES, cursor)).toThrow(CursorInvalid);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', Buffer.from('[1,').toString('base64url')],
    ['no array', forge({ list: LIST })],
    ['too few values', forge([LIST, '2026-02-28T12:00:00.123Z'])],
    ['too many values', forge([LIST, '2026-02-28T12:00:00.123Z', KEY[1], 'x'])],
    ['a value that is no text', forge([LIST, '2026-02-28T12:00:00.123Z', 1])],
    ['a day that does not exist', forge([LIST, '2026-02-30T12:00:00.123Z', KEY[1]])],
    ['no time', forge([LIST, 'infinity', KEY[1]])],
    ['no UUID', forge([LIST, '2026-02-28T12:00:00.123Z', "' OR true --"])],
  ])('with %s in it is refused', (_what, cursor) => {
    expect(() => decodeCursor(LIST, TYPES, cursor)).toThrow(CursorInvalid);
  });

  it('with a zero byte, which PostgreSQL does not take, is refused', () => {
    expect(() => decodeCursor(LIST, ['text'], forge([LIST, 'a\0b']))).toThrow(CursorInvalid);
  });

  it('is never more than refused, whatever a client sends', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.jsonValue().map(forge),
      fc.array(fc.string()).map((v) => forge([LIST, ...v])),
    );
    fc.assert(
      fc.property(anything, (cursor) => {
        expect(outcomeOf(cursor)).toMatch(/^(read|refused)$/);
      }),
    );
  });
});
