import type { DataSource } from 'typeorm';
import type { FeatureValue } from '../../../entities';
import type { LatestPage } from '../offline/offline-store';
import { formatTimestamp } from '../rows/timestamp-text';
import type { OnlineHit, OnlineKey, OnlineStore, OnlineView, StoredOnlineRow } from './online-store';

/** One row per version of a view and entity, its values as JSON. */
export class PostgresOnlineStore implements OnlineStore {
  constructor(private readonly dataSource: DataSource) {}

  /** It lies beside the watermarks, and is lost with them only. */
  async id(): Promise<string> {
    return 'postgresql';
  }

  async write({ viewVersionId, fields }: OnlineView, page: LatestPage): Promise<number> {
    const jsonOf = (values: readonly FeatureValue[]) =>
      JSON.stringify(Object.fromEntries(fields.map(({ name }, index) => [name, values[index]])));
    // In the order of keys, so that two writers lock rows in one order and never wait for each other in a circle.
    const [row] = await this.dataSource.query<{ written: number }[]>(
      `WITH written AS (
         INSERT INTO online_features AS stored
           (feature_view_version_id, entity_key, event_timestamp, created_timestamp, ingest_sequence, feature_values)
         SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::jsonb[]) AS new (key) ORDER BY key
         ON CONFLICT (feature_view_version_id, entity_key) DO UPDATE SET
           event_timestamp = excluded.event_timestamp, created_timestamp = excluded.created_timestamp,
           ingest_sequence = excluded.ingest_sequence, feature_values = excluded.feature_values
         WHERE (excluded.event_timestamp, coalesce(excluded.created_timestamp, '-infinity'), excluded.ingest_sequence)
             > (stored.event_timestamp, coalesce(stored.created_timestamp, '-infinity'), stored.ingest_sequence)
         RETURNING 1
       ) SELECT count(*)::float8 AS written FROM written`,
      [
        viewVersionId,
        page.entityKeys,
        page.eventMicros.map(formatTimestamp),
        page.createdMicros.map((micros) => (micros === null ? null : formatTimestamp(micros))),
        page.ingestSequences,
        page.values.map(jsonOf),
      ],
    );
    return row.written;
  }

  async erase(viewVersionIds: readonly string[], entityKey: string): Promise<number> {
    const [, erased] = await this.dataSource.query<[unknown[], number]>(
      'DELETE FROM online_features WHERE feature_view_version_id = ANY($1) AND entity_key = $2',
      [viewVersionIds, entityKey],
    );
    return erased;
  }

  async read(keys: readonly OnlineKey[], at: Date): Promise<(OnlineHit | null)[]> {
    const rows = await this.dataSource.query<
      { position: number; eventTimestamp: Date; withinTtl: boolean; values: Record<string, FeatureValue> }[]
    >(
      `SELECT wanted.position::integer - 1 AS position, stored.event_timestamp AS "eventTimestamp", stored.feature_values AS "values",
         wanted.ttl IS NULL OR stored.event_timestamp >= $4::timestamptz - make_interval(secs => wanted.ttl) AS "withinTtl"
       FROM unnest($1::uuid[], $2::text[], $3::float8[]) WITH ORDINALITY AS wanted (version, key, ttl, position)
       JOIN online_features stored ON stored.feature_view_version_id = wanted.version AND stored.entity_key = wanted.key`,
      [
        keys.map(({ view }) => view.viewVersionId),
        keys.map(({ entityKey }) => entityKey),
        keys.map(({ view }) => view.ttlSeconds),
        at,
      ],
    );
    const hits = new Array<OnlineHit | null>(keys.length).fill(null);
    for (const { position, values, ...hit } of rows) {
      const { fields } = keys[position].view;
      hits[position] = { ...hit, values: fields.map(({ name }) => values[name] ?? null) };
    }
    return hits;
  }

  async inspect(
    { viewVersionId, fields }: OnlineView,
    entityKeys: readonly string[],
  ): Promise<(StoredOnlineRow | null)[]> {
    // Exact: extract() answers a numeric, not a double.
    const micros = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`;
    const rows = await this.dataSource.query<
      { key: string; event: string; created: string | null; sequence: number; values: Record<string, FeatureValue> }[]
    >(
      `SELECT entity_key AS key, ${micros('event_timestamp')} AS event, ${micros('created_timestamp')} AS created,
         ingest_sequence::float8 AS sequence, feature_values AS "values"
       FROM online_features WHERE feature_view_version_id = $1 AND entity_key = ANY($2)`,
      [viewVersionId, entityKeys],
    );
    const byKey = new Map(rows.map((row) => [row.key, row]));
    return entityKeys.map((key) => {
      const row = byKey.get(key);
      if (!row) return null;
      return {
        eventMicros: BigInt(row.event),
        createdMicros: row.created === null ? null : BigInt(row.created),
        ingestSequence: row.sequence,
        values: fields.map(({ name }) => row.values[name] ?? null),
      };
    });
  }
}
