import type { DataSource } from 'typeorm';
import { addCounts } from './count-codec';
import { nextMinute, startOf } from './profile-grain.policy';
import type { ProfileLayout } from './profile-layout';

/** What was served in a window, in the slots of the version's layout. */
export interface LiveProfile {
  /** Those of the window, moved outwards to whole minutes, and to whole hours or days where only they are kept. */
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly rowCount: number;
  readonly counts: Float64Array;
}

interface Row {
  readonly window_start: Date;
  readonly window_end: Date;
  /** null where there are none in the window. bigint comes as text. */
  readonly row_count: string | null;
  readonly counts: Buffer | null;
}

/**
 * Adds up what was counted of a version's predictions in [from, to). One statement, hence one snapshot: what is just being merged is
 * seen before or after, and not twice.
 */
export async function readLiveProfile(
  dataSource: DataSource,
  modelVersionId: string,
  layout: ProfileLayout,
  [from, to]: readonly [Date, Date],
): Promise<LiveProfile> {
  const rows = await dataSource.query<Row[]>(
    // An hour or a day that the window cuts takes in the whole of its time, also what came too late to be merged into it.
    `WITH widened AS (
       SELECT least($2::timestamptz, min(start_at)) AS window_start,
         greatest($3::timestamptz, max(start_at + ('1 ' || grain)::interval)) AS window_end
       FROM prediction_profiles
       WHERE model_version_id = $1 AND start_at < $3 AND ((grain = 'HOUR' AND start_at >= $4) OR (grain = 'DAY' AND start_at >= $5))
     ), counted AS (
       SELECT start_at, row_count, counts FROM prediction_profiles, widened
       WHERE model_version_id = $1 AND start_at >= window_start AND start_at < window_end
       UNION ALL
       SELECT minute, row_count, counts FROM prediction_profile_deltas, widened
       WHERE model_version_id = $1 AND minute >= window_start AND minute < window_end
     )
     SELECT window_start, window_end, row_count, counts FROM widened LEFT JOIN counted ON true`,
    [modelVersionId, startOf('MINUTE', from), nextMinute(to), startOf('HOUR', from), startOf('DAY', from)],
  );
  const counts = new Float64Array(layout.slotCount);
  let rowCount = 0;
  for (const row of rows) {
    if (row.counts !== null) addCounts(counts, row.counts);
    rowCount += Number(row.row_count ?? 0);
  }
  return { windowStart: rows[0].window_start, windowEnd: rows[0].window_end, rowCount, counts };
}
