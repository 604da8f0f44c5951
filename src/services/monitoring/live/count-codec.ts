/**
 * Counts per slot as bytes: for each slot that is not 0, in order, the distance from the one before (from 1) and the count, both as varints of seven
 * bits a byte, least significant first. One row of 50 features takes about 120 bytes, a full day of them about 3 kB.
 */
export function encodeCounts(counts: Float64Array): Buffer {
  let used = 0;
  for (const count of counts) used += Number(count > 0);
  const bytes = Buffer.allocUnsafe(used * 2 * LONGEST_VARINT);
  let end = 0;
  let last = -1;
  for (let slot = 0; slot < counts.length; slot++) {
    if (counts[slot] === 0) continue;
    end = writeVarint(bytes, end, slot - last);
    end = writeVarint(bytes, end, counts[slot]);
    last = slot;
  }
  return bytes.subarray(0, end);
}

/**
 * Adds encoded counts to `totals`.
 * @throws RangeError when the bytes are cut off, or name a slot that `totals` does not have
 */
export function addCounts(totals: Float64Array, bytes: Uint8Array): void {
  forEachCount(bytes, (slot, count) => {
    if (slot >= totals.length)
      throw new RangeError(`Slot ${slot} of ${totals.length}: these counts are of another profile.`);
    totals[slot] += count;
  });
}

/** The sum of encoded counts of one profile, which need not be known. Exact while counts stay below 2^53. */
export function mergeEncodedCounts(parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) forEachCount(part, (slot) => (length = Math.max(length, slot + 1)));
  const totals = new Float64Array(length);
  for (const part of parts) addCounts(totals, part);
  return encodeCounts(totals);
}

/** Of 2^53, the greatest count that a double holds exactly. */
const LONGEST_VARINT = 8;

function forEachCount(bytes: Uint8Array, visit: (slot: number, count: number) => void): void {
  let position = 0;
  const readVarint = (): number => {
    let value = 0;
    // Not by shifting: that stops at 32 bits.
    for (let scale = 1; ; scale *= 128) {
      if (position >= bytes.length) throw new RangeError('The counts are cut off.');
      const byte = bytes[position++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  let slot = -1;
  while (position < bytes.length) {
    slot += readVarint();
    visit(slot, readVarint());
  }
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let position = start;
  let rest = value;
  while (rest >= 128) {
    bytes[position++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = rest;
  return position;
}
