import { createHash, type Hash } from 'node:crypto';
import { decrypt, derivedKey, encrypt, NONCE_BYTES, TAG_BYTES } from '../../authenticated-encryption';

/** Where a chunk stands. */
export interface ChunkPlace {
  readonly index: number;
  readonly isLast: boolean;
}

/** Puts a tag on every chunk of one artifact, in order, by which `open` knows the chunk again. */
export interface ChunkSeal {
  readonly tagBytes: number;
  /** Whether `open` takes chunks in any order; if not, all of them from the first one on. */
  readonly opensAnywhere: boolean;
  /** @returns what is to be stored of the chunk: as many bytes, and the tag */
  seal(chunk: Buffer, place: ChunkPlace): { readonly body: Buffer; readonly tag: Buffer };
  /** SHA-256 of all that was sealed, in hexadecimal; asked once, after the last chunk. */
  sealedDigest(): string;
  /** @returns the plaintext; null when it is not the chunk that was sealed at that place */
  open(body: Buffer, tag: Buffer, place: ChunkPlace): Buffer | null;
}

const DIGEST_BYTES = 32;

/**
 * Chunks as they are. The tag of a chunk is the SHA-256 of all bytes up to its end: one pass gives them all, and the last one must be the artifact's
 * digest. (Digests of single chunks would cost a second hash over every byte, both ways.)
 */
export class DigestSeal implements ChunkSeal {
  readonly tagBytes = DIGEST_BYTES;
  readonly opensAnywhere = false;
  private readonly prefix: Hash = createHash('sha256');

  constructor(private readonly digest: string) {}

  seal(chunk: Buffer): { body: Buffer; tag: Buffer } {
    return { body: chunk, tag: this.prefix.update(chunk).copy().digest() };
  }

  sealedDigest(): string {
    return this.prefix.digest('hex');
  }

  open(body: Buffer, tag: Buffer, { isLast }: ChunkPlace): Buffer | null {
    const seen = this.prefix.update(body).copy().digest();
    return seen.equals(tag) && (!isLast || seen.toString('hex') === this.digest) ? body : null;
  }
}

/**
 * AES-256-GCM with a key of the artifact's own, derived from the configured one, the header (a random salt is in it) and the digest: neither can be
 * exchanged. The nonce is the chunk's index and whether it is the last, so that a chunk can be neither moved, left out, nor cut off.
 */
export class EncryptingSeal implements ChunkSeal {
  readonly tagBytes = TAG_BYTES;
  readonly opensAnywhere = true;
  private readonly key: Buffer;
  private readonly sealed: Hash = createHash('sha256');

  constructor(masterKey: Buffer, header: Buffer, digest: string) {
    const info = Buffer.concat([Buffer.from(`mooring artifact ${digest} `, 'ascii'), header]);
    this.key = derivedKey(masterKey, info);
  }

  seal(chunk: Buffer, place: ChunkPlace): { body: Buffer; tag: Buffer } {
    this.sealed.update(chunk);
    return encrypt(this.key, nonceOf(place), chunk);
  }

  sealedDigest(): string {
    return this.sealed.digest('hex');
  }

  open(body: Buffer, tag: Buffer, place: ChunkPlace): Buffer | null {
    return decrypt(this.key, nonceOf(place), body, tag);
  }
}

function nonceOf({ index, isLast }: ChunkPlace): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 5);
  nonce.writeUInt32BE(index, NONCE_BYTES - 4);
  return nonce;
}
