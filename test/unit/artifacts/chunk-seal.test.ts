import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { type ChunkSeal, DigestSeal, EncryptingSeal } from '../../../src/services/artifacts/chunk-seal';

const CHUNK = 16;
const bytesFrom = (minLength: number) =>
  fc.uint8Array({ minLength, maxLength: 5 * CHUNK, size: 'max' }).map((values) => Buffer.from(values));
const bytes = bytesFrom(0);
/** Two chunks and more. */
const longBytes = bytesFrom(CHUNK + 1);
const key = randomBytes(32);
const header = randomBytes(128);

interface Sealed {
  body: Buffer;
  tag: Buffer;
}

function chunksOf(content: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(content.length / CHUNK));
  return Array.from({ length: count }, (_, index) => content.subarray(index * CHUNK, (index + 1) * CHUNK));
}

function sealAll(seal: ChunkSeal, content: Buffer): Sealed[] {
  const chunks = chunksOf(content);
  return chunks.map((chunk, index) => {
    const { body, tag } = seal.seal(chunk, { index, isLast: index === chunks.length - 1 });
    return { body: Buffer.from(body), tag };
  });
}

/** What a reader is given before it is stopped, and whether it was. */
function openAll(seal: ChunkSeal, sealed: readonly Sealed[]): { given: Buffer; whole: boolean } {
  const given: Buffer[] = [];
  for (const [index, { body, tag }] of sealed.entries()) {
    const chunk = seal.open(body, tag, { index, isLast: index === sealed.length - 1 });
    if (!chunk) return { given: Buffer.concat(given), whole: false };
    given.push(Buffer.from(chunk));
  }
  return { given: Buffer.concat(given), whole: true };
}

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

describe.each([
  ['Chunks as they are', (digest: string) => new DigestSeal(digest)],
  ['Encrypted chunks', (digest: string) => new EncryptingSeal(key, header, digest)],
])('%s', (_name, sealFor) => {
  it('come back as they were, with the digest of the whole', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const seal = sealFor(digestOf(content));
        const sealed = sealAll(seal, content);
        expect(seal.sealedDigest()).toBe(digestOf(content));
        expect(openAll(sealFor(digestOf(content)), sealed)).toEqual({ given: content, whole: true });
      }),
    );
  });

  it('are refused when a bit was turned, and nothing from there on is given', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(), fc.nat(7), (content, chunkPick, bytePick, bit) => {
        const digest = digestOf(content);
        const sealed = sealAll(sealFor(digest), content);
        const at = chunkPick % sealed.length;
        const { body, tag } = sealed[at];
        const byte = bytePick % (body.length + tag.length);
        if (byte < body.length) body[byte] ^= 1 << bit;
        else tag[byte - body.length] ^= 1 << bit;
        expect(openAll(sealFor(digest), sealed)).toEqual({ given: content.subarray(0, at * CHUNK), whole: false });
      }),
    );
  });

  it('are refused when two were exchanged', () => {
    fc.assert(
      fc.property(longBytes, fc.nat(), fc.nat(), (content, first, second) => {
        const digest = digestOf(content);
        const sealed = sealAll(sealFor(digest), content);
        const [a, b] = [first % sealed.length, second % sealed.length];
        fc.pre(a !== b && !chunksOf(content)[a].equals(chunksOf(content)[b]));
        [sealed[a], sealed[b]] = [sealed[b], sealed[a]];
        expect(openAll(sealFor(digest), sealed).whole).toBe(false);
      }),
    );
  });

  it('are refused when the end was cut off, and when something was added', () => {
    fc.assert(
      fc.property(longBytes, fc.integer({ min: 1, max: 4 }), (content, cut) => {
        const digest = digestOf(content);
        const sealed = sealAll(sealFor(digest), content);
        expect(openAll(sealFor(digest), [...sealed, sealed[0]]).whole).toBe(false);
        expect(openAll(sealFor(digest), sealed.slice(0, -Math.min(cut, sealed.length - 1))).whole).toBe(false);
      }),
    );
  });

  it('are refused under the digest of other bytes', () => {
    const sealed = sealAll(sealFor(digestOf(Buffer.from('one'))), Buffer.from('one'));
    expect(openAll(sealFor(digestOf(Buffer.from('two'))), sealed).whole).toBe(false);
  });
});

describe('Encryption', () => {
  const content = Buffer.from('forty-two bytes of a model that is secret.');

  it('shows nothing of the content, and never the same bytes for two artifacts', () => {
    const seal = (salted: Buffer) =>
      Buffer.concat(sealAll(new EncryptingSeal(key, salted, digestOf(content)), content).map(({ body }) => body));
    expect(seal(header).indexOf(content.subarray(0, 8))).toBe(-1);
    expect(seal(header).equals(seal(randomBytes(128)))).toBe(false);
  });

  it('opens with no other key and under no other header', () => {
    const sealed = sealAll(new EncryptingSeal(key, header, digestOf(content)), content);
    const otherKey = new EncryptingSeal(randomBytes(32), header, digestOf(content));
    const otherHeader = new EncryptingSeal(key, randomBytes(128), digestOf(content));
    expect(openAll(otherKey, sealed).given).toHaveLength(0);
    expect(openAll(otherHeader, sealed).given).toHaveLength(0);
  });
});
