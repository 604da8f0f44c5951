import type { FeatureValue, OnlineOutcome } from '../../../entities';

/** A row of one entity, offline or online, with what decides which of two is newer. */
export interface VersionedRow {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  readonly ingestSequence: number;
  /** In the order of the view's fields. */
  readonly values: readonly FeatureValue[];
}

/** What is known of one entity; null where there is no such row. */
export interface EntityRows {
  /** The newest row that materialization says is in the online store. */
  readonly covered: VersionedRow | null;
  /** The newest row that was due, and committed, after the online store was read. */
  readonly newest: VersionedRow | null;
  readonly online: VersionedRow | null;
}

export interface Judgement {
  readonly outcome: OnlineOutcome;
  /** The offline row that the online one was held against. */
  readonly offline: VersionedRow | null;
  /** Places of the fields whose values differ. */
  readonly differing: readonly number[];
}

/** Holds what the online store has of an entity against the offline store. */
export function judgeEntity({ covered, newest, online }: EntityRows): Judgement {
  if (!online) return { outcome: covered ? 'MISSING' : 'PENDING', offline: covered ?? newest, differing: [] };
  if (covered && compareAge(online, covered) < 0) return { outcome: 'STALE', offline: covered, differing: [] };
  // Beyond the watermark lies what a run that is under way, or was broken off, has written.
  if (!newest || compareAge(online, newest) > 0) return { outcome: 'UNEXPECTED', offline: newest, differing: [] };
  const same = [newest, covered].find((row) => row && compareAge(online, row) === 0) ?? null;
  if (!same) return { outcome: 'PENDING', offline: newest, differing: [] };
  const differing = same.values.flatMap((value, place) =>
    sameValue(value, online.values[place] ?? null) ? [] : [place],
  );
  if (differing.length > 0) return { outcome: 'DIFFERENT', offline: same, differing };
  return { outcome: same === newest ? 'EQUAL' : 'PENDING', offline: newest, differing };
}

/** By ===, for which 0 and -0 are the same: JSON does not tell them apart. */
const sameValue = (a: FeatureValue, b: FeatureValue): boolean =>
  a instanceof Array && b instanceof Array
    ? a.length === b.length && a.every((element, index) => element === b[index])
    : a === b;

/** Below 0 where a is older than b, by (event, created, ingest sequence); no created is the oldest. */
function compareAge(a: VersionedRow, b: VersionedRow): number {
  return (
    compare(a.eventMicros, b.eventMicros) ||
    compare(a.createdMicros ?? NEVER, b.createdMicros ?? NEVER) ||
    a.ingestSequence - b.ingestSequence
  );
}

/** Before all microseconds that 64 bits hold. */
const NEVER = -(2n ** 64n);

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
