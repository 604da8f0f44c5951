import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { UNKNOWN_MEDIA_TYPE } from './artifact-keeper';
import type { ByteStore } from './artifact-store';

export interface Collection {
  /** Digests of the artifacts that are gone. */
  readonly removed: readonly string[];
  readonly freedBytes: number;
  /** Bytes that were found without a row; they got one, and are collected when their time is up. */
  readonly adopted: number;
}

const BATCH = 500;
const UPLOADS_KEPT = `interval '7 days'`;
/** True for an artifact that nothing refers to. Runs of training name theirs in their result, and jobs of ingest in their input, without a foreign key. */
const UNREFERENCED = ['model_digest', 'preprocessing_digest', 'reference_profile_digest', 'evaluation_report_digest']
  .map((column) => `NOT EXISTS (SELECT 1 FROM model_versions WHERE ${column} = artifact.digest)`)
  .concat(
    `NOT EXISTS (SELECT 1 FROM training_runs WHERE artifact.digest IN (result->>'modelDigest', result->>'preprocessingDigest', result->>'referenceProfileDigest', result->>'evaluationReportDigest'))`,
  )
  .concat(
    `NOT EXISTS (SELECT 1 FROM jobs WHERE status IN ('QUEUED', 'RUNNING') AND kind = 'FEATURE_INGEST' AND input->>'artifact' = artifact.digest)`,
  )
  .join(' AND ');

/** Removes the bytes that nothing refers to and nobody holds any more. */
export class ArtifactCollector {
  constructor(
    private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail; readonly store: ByteStore },
  ) {}

  /** May run beside uploads, registrations and other collections, on any server. */
  async collect(actor: Actor): Promise<Collection> {
    authorize(actor, 'artifact.manage');
    const adopted = await this.adopt();
    const { dataSource } = this.deps;
    await dataSource.query(`DELETE FROM artifact_uploads WHERE expires_at < now() - ${UPLOADS_KEPT}`);
    const removed: string[] = [];
    let freedBytes = 0;
    for (let after = ''; ;) {
      const candidates = await dataSource.query<{ digest: string }[]>(
        `SELECT digest FROM artifacts artifact WHERE held_until < now() AND digest > $1 AND ${UNREFERENCED} ORDER BY digest LIMIT ${BATCH}`,
        [after],
      );
      for (const { digest } of candidates) {
        const bytes = await this.removeUnlessTaken(digest, actor);
        if (bytes === null) continue;
        removed.push(digest);
        freedBytes += bytes;
      }
      if (candidates.length < BATCH) return { removed, freedBytes, adopted };
      after = candidates.at(-1)?.digest ?? '';
    }
  }

  /**
   * Asks again under the lock of the artifact's row: a version that was registered meanwhile holds that lock too until it is committed, and whoever
   * stores the same bytes anew waits for it, then finds no bytes and writes them.
   * @returns the size; null when somebody has taken it up
   */
  private removeUnlessTaken(digest: string, actor: Actor): Promise<number | null> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const [artifact] = await manager.query<{ sizeBytes: string | number }[]>(
        `SELECT size_bytes AS "sizeBytes" FROM artifacts WHERE digest = $1 AND held_until < now() FOR UPDATE SKIP LOCKED`,
        [digest],
      );
      // A statement of its own sees what was committed while the lock was waited for.
      if (!artifact || !(await isUnreferenced(manager, digest))) return null;
      await manager.query('DELETE FROM artifacts WHERE digest = $1', [digest]);
      const sizeBytes = Number(artifact.sizeBytes);
      await this.deps.audit.append(manager, {
        modelId: null,
        actor,
        action: 'artifact.collect',
        subject: `Artifact:${digest}`,
        details: { digest, sizeBytes },
      });
      // Last, and before the lock is given up. Cut off here, the row is still there, and the next collection ends the work.
      await this.deps.store.remove(digest);
      return sizeBytes;
    });
  }

  /** Gives rows to bytes without one: what a crash left between the two. */
  private async adopt(): Promise<number> {
    let adopted = 0;
    let batch: string[] = [];
    for await (const digest of this.deps.store.digests()) {
      if (batch.push(digest) < BATCH) continue;
      adopted += await this.adoptBatch(batch);
      batch = [];
    }
    return adopted + (await this.adoptBatch(batch));
  }

  private async adoptBatch(digests: readonly string[]): Promise<number> {
    const unknown = await this.deps.dataSource.query<{ digest: string }[]>(
      'SELECT digest FROM unnest($1::text[]) AS found(digest) WHERE NOT EXISTS (SELECT 1 FROM artifacts WHERE artifacts.digest = found.digest)',
      [digests],
    );
    let adopted = 0;
    for (const { digest } of unknown) {
      const sizeBytes = await this.sizeOf(digest);
      if (sizeBytes === null) continue;
      await this.deps.dataSource.query(
        `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, $2, '${UNKNOWN_MEDIA_TYPE}') ON CONFLICT DO NOTHING`,
        [digest, sizeBytes],
      );
      adopted += 1;
    }
    return adopted;
  }

  /** null for bytes that cannot be read, which are left to whoever looks into why, and for those that are gone. */
  private async sizeOf(digest: string): Promise<number | null> {
    try {
      const reader = await this.deps.store.read(digest);
      await reader.close();
      return reader.sizeBytes;
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

async function isUnreferenced(manager: EntityManager, digest: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `SELECT 1 FROM artifacts artifact WHERE digest = $1 AND ${UNREFERENCED}`,
    [digest],
  );
  return rows.length > 0;
}
