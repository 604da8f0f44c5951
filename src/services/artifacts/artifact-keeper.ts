import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { ArtifactReader, ArtifactStore, ByteStore, StoredArtifact } from './artifact-store';

/** How long bytes may wait for the row that refers to them. */
const HOLD = `interval '24 hours'`;
/** Of bytes that were found without a row. */
export const UNKNOWN_MEDIA_TYPE = 'application/octet-stream';

/**
 * Stores bytes so that collections cannot take them away: each artifact has a row with the time until which it is held, and whoever stores bytes, or
 * finds that they are there, moves that time before he looks at the disk. A collection keeps the row locked until the bytes are gone (see
 * ArtifactCollector), so that one of the two waits for the other.
 */
export class ArtifactKeeper implements ArtifactStore {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly store: ByteStore }) {}

  async put(bytes: Uint8Array, mediaType: string): Promise<StoredArtifact> {
    const digest = createHash('sha256').update(bytes).digest('hex');
    await this.hold({ digest, sizeBytes: bytes.byteLength, mediaType });
    return this.deps.store.put(bytes, mediaType);
  }

  get(digest: string): Promise<Buffer> {
    return this.deps.store.get(digest);
  }

  /** @throws NotFound, ArtifactKeyMissing, ArtifactCorrupt */
  read(digest: string): Promise<ArtifactReader> {
    return this.deps.store.read(digest);
  }

  /** Holds an artifact whose bytes are about to be stored. */
  async hold({ digest, sizeBytes, mediaType }: StoredArtifact, manager = this.deps.dataSource.manager): Promise<void> {
    await manager.query(
      `INSERT INTO artifacts (digest, size_bytes, media_type, held_until) VALUES ($1, $2, $3, now() + ${HOLD})
       ON CONFLICT (digest) DO UPDATE SET
         held_until = greatest(artifacts.held_until, excluded.held_until),
         media_type = CASE artifacts.media_type WHEN '${UNKNOWN_MEDIA_TYPE}' THEN excluded.media_type ELSE artifacts.media_type END`,
      [digest, sizeBytes, mediaType],
    );
  }

  /** Holds an artifact that is there already; null when it is not. */
  async holdIfThere(
    digest: string,
    manager: EntityManager = this.deps.dataSource.manager,
  ): Promise<StoredArtifact | null> {
    const [rows] = await manager.query<[{ sizeBytes: string | number; mediaType: string }[], number]>(
      `UPDATE artifacts SET held_until = greatest(held_until, now() + ${HOLD}) WHERE digest = $1
       RETURNING size_bytes AS "sizeBytes", media_type AS "mediaType"`,
      [digest],
    );
    const [row] = rows;
    if (!row || !(await this.deps.store.has(digest))) return null;
    return { digest, sizeBytes: Number(row.sizeBytes), mediaType: row.mediaType };
  }
}
