import type { FeatureValue } from '../../../entities';
import type { LatestPage } from '../offline/offline-store';

/** A version of a view, whose fields never change: values are kept in their order. */
export interface OnlineView {
  readonly viewVersionId: string;
  readonly fields: readonly { readonly name: string }[];
  /** null: never too old. */
  readonly ttlSeconds: number | null;
}

/** One entity's row of one version of a view. */
export interface OnlineKey {
  readonly view: OnlineView;
  /** See entityKeyOf. */
  readonly entityKey: string;
}

export interface OnlineHit {
  readonly eventTimestamp: Date;
  /** Whether eventTimestamp ≥ at − TTL, both bounds as in the point-in-time join. */
  readonly withinTtl: boolean;
  /** In the order of the view's fields. */
  readonly values: readonly FeatureValue[];
}

/** A row as it is stored, whatever its age. */
export interface StoredOnlineRow {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  readonly ingestSequence: number;
  /** In the order of the view's fields. */
  readonly values: readonly FeatureValue[];
}

/** Where the newest row of every entity is found fast. */
export interface OnlineStore {
  /**
   * Names the data that is kept here: another store, or one that has lost its data, has another id. Materialization begins anew where it does not
   * know the id.
   */
  id(): Promise<string>;
  /**
   * Stores rows that are newer than what is there, by (eventTimestamp, createdTimestamp, ingestSequence): in whatever order rows come, also from
   * two writers at once, the newest stays.
   * @param page one row per entity
   * @returns how many were newer
   */
  write(view: OnlineView, page: LatestPage): Promise<number>;
  /** Removes an entity from versions of views. @returns in how many it was */
  erase(viewVersionIds: readonly string[], entityKey: string): Promise<number>;
  /** One answer per key, in order; null where there is no row. */
  read(keys: readonly OnlineKey[], at: Date): Promise<(OnlineHit | null)[]>;
  /** The rows of one view as they are, to be compared with others: one answer per key, in order. */
  inspect(view: OnlineView, entityKeys: readonly string[]): Promise<(StoredOnlineRow | null)[]>;
}

/** The one rule for both bounds, to the microsecond. */
export const isWithinTtl = (eventMicros: bigint, ttlSeconds: number | null, atMicros: bigint): boolean =>
  ttlSeconds === null || eventMicros >= atMicros - BigInt(Math.round(ttlSeconds * 1e6));
