import type { DataSource, EntityManager } from 'typeorm';
import type { Logger } from '../../../logger';
import { inTransaction, WakeUp } from '../../database';
import { mergeEncodedCounts } from './count-codec';
import { groupBy } from './group-by';
import { mergeOf, type ProfileGrain, startOf } from './profile-grain.policy';

interface Taken {
  readonly version_id: string;
  readonly start_at: Date;
  /** bigint comes as text. */
  readonly row_count: number | string;
  readonly counts: Buffer;
}

interface Merged {
  readonly versionId: string;
  readonly startAt: Date;
  readonly rowCount: number;
  readonly counts: Buffer;
}

/** Taking so many, of 50 features each, holds the event loop for about 5 ms. */
const ROWS_AT_ONCE = 1000;
const PAUSE_MS = 5000;

/**
 * Merges what the log's writes counted into minutes, old minutes into hours and old hours into days. Rows are deleted and added to their successor in
 * one transaction, so each is counted once, whenever the process dies; of several replicas one merges at a time. What is left lies
 * in rows by time and not by prediction: a version of 50 features needs a few MB for two days of minutes, however many predictions they hold.
 */
export class ProfileRollup {
  private readonly wakeUp = new WakeUp();
  private stopping = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly logger: Logger;
      /** For tests. */
      readonly now?: () => Date;
    },
  ) {}

  /** Merges now and every few seconds. */
  start(): void {
    this.working = this.work();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp.ring();
    await this.working;
  }

  /** Merges all that there is to merge, unless another replica does. */
  async merge(): Promise<void> {
    const now = this.deps.now?.() ?? new Date();
    const steps: readonly ((manager: EntityManager) => Promise<number>)[] = [
      (manager) => mergeDeltas(manager),
      (manager) => mergeGrain(manager, 'MINUTE', now),
      (manager) => mergeGrain(manager, 'HOUR', now),
    ];
    for (const step of steps) while (!this.stopping && (await this.alone(step)) === ROWS_AT_ONCE);
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.merge();
      } catch (err) {
        this.deps.logger.warn({ err }, 'live profiles could not be merged; trying again');
      }
      if (!this.stopping) await this.wakeUp.wait(PAUSE_MS);
    }
  }

  /** @returns how many rows were taken; 0 while another one is at it */
  private alone(step: (manager: EntityManager) => Promise<number>): Promise<number> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const [{ held }] = await manager.query<[{ held: boolean }]>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('mooring:profile-rollup', 0)) AS held`,
      );
      return held ? step(manager) : 0;
    });
  }
}

async function mergeDeltas(manager: EntityManager): Promise<number> {
  const taken = await manager.query<Taken[]>(
    `WITH taken AS (
       DELETE FROM prediction_profile_deltas
       WHERE ctid = ANY (ARRAY(SELECT ctid FROM prediction_profile_deltas LIMIT ${ROWS_AT_ONCE}))
       RETURNING model_version_id, minute, row_count, counts
     ) SELECT model_version_id AS version_id, minute AS start_at, row_count, counts FROM taken`,
  );
  await addTo(manager, 'MINUTE', taken);
  return taken.length;
}

async function mergeGrain(manager: EntityManager, grain: 'MINUTE' | 'HOUR', now: Date): Promise<number> {
  const { into, before } = mergeOf(grain, now);
  const taken = await manager.query<Taken[]>(
    `WITH taken AS (
       DELETE FROM prediction_profiles
       WHERE ctid = ANY (ARRAY(SELECT ctid FROM prediction_profiles WHERE grain = $1 AND start_at < $2 ORDER BY start_at LIMIT ${ROWS_AT_ONCE}))
       RETURNING model_version_id, start_at, row_count, counts
     ) SELECT model_version_id AS version_id, start_at, row_count, counts FROM taken`,
    [grain, before],
  );
  await addTo(manager, into, taken);
  return taken.length;
}

/** Adds rows to those of a grain that hold their time. The lock of the rollup keeps everybody else from them. */
async function addTo(manager: EntityManager, grain: ProfileGrain, taken: readonly Taken[]): Promise<void> {
  if (taken.length === 0) return;
  const keyOf = ({ version_id, start_at }: Taken) => `${version_id} ${startOf(grain, start_at).toISOString()}`;
  const groups = groupBy(taken, keyOf);
  const keys = [...groups.keys()].map((key) => key.split(' '));
  const [versionIds, starts] = [0, 1].map((part) => keys.map((key) => key[part]));
  const there = await manager.query<Taken[]>(
    `SELECT model_version_id AS version_id, start_at, row_count, counts FROM prediction_profiles
     JOIN unnest($2::uuid[], $3::timestamptz[]) AS wanted (id, at) ON model_version_id = id AND start_at = at
     WHERE grain = $1`,
    [grain, versionIds, starts],
  );
  for (const row of there) groups.get(keyOf(row))?.push(row);
  await write(
    manager,
    grain,
    [...groups.values()].map((rows) => mergedRow(grain, rows)),
  );
}

const mergedRow = (grain: ProfileGrain, rows: readonly Taken[]): Merged => ({
  versionId: rows[0].version_id,
  startAt: startOf(grain, rows[0].start_at),
  rowCount: rows.reduce((sum, { row_count }) => sum + Number(row_count), 0),
  counts: mergeEncodedCounts(rows.map(({ counts }) => counts)),
});

async function write(manager: EntityManager, grain: ProfileGrain, rows: readonly Merged[]): Promise<void> {
  await manager.query(
    `INSERT INTO prediction_profiles (grain, model_version_id, start_at, row_count, counts)
     SELECT $1, * FROM unnest($2::uuid[], $3::timestamptz[], $4::bigint[], $5::bytea[])
     ON CONFLICT (model_version_id, grain, start_at) DO UPDATE SET row_count = excluded.row_count, counts = excluded.counts`,
    [
      grain,
      rows.map(({ versionId }) => versionId),
      rows.map(({ startAt }) => startAt),
      rows.map(({ rowCount }) => rowCount),
      rows.map(({ counts }) => counts),
    ],
  );
}
