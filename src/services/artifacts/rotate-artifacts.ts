import { DomainError } from '../../errors';
import type { ByteStore } from './artifact-store';

export interface Rotation {
  /** Stored anew, with today's key. */
  readonly rewritten: number;
  /** Stored so already. */
  readonly current: number;
  readonly failed: readonly { readonly digest: string; readonly problem: string }[];
}

/**
 * Stores every artifact as a put would store it today: encrypted with the first key, or unencrypted where there is none. Bytes that are damaged, or whose
 * key is missing, stay as they are and are reported. It can be cut off and repeated, and server and readers go on meanwhile.
 */
export async function rotateArtifacts(store: ByteStore): Promise<Rotation> {
  let [rewritten, current] = [0, 0];
  const failed: { digest: string; problem: string }[] = [];
  for await (const digest of store.digests()) {
    try {
      const reader = await store.read(digest);
      if (reader.isCurrent) {
        current += 1;
        await reader.close();
        continue;
      }
      const { sizeBytes } = reader;
      await (await store.stage(reader.chunks(), { digest, sizeBytes })).keep();
      rewritten += 1;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // Collected meanwhile: nothing is left to be done.
      if (error.code !== 'NOT_FOUND') failed.push({ digest, problem: error.message });
    }
  }
  return { rewritten, current, failed };
}
