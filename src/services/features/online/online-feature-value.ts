import type { FeatureStatus, FeatureValue } from '../../../entities';

/** A feature of an entity as it is now. */
export interface OnlineFeatureValue {
  readonly name: string;
  /** null unless the status is PRESENT. */
  readonly value: FeatureValue;
  readonly status: FeatureStatus;
  /** When the value was true; null when nothing was found. */
  readonly eventTimestamp: Date | null;
  /** How long before the reading that was. */
  readonly ageSeconds: number | null;
}
