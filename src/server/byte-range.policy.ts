/** Bytes of an artifact, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What a Range header asks for (RFC 9110, 14.1.2 and 14.2). Several ranges, other units and what cannot be read are answered with the whole, as
 * the RFC allows: a client has to expect that of any server.
 * @param header as it came; undefined: there was none
 * @param sizeBytes of the whole
 * @returns null: the whole; 'UNSATISFIABLE': nothing of the range is there
 */
export function requestedRange(header: string | undefined, sizeBytes: number): ByteRange | 'UNSATISFIABLE' | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || from + to === '') return null;
  const end = sizeBytes - 1;
  if (from === '') {
    const suffix = Number(to);
    if (suffix === 0) return 'UNSATISFIABLE';
    // The last bytes of nothing are all that there is; Content-Range has no way to say so.
    return sizeBytes === 0 ? null : { first: Math.max(0, sizeBytes - suffix), last: end };
  }
  const first = Number(from);
  const last = to === '' ? end : Number(to);
  if (to !== '' && last < first) return null;
  return first > end ? 'UNSATISFIABLE' : { first, last: Math.min(last, end) };
}

/**
 * Whether a range may be taken from what is there now (RFC 9110, 13.1.5). A date or a weak tag never is: neither proves that the bytes are the same.
 * @param ifRange the header; undefined: no condition
 * @param etag strong, with its quotes
 */
export const rangeHolds = (ifRange: string | undefined, etag: string): boolean =>
  ifRange === undefined || ifRange.trim() === etag;
