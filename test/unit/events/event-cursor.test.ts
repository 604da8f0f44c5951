import fc from 'fast-check';
import { CursorInvalid } from '../../../src/errors';
import { eventCursor, parseEventCursor } from '../../../src/services/events/event-cursor';

test('every sequence has one cursor that leads back to it', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (sequence) => {
      expect(parseEventCursor(eventCursor(sequence))).toBe(sequence);
    }),
  );
});

const encode = (text: string) => Buffer.from(text).toString('base64url');

test.each([
  '',
  '42',
  'nonsense',
  encode('event:'),
  encode('event:-1'),
  encode('event:01'),
  encode('event:1.5'),
  encode('event:9007199254740993'),
  encode('["models",1]'),
  `${eventCursor(1)}=`,
  ` ${eventCursor(1)}`,
])('%p is refused', (cursor) => {
  expect(() => parseEventCursor(cursor)).toThrow(CursorInvalid);
});

test('any text but a cursor is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => parseEventCursor(text)).toThrow(CursorInvalid);
    }),
  );
});
