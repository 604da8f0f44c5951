import type { EntityManager } from 'typeorm';
import { Artifact } from '../../entities';
import type { ByteSource, ExpectedBytes, Part } from './chunked-file';

export interface StoredArtifact {
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

/** Content-addressed bytes: what is stored under a digest never changes and is verified whenever it is read. */
export interface ArtifactStore {
  /** Stores the bytes durably; storing the same bytes again is free. */
  put(bytes: Uint8Array, mediaType: string): Promise<StoredArtifact>;
  /** @throws NotFound, or ArtifactCorrupt when the bytes on disk are not those that were stored */
  get(digest: string): Promise<Buffer>;
}

/** Bytes that have come, verified and durable, and can be taken up or thrown away. */
export interface StagedBytes {
  /** Makes them readable under their digest, in place of what is there. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** An artifact that is open for reading. */
export interface ArtifactReader {
  readonly sizeBytes: number;
  /** The key that it is encrypted with; null: it is not encrypted. */
  readonly keyId: string | null;
  /** Whether it is stored as a put would store it today: in today's format, with today's key. */
  readonly isCurrent: boolean;
  /**
   * The bytes, each chunk verified before anything of it is given; closes the artifact at its end. Of an unencrypted artifact all that comes before a
   * part is read and verified with it.
   * @throws ArtifactCorrupt; the reason of the signal
   */
  chunks(part?: Part): AsyncGenerator<Buffer, void, undefined>;
  /** For a reader whose chunks are not read. */
  close(): Promise<void>;
}

/** Where the bytes of all artifacts lie. It knows digests and nothing of what they are used for. */
export interface ByteStore extends ArtifactStore {
  has(digest: string): Promise<boolean>;
  /** @throws ArtifactMismatch when the bytes are not those that are expected; nothing is left of them then */
  stage(source: ByteSource, expected: ExpectedBytes): Promise<StagedBytes>;
  /** @throws NotFound, ArtifactKeyMissing, ArtifactCorrupt */
  read(digest: string): Promise<ArtifactReader>;
  remove(digest: string): Promise<void>;
  digests(): AsyncGenerator<string, void, undefined>;
}

/** Notes stored bytes in the database, in the transaction of the row that refers to them. */
export async function recordArtifact(manager: EntityManager, artifact: StoredArtifact): Promise<void> {
  const { digest, sizeBytes, mediaType } = artifact;
  await manager
    .createQueryBuilder()
    .insert()
    .into(Artifact)
    .values({ digest, sizeBytes, mediaType })
    .orIgnore()
    .execute();
}
