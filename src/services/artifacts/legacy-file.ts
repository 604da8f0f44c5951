import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ArtifactCorrupt } from '../../errors';
import { readFully } from './chunked-file';

/**
 * Reads a file of the first format: the bare bytes, without tags. A first pass makes them (32 bytes for each chunk) and verifies the digest; the
 * second gives the chunks, each verified against its tag, so that a file which changes in between gives no wrong byte either.
 * @throws ArtifactCorrupt
 */
export async function* readLegacyFile(file: FileHandle, digest: string, chunkBytes: number): AsyncGenerator<Buffer> {
  const tags: Buffer[] = [];
  const whole = createHash('sha256');
  for await (const chunk of chunksOf(file, chunkBytes)) tags.push(whole.update(chunk).copy().digest());
  if (whole.digest('hex') !== digest) throw new ArtifactCorrupt(digest);
  const prefix = createHash('sha256');
  let index = 0;
  for await (const chunk of chunksOf(file, chunkBytes)) {
    const tag = tags[index++];
    if (!tag || !prefix.update(chunk).copy().digest().equals(tag)) throw new ArtifactCorrupt(digest);
    yield chunk;
  }
  if (index !== tags.length) throw new ArtifactCorrupt(digest);
}

async function* chunksOf(file: FileHandle, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let position = 0; ; position += chunkBytes) {
    const chunk = await readFully(file, Buffer.allocUnsafe(chunkBytes), position);
    if (chunk.length > 0) yield chunk;
    if (chunk.length < chunkBytes) return;
  }
}
