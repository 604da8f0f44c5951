import type { FileHandle } from 'node:fs/promises';
import { ArtifactCorrupt } from '../../errors';
import { ArtifactMismatch } from './artifact-errors';
import { type ArtifactHeader, chunkCount, HEADER_BYTES } from './artifact-header';
import type { ChunkSeal } from './chunk-seal';

/** Any stream of bytes: a request, a file, or an array with one buffer in it. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What the bytes must turn out to be. */
export interface ExpectedBytes {
  /** SHA-256, lower-case hexadecimal. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** What is to be read of an artifact, both ends included and within it; absent: all of it. */
export interface Part {
  readonly first: number;
  readonly last: number;
  /** Ends the reading: a client may go while what comes before the part is read, which takes nothing of it. */
  readonly signal?: AbortSignal;
}

/**
 * Writes header and sealed chunks, holding two chunks in memory: one is filled and hashed while the other is on its way to the disk.
 * @throws ArtifactMismatch as soon as there are too many bytes, or at the end when they are not those that were declared; and what the source throws
 */
export async function writeChunks(
  file: FileHandle,
  { source, expected, header, seal }: { source: ByteSource; expected: ExpectedBytes; header: Buffer; seal: ChunkSeal },
  chunkBytes: number,
): Promise<void> {
  const { digest, sizeBytes } = expected;
  const last = chunkCount({ sizeBytes, chunkBytes }) - 1;
  const buffers = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)] as const;
  let index = 0;
  let filled = 0;
  let received = 0;
  let writing: Promise<void> = writeFully(file, [header]);
  const flush = async () => {
    const { body, tag } = seal.seal(buffers[index % 2].subarray(0, filled), { index, isLast: index === last });
    await writing;
    writing = writeFully(file, [body, tag]);
    // Awaited by the next flush; a failure before that must not count as unhandled.
    writing.catch(() => undefined);
    index += 1;
    filled = 0;
  };
  for await (const piece of source) {
    received += piece.byteLength;
    if (received > sizeBytes) throw new ArtifactMismatch('size', `${sizeBytes} bytes`, 'more');
    for (let taken = 0; taken < piece.byteLength;) {
      const part = piece.subarray(taken, taken + chunkBytes - filled);
      buffers[index % 2].set(part, filled);
      filled += part.byteLength;
      taken += part.byteLength;
      if (filled === chunkBytes) await flush();
    }
  }
  if (received < sizeBytes) throw new ArtifactMismatch('size', `${sizeBytes} bytes`, `${received}`);
  if (index <= last) await flush();
  await writing;
  const actual = seal.sealedDigest();
  if (actual !== digest) throw new ArtifactMismatch('SHA-256', digest, actual);
}

/**
 * The bytes in order, each chunk verified before anything of it is given, one being read ahead.
 * @throws ArtifactCorrupt at the first chunk that is not as it was written; the reason of the signal
 */
export async function* readChunks(
  file: FileHandle,
  { digest, seal, chunkBytes, sizeBytes }: { digest: string; seal: ChunkSeal } & Omit<ArtifactHeader, 'keyId' | 'salt'>,
  part: Part = { first: 0, last: sizeBytes - 1 },
): AsyncGenerator<Buffer, void, undefined> {
  const lastOfAll = chunkCount({ sizeBytes, chunkBytes }) - 1;
  const read = (index: number): Promise<Buffer> => {
    const body = index < lastOfAll ? chunkBytes : sizeBytes - lastOfAll * chunkBytes;
    const reading = readFully(
      file,
      Buffer.allocUnsafe(body + seal.tagBytes),
      HEADER_BYTES + index * (chunkBytes + seal.tagBytes),
    );
    reading.catch(() => undefined);
    return reading;
  };
  // An empty artifact has one chunk, too.
  const last = Math.max(0, Math.floor(part.last / chunkBytes));
  const first = Math.floor(part.first / chunkBytes);
  const start = seal.opensAnywhere ? first : 0;
  let next = read(start);
  for (let index = start; index <= last; index++) {
    part.signal?.throwIfAborted();
    const stored = await next;
    if (index < last) next = read(index + 1);
    const end = stored.length - seal.tagBytes;
    const chunk = seal.open(stored.subarray(0, end), stored.subarray(end), { index, isLast: index === lastOfAll });
    if (!chunk) throw new ArtifactCorrupt(digest);
    const offset = index * chunkBytes;
    if (index >= first) yield chunk.subarray(Math.max(0, part.first - offset), part.last + 1 - offset);
  }
}

/** Length of the whole file. */
export const storedBytes = ({ sizeBytes, chunkBytes }: ArtifactHeader, seal: ChunkSeal): number =>
  HEADER_BYTES + sizeBytes + chunkCount({ sizeBytes, chunkBytes }) * seal.tagBytes;

async function writeFully(file: FileHandle, parts: readonly Buffer[]): Promise<void> {
  const wanted = parts.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await file.writev(parts);
  if (bytesWritten < wanted)
    throw new Error(`Only ${bytesWritten} of ${wanted} bytes could be written; the disk may be full.`);
}

/** @returns the buffer, or the part of it that the file could fill */
export async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
