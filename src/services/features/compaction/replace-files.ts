import type { DataSource, EntityManager } from 'typeorm';
import type { ViewSchema } from '../definitions/view-schema';
import { rowsOf } from '../ingest/manifest';
import { ifNobodyReads } from '../ingest/offline-locks';
import type { EntityValues, OfflineStore, Work } from '../offline/offline-store';
import { byKind, type CompactableFile } from './compaction.policy';

/** Who listed the manifest before a file was replaced may read it this long. */
const GRACE = `interval '24 hours'`;

/** The files of a version of a view in the order of their sequences. */
export const filesOf = (database: DataSource | EntityManager, viewVersionId: string): Promise<CompactableFile[]> =>
  database.query<CompactableFile[]>(
    `SELECT file, rewritten, min(ingest_sequence)::float8 AS "ingestSequence", count(*)::float8 AS "batchCount", sum(row_count)::float8 AS "rowCount",
       sum(size_bytes)::float8 AS "sizeBytes", max(created_at) AS "newestBatchAt"
     FROM feature_batches WHERE feature_view_version_id = $1 AND file IS NOT NULL GROUP BY file, rewritten ORDER BY 3`,
    [viewVersionId],
  );

/**
 * Writes files of a version of a view anew, into one, and puts that in their place. Within {@link whileRewriting}; the batches change their file when
 * that transaction commits, all at once.
 * @param without an entity whose rows are left out; then the old files are to be removed at once, not after the grace
 */
export async function replaceFiles(
  deps: { readonly offline: OfflineStore },
  manager: EntityManager,
  schema: ViewSchema,
  files: readonly CompactableFile[],
  without: EntityValues | null,
  work: Work,
): Promise<void> {
  const { viewVersionId } = schema;
  const parts = byKind(files).map((part) => rowsOf(schema, part, null));
  const written = await deps.offline.rewrite(viewVersionId, parts, without, work);
  try {
    const names = files.map(({ file }) => file);
    await manager.query(
      `INSERT INTO retired_feature_files (file, feature_view_version_id, rewritten, retired_at)
       SELECT DISTINCT file, feature_view_version_id, rewritten, CASE WHEN $3 THEN '-infinity'::timestamptz ELSE now() END
       FROM feature_batches WHERE feature_view_version_id = $1 AND file = ANY($2)`,
      [viewVersionId, names, without !== null],
    );
    const [, moved] = await manager.query<[unknown[], number]>(
      'UPDATE feature_batches SET file = $3, rewritten = true WHERE feature_view_version_id = $1 AND file = ANY($2)',
      [viewVersionId, names, written?.file ?? null],
    );
    const expected = files.reduce((sum, { batchCount }) => sum + batchCount, 0);
    if (moved !== expected) throw new Error(`${moved} batches were in the files that were rewritten, not ${expected}`);
  } catch (error) {
    // The commit was not sent yet. Should that fail later, the file is left to the sweep at the next start: it may have been done all the same.
    if (written) await deps.offline.remove(written.file);
    throw error;
  }
}

/** Of which the grace is over, and those that must not have any. */
const DUE = `retired_at < now() - ${GRACE}`;

/**
 * Removes replaced files that are due. Those of versions of views that somebody reads are left for the next time: the reader may have listed them.
 * @returns how many
 */
export async function removeRetiredFiles(dataSource: DataSource, offline: OfflineStore): Promise<number> {
  const due = await dataSource.query<{ id: string }[]>(
    `SELECT DISTINCT feature_view_version_id AS id FROM retired_feature_files WHERE ${DUE}`,
  );
  let removed = 0;
  for (const { id } of due)
    removed += (await ifNobodyReads(dataSource, id, (manager) => removeRetiredFilesOf(manager, offline, id))) ?? 0;
  return removed;
}

/** Removes those of one version of a view; while nobody reads it. @returns how many */
export async function removeRetiredFilesOf(
  manager: EntityManager,
  offline: OfflineStore,
  viewVersionId: string,
): Promise<number> {
  const due = await manager.query<{ file: string }[]>(
    `SELECT file FROM retired_feature_files WHERE ${DUE} AND feature_view_version_id = $1`,
    [viewVersionId],
  );
  // The file first: a crash in between leaves a row, and the next run finds it again.
  for (const { file } of due) await offline.remove(file);
  await manager.query('DELETE FROM retired_feature_files WHERE file = ANY($1)', [due.map(({ file }) => file)]);
  return due.length;
}
