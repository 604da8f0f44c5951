import type { FeatureValue } from '../rows/feature-value';
import type { LatestPage } from '../offline/offline-store';

/** One entity's row of one version of a view. */
export interface OnlineKey {
  readonly viewVersionId: string;
  /** See entityKeyOf. */
  readonly entityKey: string;
  /** null: never too old. */
  readonly ttlSeconds: number | null;
}

export interface OnlineHit {
  readonly eventTimestamp: Date;
  /** Whether eventTimestamp ≥ at − TTL, both bounds as in the point-in-time join. */
  readonly withinTtl: boolean;
  /** By field. */
  readonly values: Readonly<Record<string, FeatureValue>>;
}

/** Where the newest row of every entity is found fast. */
export interface OnlineStore {
  /**
   * Stores rows that are newer than what is there, by (eventTimestamp, createdTimestamp, ingestSequence): in whatever order rows come, also from
   * two writers at once, the newest stays.
   * @param page one row per entity
   * @returns how many were newer
   */
  write(viewVersionId: string, page: LatestPage): Promise<number>;
  /** One answer per key, in order; null where there is no row. */
  read(keys: readonly OnlineKey[], at: Date): Promise<(OnlineHit | null)[]>;
}
