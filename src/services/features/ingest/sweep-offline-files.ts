import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database';
import type { FeatureFileStaging } from '../offline/feature-file-staging';
import type { OfflineStore } from '../offline/offline-store';
import { OFFLINE_FILES_LOCK } from './manifest';
import { tryRewriting } from './offline-locks';

const LOCK_TIMEOUT_MS = 10_000;

/**
 * Removes the files that a crash left behind: batches that are in no manifest, what unfinished builds of datasets wrote, and files that were being
 * ingested by jobs which have ended. Call it once at start.
 * It spares what live processes write: a batch is written under a shared lock, which this one waits for; while files of a version of a view are being
 * rewritten, that version's are left alone; a dataset that is BUILDING keeps its files, and so does a job that is not finished. Replaced files stay
 * for their grace.
 * @returns the files removed
 */
export function sweepOfflineFiles(
  dataSource: DataSource,
  offline: OfflineStore,
  staging: FeatureFileStaging,
): Promise<string[]> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await manager.query('SELECT pg_advisory_xact_lock($1)', [OFFLINE_FILES_LOCK]);
    const { batches, datasets } = await offline.list();
    // Locked before the manifest is read: what is rewritten until then is in it.
    const beingRewritten = new Set<string>();
    const versions = new Set(batches.map(versionOf));
    for (const id of versions) if (!(await tryRewriting(manager, id))) beingRewritten.add(id);
    const known = await manager.query<{ file: string }[]>(
      'SELECT file FROM feature_batches WHERE file = ANY($1) UNION ALL SELECT file FROM retired_feature_files WHERE file = ANY($1)',
      [batches],
    );
    const kept = new Set(known.map(({ file }) => file));
    for (const file of batches) if (beingRewritten.has(versionOf(file))) kept.add(file);
    const rows = await manager.query<{ id: string; file: string | null; status: string }[]>(
      'SELECT id, file, status FROM datasets WHERE id::text = ANY($1)',
      [datasets.map(({ datasetId }) => datasetId)],
    );
    const builds = new Set(rows.filter(({ status }) => status === 'BUILDING').map(({ id }) => id));
    for (const { file } of rows) if (file) kept.add(file);
    for (const { file, datasetId } of datasets) if (builds.has(datasetId)) kept.add(file);
    const left = [...batches, ...datasets.map(({ file }) => file)].filter((file) => !kept.has(file));
    for (const file of left) await offline.remove(file);
    const jobs = await staging.list();
    const open = await manager.query<{ id: string }[]>(
      `SELECT id FROM jobs WHERE id::text = ANY($1) AND status IN ('QUEUED', 'RUNNING')`,
      [jobs],
    );
    const ended = jobs.filter((jobId) => !open.some(({ id }) => id === jobId));
    for (const jobId of ended) await staging.remove(jobId);
    return [...left, ...ended.map((jobId) => `incoming/${jobId}`)];
  });
}

/** The version of a view that a file of batches belongs to: its folder. */
const versionOf = (file: string): string => file.split('/')[1];
