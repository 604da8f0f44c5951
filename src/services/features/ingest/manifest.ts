import type { DataSource, EntityManager } from 'typeorm';
import type { ViewSchema } from '../definitions/view-schema';
import type { LatestWindow, OfflineBatch, ViewRows } from '../offline/offline-store';

/** Held, shared, by every transaction that puts a file under the manifest, from before the file is there: a sweep that holds it alone sees none of them. */
export const OFFLINE_FILES_LOCK = 7_306_021_551;

/** Number of the last committed batch. Numbers are given under a lock that is held to the commit, so all batches up to it are there to be read. */
export async function lastSequence(database: DataSource | EntityManager): Promise<number> {
  const [row] = await database.query<{ last: number }[]>('SELECT last_sequence::float8 AS last FROM ingest_sequence');
  return row.last;
}

/** The rows of a view's version in all batches up to a sequence. */
export async function rowsThrough(
  database: DataSource | EntityManager,
  schema: ViewSchema,
  throughSequence: number,
): Promise<ViewRows> {
  const batches = await database.query<OfflineBatch[]>(
    `SELECT file, ingest_sequence::float8 AS "ingestSequence" FROM feature_batches
     WHERE feature_view_version_id = $1 AND ingest_sequence <= $2 ORDER BY ingest_sequence`,
    [schema.viewVersionId, throughSequence],
  );
  return { view: schema.view, schema, batches };
}

/** Only the batches that can hold rows of a window: newer ones, and those with events that were not due then. */
export async function rowsOfWindow(
  database: DataSource | EntityManager,
  schema: ViewSchema,
  throughSequence: number,
  { seen }: LatestWindow,
): Promise<ViewRows> {
  const batches = await database.query<OfflineBatch[]>(
    `SELECT file, ingest_sequence::float8 AS "ingestSequence" FROM feature_batches
     WHERE feature_view_version_id = $1 AND ingest_sequence <= $2 AND (ingest_sequence > $3 OR max_event_timestamp > $4)
     ORDER BY ingest_sequence`,
    [schema.viewVersionId, throughSequence, seen?.throughSequence ?? 0, seen?.dueThrough ?? '-infinity'],
  );
  return { view: schema.view, schema, batches };
}
