import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { NamedKey } from '../../config';
import { ArtifactCorrupt, NotFound } from '../../errors';
import { ArtifactKeyMissing } from './artifact-errors';
import { type ArtifactHeader, decodeHeader, encodeHeader, HEADER_BYTES, SALT_BYTES } from './artifact-header';
import type { ArtifactReader, ByteStore, StagedBytes, StoredArtifact } from './artifact-store';
import { type ChunkSeal, DigestSeal, EncryptingSeal } from './chunk-seal';
import { type ByteSource, type ExpectedBytes, readChunks, readFully, storedBytes, writeChunks } from './chunked-file';

const DIGEST = /^[0-9a-f]{64}$/;
/** Constant memory for any size, and more than enough to keep a disk busy (bench/artifacts). */
const CHUNK_BYTES = 256 * 1024;
const SUFFIX = '.chunks';

/**
 * Artifacts as files `<directory>/<first two digits>/<digest>.chunks`, in the format of docs/adr/0009. Only digests become paths, never
 * anything that a user typed.
 */
export class FileArtifactStore implements ByteStore {
  private readonly incoming: string;

  /** @param keys by which encrypted artifacts are read; the first encrypts what is written. None: nothing is encrypted. */
  constructor(
    private readonly directory: string,
    private readonly keys: readonly NamedKey[] = [],
  ) {
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
    if (await this.has(digest)) return stored;
    await (await this.stage([bytes], stored)).keep();
    return stored;
  }

  async get(digest: string): Promise<Buffer> {
    const reader = await this.read(digest);
    const bytes = Buffer.allocUnsafe(reader.sizeBytes);
    let filled = 0;
    for await (const chunk of reader.chunks()) filled += chunk.copy(bytes, filled);
    return bytes;
  }

  async has(digest: string): Promise<boolean> {
    return DIGEST.test(digest) && (await stat(this.fileOf(digest)).catch(() => null)) !== null;
  }

  async stage(source: ByteSource, expected: ExpectedBytes): Promise<StagedBytes> {
    const { digest, sizeBytes } = expected;
    if (!DIGEST.test(digest)) throw new NotFound('artifact', digest);
    const [writing] = this.keys;
    const salt = writing ? randomBytes(SALT_BYTES) : Buffer.alloc(SALT_BYTES);
    const header = encodeHeader({ chunkBytes: CHUNK_BYTES, sizeBytes, keyId: writing?.id ?? null, salt });
    const seal = writing ? new EncryptingSeal(writing.key, header, digest) : new DigestSeal(digest);
    const temporary = path.join(this.incoming, randomUUID());
    await mkdir(this.incoming, { recursive: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await writeChunks(file, { source, expected, header, seal }, CHUNK_BYTES);
      await file.sync();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return {
      keep: () => this.takeUp(temporary, digest),
      discard: () => rm(temporary, { force: true }),
    };
  }

  async read(digest: string): Promise<ArtifactReader> {
    if (!DIGEST.test(digest)) throw new NotFound('artifact', digest);
    const file = await openIfThere(this.fileOf(digest));
    if (!file) throw new NotFound('artifact', digest);
    try {
      return await this.readerOf(file, digest);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async remove(digest: string): Promise<void> {
    if (DIGEST.test(digest)) await rm(this.fileOf(digest), { force: true });
  }

  async *digests(): AsyncGenerator<string, void, undefined> {
    for (const folder of await readdir(this.directory).catch(() => [])) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      const names = await readdir(path.join(this.directory, folder));
      yield* names.map((name) => path.basename(name, SUFFIX)).filter((name) => DIGEST.test(name));
    }
  }

  private async readerOf(file: FileHandle, digest: string): Promise<ArtifactReader> {
    const { size } = await file.stat();
    const bytes = await readFully(file, Buffer.alloc(HEADER_BYTES), 0);
    const header = decodeHeader(bytes);
    if (!header) throw new ArtifactCorrupt(digest);
    const { keyId, sizeBytes } = header;
    const seal = this.sealOf(header, bytes, digest);
    if (size !== storedBytes(header, seal)) throw new ArtifactCorrupt(digest);
    return {
      sizeBytes,
      keyId,
      isCurrent: keyId === (this.keys[0]?.id ?? null),
      chunks: (part) => closing(file, readChunks(file, { ...header, digest, seal }, part)),
      close: () => file.close(),
    };
  }

  private sealOf({ keyId }: ArtifactHeader, header: Buffer, digest: string): ChunkSeal {
    if (keyId === null) return new DigestSeal(digest);
    const found = this.keys.find(({ id }) => id === keyId);
    if (!found) throw new ArtifactKeyMissing(digest, keyId);
    return new EncryptingSeal(found.key, header, digest);
  }

  private async takeUp(temporary: string, digest: string): Promise<void> {
    const target = this.fileOf(digest);
    await mkdir(path.dirname(target), { recursive: true });
    // A reader sees the whole file or none: the rename is atomic, and the directory is synced so that it survives a power cut.
    await rename(temporary, target);
    const directory = await open(path.dirname(target), 'r');
    await directory.sync().finally(() => directory.close());
  }

  private fileOf(digest: string): string {
    return path.join(this.directory, digest.slice(0, 2), digest + SUFFIX);
  }
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  return open(file, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

/** Closes the file when the chunks have been read, or are read no further. */
async function* closing(file: FileHandle, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* chunks;
  } finally {
    await file.close();
  }
}
