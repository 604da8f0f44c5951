import type { DataSource } from 'typeorm';
import { JOB_KINDS, type JobKind } from '../../entities/enums';

/** The jobs of one kind that are not finished. */
export interface JobDepth {
  readonly kind: JobKind;
  readonly queuedCount: number;
  readonly runningCount: number;
  /** Since the oldest of those that are queued was made; 0 when none is. */
  readonly oldestQueuedSeconds: number;
}

/** How long the queue is, for every kind of job. */
export async function readJobDepths(dataSource: DataSource): Promise<JobDepth[]> {
  const rows = await dataSource.query<{ kind: string; queued: number; running: number; oldest: number }[]>(
    `SELECT kind, count(*) FILTER (WHERE status = 'QUEUED')::float8 AS queued, count(*) FILTER (WHERE status = 'RUNNING')::float8 AS running,
       coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE status = 'QUEUED')), 0)::float8 AS oldest
     FROM jobs WHERE status IN ('QUEUED', 'RUNNING') GROUP BY kind`,
  );
  return JOB_KINDS.map((kind) => {
    const row = rows.find((each) => each.kind === kind);
    return {
      kind,
      queuedCount: row?.queued ?? 0,
      runningCount: row?.running ?? 0,
      oldestQueuedSeconds: Math.max(0, row?.oldest ?? 0),
    };
  });
}
