import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EntityManager } from 'typeorm';
import { Artifact } from '../../entities';
import { ArtifactCorrupt, NotFound } from '../../errors';

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

const DIGEST = /^[0-9a-f]{64}$/;

/** Artifacts as files `<directory>/<first two digits>/<digest>`. Only digests become paths, never anything that a user typed. */
export class FileArtifactStore implements ArtifactStore {
  private readonly incoming: string;

  constructor(private readonly directory: string) {
    this.incoming = path.join(directory, 'incoming');
  }

  /** Removes what a crash left half written. Call once, before the first put. */
  async open(): Promise<void> {
    await mkdir(this.incoming, { recursive: true });
    for (const name of await readdir(this.incoming)) await rm(path.join(this.incoming, name), { force: true });
  }

  async put(bytes: Uint8Array, mediaType: string): Promise<StoredArtifact> {
    const digest = createHash('sha256').update(bytes).digest('hex');
    const stored = { digest, sizeBytes: bytes.byteLength, mediaType };
    const target = this.fileOf(digest);
    if (await stat(target).catch(() => null)) return stored;

    await mkdir(path.dirname(target), { recursive: true });
    const temporary = path.join(this.incoming, randomUUID());
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    // A reader sees the whole file or none: the rename is atomic, and the directory is synced so that it survives a power cut.
    await rename(temporary, target);
    const directory = await open(path.dirname(target), 'r');
    await directory.sync().finally(() => directory.close());
    return stored;
  }

  async get(digest: string): Promise<Buffer> {
    if (!DIGEST.test(digest)) throw new NotFound('artifact', digest);
    const bytes = await readFile(this.fileOf(digest)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFound('artifact', digest);
      throw error;
    });
    if (createHash('sha256').update(bytes).digest('hex') !== digest) throw new ArtifactCorrupt(digest);
    return bytes;
  }

  private fileOf(digest: string): string {
    return path.join(this.directory, digest.slice(0, 2), digest);
  }
}

/** Notes stored bytes in the database, in the transaction of the row that refers to them. */
export async function recordArtifact(manager: EntityManager, artifact: StoredArtifact): Promise<void> {
  await manager.createQueryBuilder().insert().into(Artifact).values(artifact).orIgnore().execute();
}
