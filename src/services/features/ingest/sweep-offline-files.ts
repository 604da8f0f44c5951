import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database';
import type { OfflineStore } from '../offline/offline-store';
import { OFFLINE_FILES_LOCK } from './manifest';

const LOCK_TIMEOUT_MS = 10_000;

/**
 * Removes the files that a crash left behind: batches that are in no manifest, and what unfinished builds of datasets wrote. Call it once at start.
 * It spares what live processes write: a batch is written under a shared lock, which this one waits for, and a dataset that is BUILDING keeps its
 * files.
 * @returns the files removed
 */
export function sweepOfflineFiles(dataSource: DataSource, offline: OfflineStore): Promise<string[]> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await manager.query('SELECT pg_advisory_xact_lock($1)', [OFFLINE_FILES_LOCK]);
    const { batches, datasets } = await offline.list();
    const known = await manager.query<{ file: string }[]>('SELECT file FROM feature_batches WHERE file = ANY($1)', [
      batches,
    ]);
    const kept = new Set(known.map(({ file }) => file));
    const rows = await manager.query<{ id: string; file: string | null; status: string }[]>(
      'SELECT id, file, status FROM datasets WHERE id::text = ANY($1)',
      [datasets.map(({ datasetId }) => datasetId)],
    );
    const builds = new Set(rows.filter(({ status }) => status === 'BUILDING').map(({ id }) => id));
    for (const { file } of rows) if (file) kept.add(file);
    for (const { file, datasetId } of datasets) if (builds.has(datasetId)) kept.add(file);
    const left = [...batches, ...datasets.map(({ file }) => file)].filter((file) => !kept.has(file));
    for (const file of left) await offline.remove(file);
    return left;
  });
}
