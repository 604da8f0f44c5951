/** What the first bytes of a stored artifact say; docs/adr/0009 has the layout. */
export interface ArtifactHeader {
  /** Plaintext bytes in every chunk but the last. */
  readonly chunkBytes: number;
  /** Of the whole artifact, in plaintext. */
  readonly sizeBytes: number;
  /** The key that it is encrypted with; null: it is not encrypted. */
  readonly keyId: string | null;
  /** Of the artifact's own key; zeros where nothing is encrypted. */
  readonly salt: Buffer;
}

export const HEADER_BYTES = 128;
export const SALT_BYTES = 32;
const MAX_KEY_ID_LENGTH = 64;

const MAGIC = Buffer.from('MOORART1', 'ascii');
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
const AT = { encrypted: 8, chunkBytes: 12, sizeBytes: 16, salt: 24, keyId: 56 } as const;

export function encodeHeader({ chunkBytes, sizeBytes, keyId, salt }: ArtifactHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt8(keyId === null ? 0 : 1, AT.encrypted);
  bytes.writeUInt32BE(chunkBytes, AT.chunkBytes);
  bytes.writeBigUInt64BE(BigInt(sizeBytes), AT.sizeBytes);
  salt.copy(bytes, AT.salt);
  bytes.write(keyId ?? '', AT.keyId, MAX_KEY_ID_LENGTH, 'ascii');
  return bytes;
}

/** @returns null when these are not the first bytes of a stored artifact */
export function decodeHeader(bytes: Buffer): ArtifactHeader | null {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const encrypted = bytes.readUInt8(AT.encrypted);
  const chunkBytes = bytes.readUInt32BE(AT.chunkBytes);
  const sizeBytes = Number(bytes.readBigUInt64BE(AT.sizeBytes));
  if (encrypted > 1 || chunkBytes === 0 || chunkBytes > MAX_CHUNK_BYTES || !Number.isSafeInteger(sizeBytes))
    return null;
  const keyId = bytes.toString('ascii', AT.keyId, AT.keyId + MAX_KEY_ID_LENGTH).replace(/\0+$/, '');
  return {
    chunkBytes,
    sizeBytes,
    keyId: encrypted === 1 ? keyId : null,
    salt: Buffer.from(bytes.subarray(AT.salt, AT.salt + SALT_BYTES)),
  };
}

/** Chunks of an artifact. An empty one has one, of no bytes, so that there is something to verify. */
export const chunkCount = ({ sizeBytes, chunkBytes }: Pick<ArtifactHeader, 'sizeBytes' | 'chunkBytes'>): number =>
  Math.max(1, Math.ceil(sizeBytes / chunkBytes));
