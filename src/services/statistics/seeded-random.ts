const TWO_POW_32 = 2 ** 32;

/**
 * Two 32-bit words that depend on every UTF-16 unit of the text. Not cryptographic; stable for ever, because samples that are stored with a
 * version were drawn with it. Source: cyrb53 by bryc (public domain), two multiply-xor lanes with MurmurHash3's finalizer across them.
 */
function hashWords(text: string, salt: number): [number, number] {
  let high = 0xdeadbeef ^ salt;
  let low = 0x41c6ce57 ^ salt;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, low >>> 0];
}

/** 53 random bits from two words, as a double in [0, 1). */
function unitInterval(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/** The same number in [0, 1) for the same text, on every machine and in every release; unrelated for texts that differ in one character. */
export function uniformFromText(text: string): number {
  return unitInterval(...hashWords(text, 0));
}

/**
 * A reproducible stream of random numbers: the same seed gives the same stream on every machine. Not for secrets.
 * Source: sfc32 by Chris Doty-Humphrey (PractRand), state 128 bits.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number | string) {
    const text = String(seed);
    [this.a, this.b] = hashWords(text, 0);
    this.c = hashWords(text, 1)[0];
    // sfc32's author mixes at least 12 rounds before the first use.
    for (let round = 0; round < 15; round++) this.next32();
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return unitInterval(this.next32(), this.next32());
  }

  /** Uniform integer in [0, below). `below` is a positive integer up to 2^32. */
  integer(below: number): number {
    // Words past the last whole multiple are drawn again: a bare remainder would favour the small results.
    const limit = TWO_POW_32 - (TWO_POW_32 % below);
    let word = this.next32();
    while (word >= limit) word = this.next32();
    return word % below;
  }

  /** Standard normal. Source: Box & Muller 1958. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The integers 0 … length − 1 in a random order. Source: Fisher & Yates. */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = order[last];
      order[last] = order[other];
      order[other] = kept;
    }
    return order;
  }

  private next32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
