import { CursorInvalid } from '../../errors';

const SHAPE = /^event:(0|[1-9]\d{0,15})$/;

/** The opaque cursor of an event: resuming after it continues with the next sequence. */
export const eventCursor = (sequence: number): string => Buffer.from(`event:${sequence}`).toString('base64url');

/**
 * The sequence that a cursor stands for.
 * @throws CursorInvalid for what eventCursor did not make
 */
export function parseEventCursor(cursor: string): number {
  const sequence = Number(SHAPE.exec(Buffer.from(cursor, 'base64url').toString())?.[1] ?? Number.NaN);
  // Decoding forgives stray characters; a cursor has one spelling.
  if (!Number.isSafeInteger(sequence) || eventCursor(sequence) !== cursor) throw new CursorInvalid(cursor);
  return sequence;
}
