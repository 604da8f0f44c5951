import type { DataSource } from 'typeorm';

/** Counting more would take longer than the figure is worth: by then the relay has stood still for long. */
const MOST_COUNTED_EVENTS = 100_000;

export interface RelayLag {
  /** Committed events that no listener can see yet, counted up to MOST_COUNTED_EVENTS. */
  readonly waitingCount: number;
  /** Since the oldest of them was recorded; 0 when none waits. */
  readonly lagSeconds: number;
}

/** How far the relay is behind what was committed. */
export async function readRelayLag(dataSource: DataSource): Promise<RelayLag> {
  const [{ waiting, lag }] = await dataSource.query<[{ waiting: number; lag: number }]>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox_events WHERE sequence IS NULL LIMIT ${MOST_COUNTED_EVENTS}) AS waiting)::float8 AS waiting,
       coalesce((SELECT extract(epoch FROM now() - occurred_at) FROM outbox_events WHERE sequence IS NULL ORDER BY id LIMIT 1), 0)::float8 AS lag`,
  );
  return { waitingCount: waiting, lagSeconds: Math.max(0, lag) };
}
