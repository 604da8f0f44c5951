import type { EntityManager } from 'typeorm';
import type { ActorRef } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { AuditTrail } from '../../audit';
import type { ViewSchema } from '../definitions/view-schema';
import type { StoredBatch } from '../offline/offline-store';
import { formatTimestamp } from '../rows/timestamp-text';

/** Where a batch comes from, when it is a file that a job ingests. */
export interface BatchOrigin {
  readonly jobId: string;
  /** Digest of the file. */
  readonly artifact: string;
}

/** Microseconds of the years 1 to 9999, which PostgreSQL reads as formatTimestamp writes them. */
const FIRST_MOMENT = -62_135_596_800_000_000n;
const LAST_MOMENT = 253_402_300_799_999_999n;

/**
 * Puts a batch into the manifest, with the next number. Last in a transaction, because it locks the sequence until the commit: batches become visible in
 * the order of their numbers.
 * @returns the batch's id
 * @throws InvalidInput for events of other years than 1 to 9999
 */
export async function commitBatch(
  manager: EntityManager,
  audit: AuditTrail,
  schema: ViewSchema,
  stored: StoredBatch,
  actor: ActorRef,
  origin: BatchOrigin | null = null,
): Promise<string> {
  const { file, rowCount, sizeBytes, minEventTimestamp, maxEventTimestamp } = stored;
  const [first, last] = [formatTimestamp(minEventTimestamp), formatTimestamp(maxEventTimestamp)];
  if (minEventTimestamp < FIRST_MOMENT || maxEventTimestamp > LAST_MOMENT)
    throw new InvalidInput(
      'input.rows',
      `eventTimestamp must lie in the years 1 to 9999, in UTC, and goes from ${first} to ${last}`,
    );
  const [row] = await manager.query<{ id: string; sequence: number }[]>(
    `WITH next AS (UPDATE ingest_sequence SET last_sequence = last_sequence + 1 RETURNING last_sequence)
     INSERT INTO feature_batches (ingest_sequence, feature_view_version_id, file, row_count, size_bytes, min_event_timestamp, max_event_timestamp, actor, job_id)
     SELECT last_sequence, $1, $2, $3, $4, $5, $6, $7, $8 FROM next RETURNING id, ingest_sequence::float8 AS sequence`,
    [schema.viewVersionId, file, rowCount, sizeBytes, first, last, actor.name, origin?.jobId ?? null],
  );
  await audit.append(manager, {
    modelId: null,
    actor,
    action: 'feature.ingest',
    subject: `FeatureBatch:${row.id}`,
    details: { view: schema.view, version: schema.version, rowCount, ingestSequence: row.sequence, ...origin },
  });
  return row.id;
}
